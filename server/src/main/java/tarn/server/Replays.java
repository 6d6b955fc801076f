package tarn.server;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import tarn.api.PutAnswer;
import tarn.api.ReplayAnswer;
import tarn.api.ReplayRequest;
import tarn.core.catalog.DatasetName;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.ingest.Replay;
import tarn.core.ingest.TableLoader;
import tarn.core.lake.LakeDefinition;
import tarn.core.lake.TableDefinition;
import tarn.core.ledger.Batch;
import tarn.core.ledger.Ledger;
import tarn.core.ledger.SourceName;
import tarn.core.ledger.Spans;
import tarn.core.ledger.Whereabouts;
import tarn.core.ledger.Whereabouts.Span;
import tarn.core.observe.Progress;
import tarn.core.storage.ObjectStore;
import tarn.core.stream.EventType;
import tarn.core.stream.RawEvents;
import tarn.core.stream.StreamRules;
import tarn.core.stream.TypedEvents;

/** {@code replay}: which batches and tables are meant, and what became of each. */
final class Replays {
  private static final int PAGE = 1_000;
  private static final int ATTEMPTS = 5;

  private final Ledger ledger;
  private final Whereabouts whereabouts;
  private final ObjectStore objects;
  private final RawEvents events;
  private final Replay replay;

  Replays(Ledger ledger, Whereabouts whereabouts, ObjectStore objects, Replay replay) {
    this.ledger = ledger;
    this.whereabouts = whereabouts;
    this.objects = objects;
    this.events = new RawEvents(ledger, objects);
    this.replay = replay;
  }

  /** Puts events into a stream. */
  interface Putting {
    PutAnswer put(SourceName stream, List<byte[]> events);
  }

  /**
   * Puts the events of a stream that lie in raw into another one, whose ids and window decide what
   * is new there: so it may be repeated.
   */
  ReplayAnswer into(
      LakeDefinition lake, ReplayRequest request, Putting streams, Progress progress) {
    SourceName stream = known(lake, request.stream());
    SourceName into = known(lake, request.into());
    if (into.equals(stream)) {
      throw new TarnException(
          ErrorCode.BAD_REQUEST,
          "events are put into another stream: who reads "
              + stream
              + " goes back in it (`datalake stream tail --from`), and tables are replayed without it");
    } else if (!request.tables().isEmpty()) {
      throw new TarnException(ErrorCode.BAD_REQUEST, "name tables or a stream, not both");
    }
    Optional<TypedEvents> typed = typed(lake, stream, request);
    Span span = span(stream, TimeSpan.of(request.from(), request.to()));
    Span whole = span.last() == 0 ? span : whereabouts.whole(stream, span);
    long[] counts = new long[2];
    Consumer<List<byte[]>> putting =
        some -> {
          progress.report("replay", into.value(), counts[0], -1, "events");
          counts[0] += some.size();
          counts[1] += request.dryRun() ? 0 : putAll(streams, into, some);
        };
    RawEvents.Files files = new RawEvents.Files(List.of(), 0);
    if (span.last() > 0 && typed.isPresent()) {
      TypedEvents.Found found = typed.get().find(whole);
      files = found.files();
      found.held().forEach(held -> typed.get().read(held, putting));
    } else if (span.last() > 0) {
      files = events.files(stream, whole);
      if (!request.dryRun()) {
        files.files().forEach(file -> events.read(file, putting));
      }
    }
    return new ReplayAnswer(
        stream.value(),
        List.of(
            new ReplayAnswer.Table(
                into.value(),
                files.files().isEmpty() ? "nothing" : "events",
                span.first(),
                span.last(),
                files.files().size(),
                files.bytes(),
                typed.isEmpty() ? null : counts[0],
                request.dryRun() ? 0 : counts[0],
                counts[1],
                0,
                null,
                "",
                false)));
  }

  /** All of them: what the log did not take is put again. */
  private static long putAll(Putting streams, SourceName into, List<byte[]> some) {
    List<byte[]> left = some;
    for (int attempt = 0; attempt < ATTEMPTS && !left.isEmpty(); attempt++) {
      List<byte[]> failed = new ArrayList<>();
      List<PutAnswer.Result> results = streams.put(into, left).results();
      for (int i = 0; i < results.size(); i++) {
        if (results.get(i).error() != null) {
          failed.add(left.get(i));
        }
      }
      left = failed;
    }
    if (!left.isEmpty()) {
      throw new TarnException(
          ErrorCode.LOG_UNAVAILABLE,
          left.size() + " events were not taken by the log of " + into + ": replay again");
    }
    return some.size();
  }

  /** What looks for events of the type that is asked for, if one is. */
  private Optional<TypedEvents> typed(
      LakeDefinition lake, SourceName stream, ReplayRequest request) {
    if (request.type().isEmpty()) {
      if (!request.subtype().isEmpty()) {
        throw new TarnException(
            ErrorCode.BAD_REQUEST, "a subtype is one of a type: name that, too, with --type");
      }
      return Optional.empty();
    }
    EventType type =
        new EventType(
            request.type(), Optional.of(request.subtype()).filter(Predicate.not(String::isEmpty)));
    return lake.streams().stream()
        .filter(s -> s.stream().equals(stream.value()))
        .findFirst()
        .map(s -> new TypedEvents(StreamRules.of(s), type, ledger, objects));
  }

