package tarn.core.stream;

import com.github.luben.zstd.ZstdOutputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.UUID;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.event.LogRecord;
import tarn.core.ledger.Batch;
import tarn.core.ledger.EventCounts;
import tarn.core.ledger.LandOutcome;
import tarn.core.ledger.Landing;
import tarn.core.ledger.Ledger;
import tarn.core.ledger.Offset;
import tarn.core.ledger.RawFile;
import tarn.core.storage.Hashes;
import tarn.core.storage.ObjectKey;
import tarn.core.storage.ObjectStore;
import tarn.core.storage.Staging;
import tarn.core.storage.Zone;

/**
 * Hop 1 for events: takes records from the log into the ledger, each id once. What was read, what
 * became of it and how far the log is read are one transaction of the ledger; after any doubt
 * {@link #begin} asks the ledger. For use by one thread.
 */
public final class Delivery {
  /** Where streams have their files, in the raw zone. */
  public static final String FOLDER = "streams";

  /** Offsets of a stream, beside those of files that were uploaded under the same name. */
  public static final String PARTITION = "events";

  private static final String KIND = "events";
  private static final int ZSTD_LEVEL = 1;
  private static final int PAGE = 1_000;
  private static final int MOST_READERS = 4;

  /** Fewer records are not worth a second thread. */
  private static final int LEAST_TO_SHARE = 1_000;

  private static final DateTimeFormatter DAY =
      DateTimeFormatter.ofPattern("yyyy/MM/dd").withZone(ZoneOffset.UTC);

  private final StreamRules rules;
  private final Ledger ledger;
  private final ObjectStore objects;
  private final IdIndex index;
  private final Clock clock;
  private final List<EventReader> readers;
  private Offset offset = Offset.START;

  public Delivery(
      StreamRules rules, Ledger ledger, ObjectStore objects, IdIndex index, Clock clock) {
    this.rules = rules;
    this.ledger = ledger;
    this.objects = objects;
    this.index = index;
    this.clock = clock;
    this.readers =
        IntStream.range(0, Math.min(MOST_READERS, Runtime.getRuntime().availableProcessors()))
            .mapToObj(i -> new EventReader(rules))
            .toList();
  }

  /**
   * Becomes the only owner of the stream, and brings the index up to the ledger.
   *
   * @return where to read on, by shard
   * @throws TarnException {@code FILE_DAMAGED} if the index cannot be continued: delete it
   */
  public SortedMap<Integer, Long> begin() {
    offset = ledger.takeOver(rules.stream(), PARTITION);
    catchUp();
    return StreamOffsets.parse(offset.value());
  }

  /**
   * Delivers records, those of each shard as they follow each other in the log.
   *
   * @throws TarnException {@code FENCED} if another owner took over; after any other failure {@link
   *     #begin} again
   */
  public EventCounts deliver(List<LogRecord> records) {
    SortedMap<Integer, Long> next = StreamOffsets.parse(offset.value());
    records.forEach(record -> next.put(record.shard(), record.offset() + 1));
    Sorted sorted = new Sorted();
    sort(records, sorted, (ids, of) -> index.find(ids));
    return land(sorted, next, Optional.empty());
  }

  private EventCounts land(
      Sorted sorted, SortedMap<Integer, Long> next, Optional<Landing.Redriven> redriven) {
    try (Staging.Folder staging = new Staging.Folder(objects.stagingDirectory(Zone.RAW))) {
      LandOutcome outcome = ledger.land(landing(sorted, next, staging.path(), redriven));
      if (outcome instanceof LandOutcome.Fenced) {
        throw new TarnException(
            ErrorCode.FENCED, "another server delivers the stream " + rules.stream() + " now");
      } else if (outcome instanceof LandOutcome.Stale) {
        throw new TarnException(
            ErrorCode.CONFLICT, "the offsets of " + rules.stream() + " were moved by another");
      }
      offset = new Offset(StreamOffsets.text(next), offset.epoch());
      if (outcome instanceof LandOutcome.Landed landed) {
        index.add(landed.batch().seq(), sorted.ids);
      }
      return sorted.counts();
    } catch (IOException e) {
      throw new TarnException(
          ErrorCode.STORAGE_UNAVAILABLE,
          "events of " + rules.stream() + " cannot be staged: " + e.getMessage(),
          e);
    }
  }

  // ---- redriving ----

