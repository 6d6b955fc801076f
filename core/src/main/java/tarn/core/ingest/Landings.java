package tarn.core.ingest;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.ledger.LandOutcome;
import tarn.core.ledger.Landing;
import tarn.core.ledger.Ledger;
import tarn.core.ledger.Offset;
import tarn.core.ledger.RawFile;
import tarn.core.ledger.SourceName;
import tarn.core.storage.Hashes;
import tarn.core.storage.ObjectInfo;
import tarn.core.storage.ObjectKey;
import tarn.core.storage.ObjectStore;
import tarn.core.storage.Staging;
import tarn.core.storage.Zone;

/**
 * Hop 1 for files. A file's object has its content's hash in its name, {@code
 * landing/orders/2025-<hash>.csv}, so that no name ever has two contents; it exists for the lake
 * when the ledger lists it. Dying between the two leaves an unlisted object, which the next look at
 * the landing folder enters.
 */
public final class Landings {
  /** Where sources land, in the raw zone. */
  public static final String FOLDER = "landing";

  private static final String KIND = "files";
  private static final String PARTITION = "";
  private static final int HASH_DIGITS = 16;
  private static final int MAX_ATTEMPTS = 1_000;
  private static final int MAX_FILES_IN_BATCH = 1_000;
  private static final Pattern UNFINISHED =
      Pattern.compile("(^[._].*)|(.*(\\.tmp|\\.part|\\.partial|\\.crdownload|~)$)");

  private final ObjectStore objects;
  private final Ledger ledger;
  private final Clock clock;

  /**
   * Uploads share it; a look at the landing folder is alone, so that it never meets an upload
   * between its two steps.
   */
  private final ReadWriteLock doorstep = new ReentrantReadWriteLock();

  public Landings(ObjectStore objects, Ledger ledger, Clock clock) {
    this.objects = objects;
    this.ledger = ledger;
    this.clock = clock;
  }

  /**
   * A file after landing.
   *
   * @param seq the batch that lists it; null if the same content was in the same folder of the
   *     source before
   * @param file as it is or would be listed
   */
  public record Landed(@Nullable Long seq, RawFile file) {}

  /**
   * What a look at the landing folder did.
   *
   * @param files entered in the ledger
   * @param duplicates whose content had landed before; removed
   * @param waiting changed too recently to be taken
   * @param notes files that cannot be taken, and why
   */
  public record Discovery(long files, long duplicates, long waiting, List<String> notes) {}

  /**
   * Lands a stream of bytes as one file.
   *
   * @param folder between source and file; empty for none
   */
  public Landed land(SourceName source, String folder, String name, InputStream body) {
    try (Staging.Folder staging = new Staging.Folder(objects.stagingDirectory(Zone.RAW))) {
      Path file = staging.path().resolve("upload");
      String sha256 = copy(body, file);
      long bytes = Files.size(file);
      ObjectKey key = key(source, folder, name, sha256);
      RawFile raw = new RawFile(key, folder, name, bytes, sha256, clock.instant());
      doorstep.readLock().lock();
      try {
        if (ledger.find(source, folder, sha256).isEmpty()) {
          objects.put(key, file);
        }
        return enter(source, List.of(raw)).get(0);
      } finally {
        doorstep.readLock().unlock();
      }
    } catch (IOException e) {
      throw failed(name, e);
    }
  }

  /**
   * Takes the files that people copied into the landing folder, and those that an upload left there
   * when it died. A file is taken when it has not changed for a while: it is moved to its unique
   * name. Unfinished ones (hidden, {@code .tmp}, {@code .part}) stay.
   */
  public Discovery discover(Duration settle) {
    doorstep.writeLock().lock();
    try {
      Instant settled = clock.instant().minus(settle);
      List<ObjectInfo> unlisted = new ArrayList<>();
      objects.list(
          Zone.RAW,
          FOLDER + "/",
          info -> {
            if (!UNFINISHED.matcher(info.key().name()).matches()
                && !ledger.lists(info.key().path())) {
              unlisted.add(info);
            }
          });
      return take(unlisted, settled);
    } finally {
      doorstep.writeLock().unlock();
    }
  }

