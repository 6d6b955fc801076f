package tarn.core.stream;

import com.github.luben.zstd.ZstdInputStream;
import com.github.luben.zstd.ZstdOutputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.ledger.Ledger;
import tarn.core.ledger.RawFile;
import tarn.core.ledger.Whereabouts;
import tarn.core.ledger.Whereabouts.Entry;
import tarn.core.storage.Hashes;
import tarn.core.storage.ObjectKey;
import tarn.core.storage.ObjectStore;
import tarn.core.storage.Staging;
import tarn.core.storage.Zone;

/**
 * Puts the events of a stream's segments, which are small and follow the ledger, together into
 * larger files, which follow the events: a folder for each type and day ({@link EventFolder}).
 * Their order stays within a file. The new files are written first; one transaction of the ledger
 * then lists them instead of the segments. Whoever dies before leaves files that nobody lists.
 */
public final class Compaction {
  private static final Logger LOG = LoggerFactory.getLogger(Compaction.class);

  /** So many folders of one compaction have files of their own; the others share some. */
  private static final int MOST_FOLDERS = 200;

  private static final int MOST_SEGMENTS = 2_000;
  private static final int ZSTD_LEVEL = 3;
  private static final int BUFFER = 1 << 16;

  private final StreamRules rules;
  private final Ledger ledger;
  private final Whereabouts whereabouts;
  private final ObjectStore objects;
  private final RawEvents events;
  private final Clock clock;

  public Compaction(
      StreamRules rules, Ledger ledger, Whereabouts whereabouts, ObjectStore objects, Clock clock) {
    this.rules = rules;
    this.ledger = ledger;
    this.whereabouts = whereabouts;
    this.objects = objects;
    this.events = new RawEvents(ledger, objects);
    this.clock = clock;
  }

  /**
   * Compacts segments that are due: older than the interval, or large enough together. Of a stream
   * whose raw is not kept it lets them expire instead, due or not.
   *
   * @param consumed only batches up to this number, which every table has taken
   * @return how many segments; 0 for nothing to do
   * @throws TarnException {@code FILE_DAMAGED} if a segment is not what the ledger says, {@code
   *     CONFLICT} if another was faster: nothing has changed
   */
  public int run(long consumed) {
    List<Entry> segments = portion(whereabouts.segments(rules.stream(), consumed, MOST_SEGMENTS));
    if (segments.isEmpty()) {
      return 0;
    }
    if (rules.raw().keep()) {
      compact(segments);
    } else {
      whereabouts.expire(segments, clock.instant());
    }
    LOG.debug("{}: {} segments of raw are compacted", rules.stream(), segments.size());
    return segments.size();
  }

  /** The first of them, up to a file's size; none if they are not due. */
  private List<Entry> portion(List<Entry> segments) {
    if (segments.isEmpty() || !rules.raw().keep()) {
      return segments;
    }
    long bytes = 0;
    for (int i = 0; i < segments.size(); i++) {
      bytes += segments.get(i).file().bytes();
      if (bytes >= rules.raw().bytes()) {
        return segments.subList(0, i + 1);
      }
    }
    Instant oldest = segments.get(0).landedAt();
    boolean due =
        segments.size() == MOST_SEGMENTS
            || !clock.instant().isBefore(oldest.plus(rules.raw().interval()));
    return due ? segments : List.of();
  }

  private void compact(List<Entry> segments) {
    List<ObjectKey> written = new ArrayList<>();
    try (Staging.Folder staging = new Staging.Folder(objects.stagingDirectory(Zone.RAW))) {
      List<RawFile> files = write(segments, staging.path(), written);
      whereabouts.compact(segments, files, clock.instant());
    } catch (TarnException e) {
      if (e.code() == ErrorCode.CONFLICT) {
        written.forEach(objects::delete); // nobody will ever list them
      }
      throw e;
    } catch (IOException e) {
      throw new TarnException(
          ErrorCode.STORAGE_UNAVAILABLE,
          "events of " + rules.stream() + " cannot be compacted: " + e.getMessage(),
          e);
    }
  }

  private List<RawFile> write(List<Entry> segments, Path staging, List<ObjectKey> written)
      throws IOException {
    List<List<String>> folders = new ArrayList<>();
    for (Entry segment : segments) {
      folders.add(events.folders(segment.file(), segment.seq()));
    }
    Set<String> own = withFilesOfTheirOwn(folders);
    Map<String, Path> plain = new LinkedHashMap<>();
    try (Lines lines = new Lines(staging, plain)) {
      for (int i = 0; i < segments.size(); i++) {
        divide(segments.get(i), folders.get(i), own, lines);
      }
    }
    long last = segments.get(segments.size() - 1).seq();
    List<RawFile> files = new ArrayList<>();
    for (Map.Entry<String, Path> folder : plain.entrySet()) {
      files.add(store(folder.getKey(), folder.getValue(), segments.get(0).seq(), last, written));
    }
    return files;
  }