  private static SourceName known(LakeDefinition lake, String stream) {
    if (lake.streams().stream().noneMatch(s -> s.stream().equals(stream))) {
      throw new TarnException(
          ErrorCode.NOT_FOUND,
          "there is no stream '" + stream + "'; `datalake stream list` lists those there are");
    }
    return new SourceName(stream);
  }

  /** Replays into every table that is meant; one that fails holds up no other. */
  ReplayAnswer run(LakeDefinition lake, ReplayRequest request, Progress progress) {
    SourceName stream = known(lake, request.stream());
    List<TableDefinition> meant = tables(lake, stream, request.tables());
    TimeSpan time = TimeSpan.of(request.from(), request.to());
    Span span = span(stream, time);
    Optional<TypedEvents> typed = typed(lake, stream, request);
    Meant batches =
        span.last() == 0
            ? new Meant(Spans.NONE, typed, Optional.empty())
            : meant(stream, typed, span);
    List<ReplayAnswer.Table> done = new ArrayList<>();
    for (TableDefinition table : meant) {
      progress.report("replay", table.table(), done.size(), meant.size(), "tables");
      done.add(table(table, batches, request.dryRun(), progress));
    }
    return new ReplayAnswer(stream.value(), done);
  }

  private static List<TableDefinition> tables(
      LakeDefinition lake, SourceName stream, List<String> wanted) {
    List<TableDefinition> all =
        lake.tables().stream()
            .filter(t -> DatasetName.of(stream, "").equals(TableLoader.from(t)))
            .filter(t -> wanted.isEmpty() || wanted.contains(t.table()))
            .toList();
    for (String name : wanted) {
      if (all.stream().noneMatch(t -> t.table().equals(name))) {
        throw new TarnException(
            ErrorCode.NOT_FOUND, name + " is not a table that is made of the stream " + stream);
      }
    }
    if (all.isEmpty()) {
      throw new TarnException(
          ErrorCode.NOT_FOUND,
          "no table is made of the stream "
              + stream
              + ": write tables/"
              + stream
              + ".yaml with 'from: "
              + stream
              + "'");
    }
    return all;
  }

  /**
   * The batches that a replay of tables is about.
   *
   * @param typed what reads the events of the type that is asked for; empty if none is
   * @param found the files that may have some of them
   */
  private record Meant(
      Spans batches, Optional<TypedEvents> typed, Optional<TypedEvents.Found> found) {

    /** How many events of the type some batches have; null if no type is asked for. */
    @Nullable Long count(Spans some) {
      return typed
          .map(t -> found.stream().flatMap(f -> f.in(some).stream()).mapToLong(t::count).sum())
          .orElse(null);
    }
  }

  private Meant meant(SourceName stream, Optional<TypedEvents> typed, Span span) {
    Optional<TypedEvents.Found> found = typed.map(t -> t.find(whereabouts.whole(stream, span)));
    return new Meant(found.map(TypedEvents.Found::batches).orElse(Spans.of(span)), typed, found);
  }

  private ReplayAnswer.Table table(
      TableDefinition table, Meant meant, boolean dryRun, Progress progress) {
    try {
      Replay.Plan plan = replay.plan(table, meant.batches());
      Long ofType = meant.count(plan.files() == 0 ? Spans.NONE : plan.batches());
      TableLoader.Report report =
          dryRun || plan.files() == 0 ? null : replay.run(table, meant.batches(), progress);
      String how = plan.files() == 0 ? "nothing" : plan.anew().isEmpty() ? "batches" : "anew";
      List<String> messages = new ArrayList<>();
      if (!plan.anew().isEmpty()) {
        messages.add("made anew: " + plan.anew());
      } else if (ofType != null && plan.files() > 0) {
        messages.add("all events of these batches are replayed: " + plan.batches());
      }
      if (report != null) {
        messages.addAll(report.warnings());
      }
      return new ReplayAnswer.Table(
          table.table(),
          how,
          plan.batches().first(),
          plan.batches().last(),
          plan.files(),
          plan.bytes(),
          ofType,
          report == null ? 0 : report.read(),
          report == null ? 0 : report.stored(),
          report == null ? 0 : report.quarantined(),
          report == null ? null : report.snapshot(),
          String.join("; ", messages),
          false);
    } catch (TarnException e) {
      if (e.code() == ErrorCode.CANCELLED) {
        throw e;
      }
      Spans asked = meant.batches();
      return new ReplayAnswer.Table(
          table.table(),
          "nothing",
          asked.first(),
          asked.last(),
          0,
          0,
          null,
          0,
          0,
          0,
          null,
          e.line(),
          true);
    }
  }

  /** The batches that landed in a span of time; empty, from 1 to 0, if none did. */
  private Span span(SourceName stream, TimeSpan time) {
    long first = 0;
    long last = 0;
    long after = 0;
    while (true) {
      List<Batch> page = ledger.batches(Set.of(stream), after, PAGE);
      for (Batch batch : page) {
        after = batch.seq();
        if (time.has(batch.landedAt())) {
          first = first == 0 ? batch.seq() : first;
          last = batch.seq();
        }
      }
      if (page.size() < PAGE) {
        return first == 0 ? new Span(1, 0) : new Span(first, last);
      }
    }
  }
}