  /**
   * Takes the dead letters of a batch again, with the rules as they are now. Those that are taken
   * this time are a new batch; the others stay dead letters, with the reasons of now. Each letter
   * counts once, whatever is known of it by then; nothing is done twice.
   *
   * @return how the stream's counts have changed
   */
  public EventCounts redrive(long seq, RawFile dead) {
    List<DeadLetter> letters = new DeadLetters(ledger, objects).read(dead);
    long conflicts =
        letters.stream().filter(l -> l.reason().startsWith(DeadLetter.CONFLICT)).count();
    Sorted sorted = new Sorted();
    sort(letters.stream().map(DeadLetter::record).toList(), sorted, this::findOld);
    sorted.received -= letters.size();
    sorted.conflict -= conflicts;
    sorted.rejected -= letters.size() - conflicts;
    boolean same =
        sorted.counts().equals(EventCounts.NONE)
            && sorted.dead.stream()
                .map(DeadLetter::reason)
                .toList()
                .equals(letters.stream().map(DeadLetter::reason).toList());
    if (same) {
      return EventCounts.NONE;
    }
    return land(
        sorted, StreamOffsets.parse(offset.value()), Optional.of(new Landing.Redriven(seq, dead)));
  }

  /** What is known of ids, also of those that the index has forgotten. */
  private List<IdIndex.@Nullable Seen> findOld(List<byte[]> ids, List<LogRecord> records) {
    List<IdIndex.@Nullable Seen> found = new ArrayList<>(index.find(ids));
    Map<ByteBuffer, Instant> wanted = new HashMap<>();
    for (int i = 0; i < ids.size(); i++) {
      if (found.get(i) == null) {
        wanted.merge(
            ByteBuffer.wrap(ids.get(i)),
            records.get(i).arrived().minus(rules.window()),
            (a, b) -> a.isBefore(b) ? a : b);
      }
    }
    if (wanted.isEmpty()) {
      return found;
    }
    Map<ByteBuffer, IdIndex.Seen> old = new HashMap<>();
    Instant oldest = wanted.values().stream().min(Instant::compareTo).orElseThrow();
    for (Batch batch : batches(0)) {
      if (!batch.landedAt().isBefore(oldest)) {
        for (RawFile file : ledger.files(batch.seq(), RawFile.Role.IDS)) {
          for (IdIndex.Entry entry : ids(file)) {
            ByteBuffer id = ByteBuffer.wrap(entry.id());
            Instant since = wanted.get(id);
            if (since != null && entry.seen().arrived().isAfter(since)) {
              old.putIfAbsent(id, entry.seen());
            }
          }
        }
      }
    }
    for (int i = 0; i < ids.size(); i++) {
      if (found.get(i) == null) {
        found.set(i, old.get(ByteBuffer.wrap(ids.get(i))));
      }
    }
    return found;
  }

  // ---- what becomes of records ----

  /** Looks up ids of records. */
  private interface Lookup {
    List<IdIndex.@Nullable Seen> find(List<byte[]> ids, List<LogRecord> records);
  }

  /** Records, by what becomes of them. */
  private static final class Sorted {
    private final List<byte[]> events = new ArrayList<>();
    private final List<IdIndex.Entry> ids = new ArrayList<>();
    private final List<String> folders = new ArrayList<>();
    private final List<DeadLetter> dead = new ArrayList<>();
    private long received;
    private long duplicate;
    private long conflict;
    private long rejected;

    EventCounts counts() {
      return new EventCounts(received, events.size(), duplicate, conflict, rejected);
    }
  }

  private void sort(List<LogRecord> records, Sorted sorted, Lookup lookup) {
    List<LogRecord> good = new ArrayList<>();
    List<EventReader.Read.Good> read = new ArrayList<>();
    EventReader.Read[] reads = read(records);
    for (int i = 0; i < reads.length; i++) {
      LogRecord record = records.get(i);
      EventReader.Read what = reads[i];
      sorted.received++;
      if (what instanceof EventReader.Read.Good event) {
        good.add(record);
        read.add(event);
      } else if (what instanceof EventReader.Read.Bad bad) {
        sorted.rejected++;
        sorted.dead.add(new DeadLetter(record, bad.reason()));
      }
    }
    List<IdIndex.@Nullable Seen> known = lookup.find(read.stream().map(e -> e.id()).toList(), good);
    Map<ByteBuffer, IdIndex.Seen> inBatch = new HashMap<>();
    for (int i = 0; i < good.size(); i++) {
      LogRecord record = good.get(i);
      EventReader.Read.Good event = read.get(i);
      ByteBuffer id = ByteBuffer.wrap(event.id());
      IdIndex.Seen seen = inBatch.getOrDefault(id, known.get(i));
      if (seen == null || !isKnown(seen, record)) {
        IdIndex.Seen now = new IdIndex.Seen(record.arrived(), event.payload());
        inBatch.put(id, now);
        sorted.ids.add(new IdIndex.Entry(event.id(), now));
        sorted.folders.add(event.folder());
        sorted.events.add(record.bytes());
      } else if (seen.is(event.payload())) {
        sorted.duplicate++;
      } else {
        sorted.conflict++;
        if (rules.keepConflicts()) {
          sorted.dead.add(
              new DeadLetter(
                  record,
                  DeadLetter.CONFLICT
                      + "an event with this id and other content arrived at "
                      + seen.arrived()));
        }
      }
    }
  }