  private RawFile store(String folder, Path plain, long first, long last, List<ObjectKey> written)
      throws IOException {
    Path packed = plain.resolveSibling(plain.getFileName() + ".zst");
    try (OutputStream out = new ZstdOutputStream(Files.newOutputStream(packed), ZSTD_LEVEL)) {
      Files.copy(plain, out);
    }
    Files.delete(plain);
    String name = RawFile.nameOfBatch(last, UUID.randomUUID() + ".json.zst");
    ObjectKey key =
        new ObjectKey(
            Zone.RAW, String.join("/", Delivery.FOLDER, rules.stream().value(), folder, name));
    Hashes.Summed summed = Hashes.of(packed);
    objects.put(key, packed);
    written.add(key);
    return new RawFile(
        key,
        folder,
        name,
        summed.bytes(),
        summed.sha256(),
        clock.instant(),
        RawFile.State.STORED,
        RawFile.Role.EVENTS,
        first);
  }

  // ---- reading segments ----

  /** The folders with the most events. */
  private static Set<String> withFilesOfTheirOwn(List<List<String>> folders) {
    Map<String, Long> counts = new HashMap<>();
    folders.forEach(of -> of.forEach(folder -> counts.merge(folder, 1L, Long::sum)));
    return new HashSet<>(
        counts.entrySet().stream()
            .sorted(
                Map.Entry.<String, Long>comparingByValue(Comparator.reverseOrder())
                    .thenComparing(Map.Entry.comparingByKey()))
            .limit(MOST_FOLDERS)
            .map(Map.Entry::getKey)
            .toList());
  }

  private void divide(Entry segment, List<String> folders, Set<String> own, Lines to)
      throws IOException {
    RawFile file = segment.file();
    MessageDigest sha256 = Hashes.sha256();
    int line = 0;
    try (InputStream stored = new DigestInputStream(objects.read(file.key()), sha256);
        InputStream in = new ZstdInputStream(stored)) {
      byte[] buffer = new byte[BUFFER];
      boolean within = false;
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        int from = 0;
        for (int i = 0; i < n; i++) {
          if (buffer[i] == '\n') {
            to.write(folder(folders, line, own, file), buffer, from, i + 1 - from);
            from = i + 1;
            line++;
          }
        }
        within = from < n;
        if (within) {
          to.write(folder(folders, line, own, file), buffer, from, n - from);
        }
      }
      stored.transferTo(OutputStream.nullOutputStream());
    } catch (IOException e) {
      throw RawEvents.damaged(file, String.valueOf(e.getMessage()), e);
    }
    if (line != folders.size()) {
      throw RawEvents.damaged(
          file, "it has " + line + " events for " + folders.size() + " ids", null);
    } else if (!HexFormat.of().formatHex(sha256.digest()).equals(file.sha256())) {
      throw RawEvents.damaged(file, "it has other bytes than those that landed", null);
    }
  }

  private static String folder(List<String> folders, int line, Set<String> own, RawFile file) {
    if (line >= folders.size()) {
      throw RawEvents.damaged(file, "it has more events than ids", null);
    }
    String folder = folders.get(line);
    return own.contains(folder) ? folder : EventFolder.other(folder);
  }

  /** Lines on their way into a file for each folder. */
  private static final class Lines implements AutoCloseable {
    private final Path staging;
    private final Map<String, Path> files;
    private final Map<String, OutputStream> open = new HashMap<>();

    Lines(Path staging, Map<String, Path> files) {
      this.staging = staging;
      this.files = files;
    }

    void write(String folder, byte[] bytes, int from, int length) throws IOException {
      OutputStream out = open.get(folder);
      if (out == null) {
        Path file = staging.resolve(String.format(Locale.ROOT, "%04d", files.size()));
        out = new BufferedOutputStream(Files.newOutputStream(file), BUFFER);
        files.put(folder, file);
        open.put(folder, out);
      }
      out.write(bytes, from, length);
    }

    @Override
    public void close() throws IOException {
      for (OutputStream out : open.values()) {
        out.close();
      }
    }
  }
}
