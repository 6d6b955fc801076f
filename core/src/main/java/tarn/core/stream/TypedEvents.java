package tarn.core.stream;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.ledger.Ledger;
import tarn.core.ledger.RawFile;
import tarn.core.ledger.Spans;
import tarn.core.ledger.Whereabouts.Span;
import tarn.core.storage.ObjectStore;

/**
 * The events of one type in a stream's raw files. An event is of the type under which it was filed
 * when it was delivered: by the folder of its file, or, in a segment, by what is noted beside its
 * id. Where that does not tell (a folder that several types share, a time before the stream had a
 * type), the event's own fields do, those that the definition names now.
 */
public final class TypedEvents {
  private final StreamRules rules;
  private final EventType type;
  private final RawEvents events;

  /**
   * @throws TarnException {@code BAD_REQUEST} if the stream's events have no type, or no subtype
   */
  public TypedEvents(StreamRules rules, EventType type, Ledger ledger, ObjectStore objects) {
    StreamRules.Fields fields = rules.fields();
    if (fields.type().isEmpty()) {
      throw lacks(rules, "type");
    } else if (type.subtype().isPresent() && fields.subtype().isEmpty()) {
      throw lacks(rules, "subtype");
    }
    this.rules = rules;
    this.type = type;
    this.events = new RawEvents(ledger, objects);
  }

  private static TarnException lacks(StreamRules rules, String what) {
    return new TarnException(
        ErrorCode.BAD_REQUEST,
        "events of the stream "
            + rules.stream()
            + " have no "
            + what
            + ": write '"
            + what
            + ": FIELD' in streams/"
            + rules.stream()
            + ".yaml, or leave out --"
            + what);
  }

  /**
   * Files that may have events of the type.
   *
   * @param batches those that may have some, and, where they are many, some between them
   */
  public record Found(List<RawEvents.Held> held, Spans batches) {
    /** The files alone, and their sizes. */
    public RawEvents.Files files() {
      return new RawEvents.Files(
          held.stream().map(RawEvents.Held::file).toList(),
          held.stream().mapToLong(h -> h.file().bytes()).sum());
    }

    /** Those of some batches. */
    public List<RawEvents.Held> in(Spans some) {
      return held.stream().filter(h -> some.has(h.batches().last())).toList();
    }
  }

  /** Looks for them in the files of a span of batches; of these only those of ids are read. */
  public Found find(Span span) {
    List<RawEvents.Held> files = new ArrayList<>();
    Map<Span, Boolean> batches = new LinkedHashMap<>();
    for (RawEvents.Held held : events.held(rules.stream(), span)) {
      boolean here = mayHave(held);
      batches.merge(held.batches(), here, Boolean::logicalOr);
      if (here) {
        files.add(held);
      }
    }
    return new Found(files, together(batches));
  }

  /** Spans of those that have some, one for all between which none without lies. */
  private static Spans together(Map<Span, Boolean> batches) {
    List<Span> spans = new ArrayList<>();
    boolean before = false;
    for (Map.Entry<Span, Boolean> batch : batches.entrySet()) {
      if (batch.getValue()) {
        Span last = before ? spans.remove(spans.size() - 1) : batch.getKey();
        spans.add(
            new Span(
                Math.min(last.first(), batch.getKey().first()),
                Math.max(last.last(), batch.getKey().last())));
      }
      before = batch.getValue();
    }
    return new Spans(spans);
  }

  private boolean mayHave(RawEvents.Held held) {
    return held.file().isCompacted()
        ? type.of(held.file().folder()) != EventType.Match.NONE
        : Set.copyOf(events.folders(held.file(), held.batches().last())).stream()
            .anyMatch(folder -> type.of(folder) != EventType.Match.NONE);
  }

  /** How many events of the type a file has; it is read. */
  public long count(RawEvents.Held held) {
    long[] count = new long[1];
    read(held, some -> count[0] += some.size());
    return count[0];
  }

  /**
   * Reads a file's events of the type, some at a time.
   *
   * @throws TarnException {@code FILE_DAMAGED} if it cannot be read, {@code FILE_ARCHIVED} if it is
   *     not in raw any more
   */
  public void read(RawEvents.Held held, Consumer<List<byte[]>> to) {
    RawFile file = RawEvents.stored(rules.stream(), held.file());
    IntFunction<String> folders =
        file.isCompacted()
            ? line -> file.folder()
            : ofLines(file, events.folders(file, held.batches().last()));
    Map<String, EventType.Match> known = new HashMap<>();
    int[] line = new int[1];
    events.read(
        file,
        some -> {
          List<byte[]> mine = new ArrayList<>();
          for (byte[] event : some) {
            String folder = folders.apply(line[0]++);
            EventType.Match match = known.computeIfAbsent(folder, type::of);
            if (match == EventType.Match.ALL
                || (match == EventType.Match.SOME && saysSo(file, event))) {
              mine.add(event);
            }
          }
          if (!mine.isEmpty()) {
            to.accept(mine);
          }
        });
  }

  private static IntFunction<String> ofLines(RawFile file, List<String> folders) {
    return line -> {
      if (line >= folders.size()) {
        throw RawEvents.damaged(file, "it has more events than ids", null);
      }
      return folders.get(line);
    };
  }

  // ---- what an event says ----

  private boolean saysSo(RawFile file, byte[] event) {
    return value(file, event, rules.fields().type()).equals(type.type())
        && type.subtype().map(value(file, event, rules.fields().subtype())::equals).orElse(true);
  }

  /** A field as text; as its folder has it if it is missing or empty. */
  private static String value(RawFile file, byte[] event, List<String> path) {
    try {
      return JsonField.text(event, path)
          .filter(text -> !text.isEmpty())
          .orElse(EventFolder.MISSING);
    } catch (IOException e) {
      throw RawEvents.damaged(file, String.valueOf(e.getMessage()), e);
    }
  }
}