  private Discovery take(List<ObjectInfo> unlisted, Instant settled) {
    List<String> notes = new ArrayList<>();
    Map<SourceName, List<Taken>> taken = new TreeMap<>();
    long waiting = 0;
    for (ObjectInfo info : unlisted) {
      String[] parts = info.key().path().split("/");
      if (parts.length < 3) {
        notes.add(
            info.key().path() + " is in no source's folder: put it into " + FOLDER + "/<source>/");
      } else if (info.modified().isAfter(settled)) {
        waiting++;
      } else {
        try {
          SourceName source = new SourceName(parts[1]);
          taken.computeIfAbsent(source, s -> new ArrayList<>()).add(settle(source, parts, info));
        } catch (TarnException e) {
          if (e.code() == ErrorCode.NOT_FOUND) {
            continue; // it was removed since it was listed: archived or expired, or taken by
            // another server
          }
          if (e.code() != ErrorCode.BAD_REQUEST && e.code() != ErrorCode.STORAGE_UNAVAILABLE) {
            throw e;
          }
          notes.add(info.key().path() + " cannot be taken: " + e.line());
        }
      }
    }
    long files = 0;
    long duplicates = 0;
    for (Map.Entry<SourceName, List<Taken>> entry : taken.entrySet()) {
      for (int i = 0; i < entry.getValue().size(); i += MAX_FILES_IN_BATCH) {
        List<Taken> some =
            entry.getValue().subList(i, Math.min(i + MAX_FILES_IN_BATCH, entry.getValue().size()));
        long entered =
            enter(entry.getKey(), some.stream().map(Taken::file).toList()).stream()
                .filter(l -> l.seq() != null)
                .count();
        files += entered;
        duplicates += some.size() - entered;
        removeUnlisted(some);
      }
    }
    return new Discovery(files, duplicates, waiting, notes);
  }

  /** A file under its unique name. */
  private record Taken(RawFile file) {}

  private Taken settle(SourceName source, String[] parts, ObjectInfo info) {
    String folder = String.join("/", List.of(parts).subList(2, parts.length - 1));
    String sha256 = hash(info.key());
    String name = parts[parts.length - 1];
    String mark = "-" + sha256.substring(0, HASH_DIGITS);
    if (name.contains(mark)) {
      String original = name.replace(mark, "");
      return new Taken(
          new RawFile(info.key(), folder, original, info.bytes(), sha256, info.modified()));
    }
    ObjectKey key = key(source, folder, name, sha256);
    if (objects.stat(key).isPresent()) {
      objects.delete(info.key());
    } else {
      objects.move(info.key(), key);
    }
    return new Taken(new RawFile(key, folder, name, info.bytes(), sha256, info.modified()));
  }

  private void removeUnlisted(List<Taken> taken) {
    for (Taken t : taken) {
      if (!ledger.lists(t.file().key().path())) {
        objects.delete(t.file().key());
      }
    }
  }

  private List<Landed> enter(SourceName source, List<RawFile> files) {
    for (int attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      Offset offset = ledger.offset(source, PARTITION);
      String next =
          Long.toString(
              (offset.value().isEmpty() ? 0 : Long.parseLong(offset.value())) + files.size());
      LandOutcome outcome =
          ledger.land(new Landing(source, KIND, PARTITION, offset, next, files, clock.instant()));
      if (outcome instanceof LandOutcome.Landed landed) {
        List<String> duplicates =
            landed.duplicates().stream().map(f -> f.folder() + "/" + f.sha256()).toList();
        List<Landed> all = new ArrayList<>();
        for (RawFile file : files) {
          all.add(
              new Landed(
                  duplicates.contains(file.folder() + "/" + file.sha256())
                      ? null
                      : landed.batch().seq(),
                  file));
        }
        return all;
      } else if (outcome instanceof LandOutcome.AllDuplicates) {
        return files.stream().map(f -> new Landed(null, f)).toList();
      } else if (outcome instanceof LandOutcome.Fenced) {
        throw new TarnException(
            ErrorCode.FENCED, "another server has taken over the source " + source);
      }
    }
    throw new TarnException(
        ErrorCode.CONFLICT,
        "others moved the offset of the source "
            + source
            + " first "
            + MAX_ATTEMPTS
            + " times; nothing was entered, try again");
  }

  static ObjectKey key(SourceName source, String folder, String name, String sha256) {
    int dot = name.indexOf('.', 1);
    String stem = dot < 0 ? name : name.substring(0, dot);
    String end = dot < 0 ? "" : name.substring(dot);
    String unique = stem + "-" + sha256.substring(0, HASH_DIGITS) + end;
    return new ObjectKey(
        Zone.RAW, FOLDER + "/" + source + "/" + (folder.isEmpty() ? "" : folder + "/") + unique);
  }

  private String hash(ObjectKey key) {
    try (InputStream in = objects.read(key)) {
      return drain(in, OutputStream.nullOutputStream());
    } catch (IOException e) {
      throw failed(key.path(), e);
    }
  }

  private static String copy(InputStream body, Path file) throws IOException {
    try (OutputStream out = Files.newOutputStream(file)) {
      return drain(body, out);
    }
  }

  private static String drain(InputStream in, OutputStream out) throws IOException {
    return Hashes.copy(in, out).sha256();
  }

  private static TarnException failed(String name, IOException e) {
    String message = String.valueOf(e.getMessage());
    return message.contains("No space left")
        ? new TarnException(
            ErrorCode.DISK_FULL,
            "'" + name + "' was not landed: the disk is full; free some space, then send it again",
            e)
        : new TarnException(
            ErrorCode.STORAGE_UNAVAILABLE, "'" + name + "' was not landed: " + message, e);
  }
}