  /** Each reader reads a part of the records, on a processor of its own if there is one. */
  private EventReader.Read[] read(List<LogRecord> records) {
    EventReader.Read[] reads = new EventReader.Read[records.size()];
    int part = Math.max(LEAST_TO_SHARE, (records.size() + readers.size() - 1) / readers.size());
    IntStream.range(0, readers.size())
        .parallel()
        .forEach(
            r -> {
              for (int i = r * part; i < Math.min(reads.length, (r + 1) * part); i++) {
                reads[i] = readers.get(r).read(records.get(i));
              }
            });
    return reads;
  }

  /** Arrival decides, not the time of delivery: so that it is the same whenever it is decided. */
  private boolean isKnown(IdIndex.Seen seen, LogRecord record) {
    return record.arrived().isBefore(seen.arrived().plus(rules.window()));
  }

  // ---- files ----

  private Landing landing(
      Sorted sorted,
      SortedMap<Integer, Long> next,
      Path staging,
      Optional<Landing.Redriven> redriven)
      throws IOException {
    Instant now = clock.instant();
    String name = UUID.randomUUID().toString();
    List<RawFile> files = new ArrayList<>();
    if (!sorted.events.isEmpty()) {
      Path segment = staging.resolve("events");
      write(segment, sorted.events);
      files.add(put(segment, now, "_segments", name + ".json.zst", RawFile.Role.EVENTS));
      Path ids = staging.resolve("ids");
      IdFile.write(ids, sorted.ids, sorted.folders);
      files.add(put(ids, now, "_ids", name + ".ids", RawFile.Role.IDS));
    }
    if (!sorted.dead.isEmpty()) {
      Path dead = staging.resolve("dead");
      DeadLetter.write(dead, sorted.dead);
      files.add(put(dead, now, "_dead", name + ".json", RawFile.Role.DEAD));
    }
    return new Landing(
        rules.stream(),
        KIND,
        PARTITION,
        offset,
        StreamOffsets.text(next),
        files,
        now,
        Optional.of(sorted.counts()),
        redriven);
  }

  /** Folders that begin with an underscore are passed over by other tools: they hold the works. */
  private RawFile put(Path file, Instant now, String folder, String name, RawFile.Role role)
      throws IOException {
    Hashes.Summed summed = Hashes.of(file);
    ObjectKey key =
        new ObjectKey(
            Zone.RAW,
            String.join("/", FOLDER, rules.stream().value(), folder, DAY.format(now), name));
    objects.put(key, file);
    return new RawFile(key, name, summed.bytes(), summed.sha256(), now, role);
  }

  /**
   * One event a line: line ends outside of texts mean nothing in JSON, and inside there are none.
   */
  private static void write(Path file, List<byte[]> events) throws IOException {
    try (OutputStream out =
        new BufferedOutputStream(
            new ZstdOutputStream(Files.newOutputStream(file), ZSTD_LEVEL), 1 << 16)) {
      for (byte[] event : events) {
        for (int i = 0; i < event.length; i++) {
          if (event[i] == '\n' || event[i] == '\r') {
            event[i] = ' ';
          }
        }
        out.write(event);
        out.write('\n');
      }
    }
  }

  // ---- the index ----

  private void catchUp() {
    long upTo = index.upTo();
    if (upTo > 0 && !isOurs(upTo)) {
      throw new TarnException(
          ErrorCode.FILE_DAMAGED,
          "the index of " + rules.stream() + " is of another ledger: it has batch " + upTo);
    }
    List<Batch> missing = batches(upTo);
    if (missing.isEmpty()) {
      return;
    }
    Instant oldest =
        missing.get(missing.size() - 1).landedAt().minus(rules.window()).minus(rules.retention());
    for (Batch batch : missing) {
      List<IdIndex.Entry> entries = new ArrayList<>();
      if (!batch.landedAt().isBefore(oldest)) {
        for (RawFile file : ledger.files(batch.seq(), RawFile.Role.IDS)) {
          entries.addAll(ids(file));
        }
      }
      index.add(batch.seq(), entries);
    }
  }

  private boolean isOurs(long seq) {
    List<Batch> found = ledger.batches(Set.of(rules.stream()), seq - 1, 1);
    return !found.isEmpty() && found.get(0).seq() == seq && found.get(0).kind().equals(KIND);
  }

  private List<Batch> batches(long after) {
    List<Batch> all = new ArrayList<>();
    long from = after;
    while (true) {
      List<Batch> page = ledger.batches(Set.of(rules.stream()), from, PAGE);
      page.stream().filter(batch -> batch.kind().equals(KIND)).forEach(all::add);
      if (page.size() < PAGE) {
        return all;
      }
      from = page.get(page.size() - 1).seq();
    }
  }

  private List<IdIndex.Entry> ids(RawFile file) {
    try (InputStream in = objects.read(file.key())) {
      return IdFile.read(in).entries();
    } catch (IOException e) {
      throw new TarnException(
          ErrorCode.FILE_DAMAGED, file.key() + " cannot be read: " + e.getMessage(), e);
    }
  }
}
