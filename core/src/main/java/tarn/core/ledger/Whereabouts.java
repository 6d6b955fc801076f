package tarn.core.ledger;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.mapper.RowMapper;
import org.jspecify.annotations.Nullable;
import tarn.core.database.Database;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.storage.ObjectKey;
import tarn.core.storage.Zone;

/**
 * Where the bytes of the ledger's files are: in raw, in the archive zone, or nowhere any more.
 *
 * <p><b>Atomic:</b> each of {@link #archive}, {@link #restore} and {@link #expire} moves all the
 * files that it answers and enters the objects that they left, in one transaction. A file that
 * another caller moved first is not in the answer, and nothing happened to it. <b>Order:</b> an
 * object is written before a file moves to it, and removed only after it was left and {@link
 * #removed} is said only after it was removed; so whenever a process dies, every file that is not
 * expired has its bytes where this says. <b>Names</b> are never used twice, so an object that was
 * left is never needed again. Safe for use by many threads and several servers.
 */
public final class Whereabouts {
  private static final int PATHS_PER_QUERY = 500;

  private static final String SELECT =
      """
      SELECT f.*, b.landed_at FROM ledger_file f JOIN ledger_batch b ON b.seq = f.seq
      WHERE\s""";

  private final Database database;

  public Whereabouts(Database database) {
    this.database = database;
  }

  /**
   * A file of the ledger.
   *
   * @param seq its batch
   * @param ordinal its place in the batch, from 0
   * @param source its batch's
   * @param file with its state
   * @param landedAt when its batch was entered
   * @param since when it came to its state
   * @param archived where it is in the archive zone, if it is
   */
  public record Entry(
      long seq,
      long ordinal,
      SourceName source,
      RawFile file,
      Instant landedAt,
      Instant since,
      Optional<Archived> archived) {

    /** Where it is to people: {@code landing/orders/year=2025/orders.csv}, whatever its state. */
    public String path() {
      String folder = file.folder();
      return "landing/" + source + "/" + (folder.isEmpty() ? "" : folder + "/") + file.name();
    }

    /** Where its bytes are; empty if it is expired. */
    public Optional<ObjectKey> location() {
      return switch (file.state()) {
        case STORED -> Optional.of(file.key());
        case ARCHIVED -> archived.map(Archived::key);
        case EXPIRED -> Optional.empty();
      };
    }
  }

  /**
   * An object in the archive zone.
   *
   * @param bytes its size
   * @param encoding how the file's bytes are written in it
   */
  public record Archived(ObjectKey key, long bytes, Encoding encoding) {}

  /** How the bytes of an archived file are written. */
  public enum Encoding {
    /** As they are. */
    PLAIN,
    GZIP
  }

  /** A file, and where its bytes have been put. */
  public record ToArchive(Entry entry, Archived to) {}

  /** An archived file, and where in raw its bytes have been put. */
  public record ToRaw(Entry entry, ObjectKey to) {}

  /** An object that a file left. */
  public record Left(ObjectKey key, long seq, long ordinal, long bytes, Instant at) {}

  /** A place in the ledger's order of files. */
  public record Cursor(long seq, long ordinal) {
    public static final Cursor START = new Cursor(0, 0);

    /** The place of a file. */
    public static Cursor of(Entry entry) {
      return new Cursor(entry.seq(), entry.ordinal());
    }
  }

  /**
   * Files with records of one state, in the ledger's order.
   *
   * @param after exclusive
   * @param landedBy not later than this
   * @param limit at most so many
   */
  public List<Entry> page(RawFile.State state, Cursor after, Instant landedBy, int limit) {
    return database.read(
        h ->
            h.createQuery(
                    SELECT
                        + "f.state = :state AND f.role IN ('landed', 'events') AND b.landed_at <= :landedBy"
                        + " AND (f.seq > :seq OR (f.seq = :seq AND f.ordinal > :ordinal))"
                        + " ORDER BY f.seq, f.ordinal LIMIT :limit")
                .bind("state", state.label())
                .bind("landedBy", micros(landedBy))
                .bind("seq", after.seq())
                .bind("ordinal", after.ordinal())
                .bind("limit", limit)
                .map(ENTRY)
                .list());
  }

  /** Files of a source that are not in raw, of batches after a sequence number, in order. */
  public List<Entry> away(SourceName source, long afterSeq) {
    return database.read(
        h ->
            h.createQuery(
                    SELECT
                        + "f.state <> 'stored' AND f.role IN ('landed', 'events')"
                        + " AND f.source = :source AND f.seq > :seq"
                        + " ORDER BY f.seq, f.ordinal")
                .bind("source", source.value())
                .bind("seq", afterSeq)
                .map(ENTRY)
                .list());
  }

  /** Segments of a stream that are not compacted, of batches up to a number, in order. */
  public List<Entry> segments(SourceName stream, long upToSeq, int limit) {
    return database.read(
        h ->
            h.createQuery(
                    SELECT
                        + "f.source = :source AND f.role = 'events' AND f.first_seq IS NULL"
                        + " AND f.state = 'stored' AND f.seq <= :seq"
                        + " ORDER BY f.seq, f.ordinal LIMIT :limit")
                .bind("source", stream.value())
                .bind("seq", upToSeq)
                .bind("limit", limit)
                .map(ENTRY)
                .list());
  }

  /**
   * The batches whose events lie together with those of a span, so that the span can be read
   * without any others: itself, or a longer one.
   */
  public Span whole(SourceName stream, Span span) {
    return database.read(
        h ->
            h.createQuery(
                    """
                    SELECT COALESCE(MIN(first_seq), :first) AS first, COALESCE(MAX(seq), :last) AS last
                    FROM ledger_file
                    WHERE source = :source AND role = 'events' AND first_seq <= :last AND seq >= :first""")
                .bind("source", stream.value())
                .bind("first", span.first())
                .bind("last", span.last())
                .map(
                    (row, context) ->
                        new Span(
                            Math.min(span.first(), row.getLong("first")),
                            Math.max(span.last(), row.getLong("last"))))
                .one());
  }

  /** Batches from one to another, both included. */
  public record Span(long first, long last) {}

  /**
   * Says that the events of segments are in other files, which their last batch lists from now on.
   *
   * @throws TarnException {@code CONFLICT} if any segment has been moved by another: nothing is
   *     done
   */
  public void compact(List<Entry> segments, List<RawFile> into, Instant now) {
    database.write(
        h -> {
          for (Entry segment : segments) {
            int rows =
                h.createUpdate(
                        """
                        UPDATE ledger_file SET role = 'gone', state = 'expired', state_since = :now
                        WHERE seq = :seq AND ordinal = :ordinal AND role = 'events'
                          AND state = 'stored' AND path = :path""")
                    .bind("now", micros(now))
                    .bind("seq", segment.seq())
                    .bind("ordinal", segment.ordinal())
                    .bind("path", segment.file().key().path())
                    .execute();
            if (rows != 1) {
              throw new TarnException(
                  ErrorCode.CONFLICT, segment.file().key() + " was compacted by another first");
            }
            leave(h, segment, segment.file().key(), segment.file().bytes(), now);
          }
          SqlLedger.add(h, segments.get(segments.size() - 1), into);
          return 0;
        });
  }

  /** A file, as it is now. */
  public Optional<Entry> find(long seq, long ordinal) {
    return database.read(
        h ->
            h.createQuery(SELECT + "f.seq = :seq AND f.ordinal = :ordinal")
                .bind("seq", seq)
                .bind("ordinal", ordinal)
                .map(ENTRY)
                .findOne());
  }

  /** The file of a source's folder whose SHA-256 begins so. */
  public Optional<Entry> find(SourceName source, String folder, String hash) {
    return database.read(
        h ->
            h.createQuery(
                    SELECT
                        + "f.source = :source AND f.folder = :folder AND f.role IN ('landed', 'events')"
                        + " AND substr(f.sha256, 1, length(:hash)) = :hash LIMIT 1")
                .bind("source", source.value())
                .bind("folder", folder)
                .bind("hash", hash)
                .map(ENTRY)
                .findOne());
  }

  /** Says that files are in the archive zone now; those that were where their entries say. */
  public List<Entry> archive(List<ToArchive> files, Instant now) {
    return database.write(
        h -> {
          List<Entry> moved = new ArrayList<>();
          for (ToArchive file : files) {
            Archived to = file.to();
            int rows =
                h.createUpdate(
                        """
                        UPDATE ledger_file SET state = 'archived', state_since = :now, archive_path = :to,
                          archive_bytes = :bytes, archive_encoding = :encoding
                        WHERE seq = :seq AND ordinal = :ordinal AND state = 'stored' AND path = :path""")
                    .bind("now", micros(now))
                    .bind("to", to.key().path())
                    .bind("bytes", to.bytes())
                    .bind("encoding", to.encoding().name())
                    .bind("seq", file.entry().seq())
                    .bind("ordinal", file.entry().ordinal())
                    .bind("path", file.entry().file().key().path())
                    .execute();
            if (rows == 1) {
              leave(h, file.entry(), file.entry().file().key(), file.entry().file().bytes(), now);
              moved.add(file.entry());
            }
          }
          return moved;
        });
  }

  /** Says that files are in raw again, under new names. */
  public List<Entry> restore(List<ToRaw> files, Instant now) {
    return database.write(
        h -> {
          List<Entry> moved = new ArrayList<>();
          for (ToRaw file : files) {
            Archived from = file.entry().archived().orElseThrow();
            int rows =
                h.createUpdate(
                        """
                        UPDATE ledger_file SET state = 'stored', state_since = :now, path = :to,
                          archive_path = NULL, archive_bytes = NULL, archive_encoding = NULL
                        WHERE seq = :seq AND ordinal = :ordinal AND state = 'archived'
                          AND archive_path = :path""")
                    .bind("now", micros(now))
                    .bind("to", file.to().path())
                    .bind("seq", file.entry().seq())
                    .bind("ordinal", file.entry().ordinal())
                    .bind("path", from.key().path())
                    .execute();
            if (rows == 1) {
              leave(h, file.entry(), from.key(), from.bytes(), now);
              moved.add(file.entry());
            }
          }
          return moved;
        });
  }

  /** Says that files are gone for good, from raw or from the archive zone. */
  public List<Entry> expire(List<Entry> files, Instant now) {
    return database.write(
        h -> {
          List<Entry> moved = new ArrayList<>();
          for (Entry file : files) {
            ObjectKey from = file.location().orElseThrow();
            int rows =
                h.createUpdate(
                        """
                        UPDATE ledger_file SET state = 'expired', state_since = :now,
                          archive_path = NULL, archive_bytes = NULL, archive_encoding = NULL
                        WHERE seq = :seq AND ordinal = :ordinal AND state = :state
                          AND COALESCE(archive_path, path) = :path""")
                    .bind("now", micros(now))
                    .bind("seq", file.seq())
                    .bind("ordinal", file.ordinal())
                    .bind("state", file.file().state().label())
                    .bind("path", from.path())
                    .execute();
            if (rows == 1) {
              long bytes = file.archived().map(Archived::bytes).orElse(file.file().bytes());
              leave(h, file, from, bytes, now);
              moved.add(file);
            }
          }
          return moved;
        });
  }

  /** Objects that were left by then and are not removed, oldest first. */
  public List<Left> left(Instant by, int limit) {
    return database.read(
        h ->
            h.createQuery(
                    "SELECT * FROM ledger_left WHERE left_at <= :by ORDER BY left_at, zone, path LIMIT :limit")
                .bind("by", micros(by))
                .bind("limit", limit)
                .map(LEFT)
                .list());
  }

  /** Says that objects that were left have been removed. */
  public void removed(List<Left> objects) {
    database.write(
        h -> {
          for (Left object : objects) {
            h.createUpdate("DELETE FROM ledger_left WHERE zone = :zone AND path = :path")
                .bind("zone", object.key().zone().label())
                .bind("path", object.key().path())
                .execute();
          }
          return 0;
        });
  }

  /** Which of these paths are known: some file is there, or was and its object is not removed. */
  public Set<String> known(Zone zone, List<String> paths) {
    String column = zone == Zone.ARCHIVE ? "archive_path" : "path";
    Set<String> known = new HashSet<>();
    for (int from = 0; from < paths.size(); from += PATHS_PER_QUERY) {
      List<String> some = paths.subList(from, Math.min(from + PATHS_PER_QUERY, paths.size()));
      known.addAll(
          database.read(
              h ->
                  h.createQuery(
                          "SELECT "
                              + column
                              + " FROM ledger_file WHERE "
                              + column
                              + " IN (<paths>) UNION"
                              + " SELECT path FROM ledger_left WHERE zone = :zone AND path IN (<paths>)")
                      .bindList("paths", some)
                      .bind("zone", zone.label())
                      .mapTo(String.class)
                      .collect(Collectors.toSet())));
    }
    return known;
  }

  /** Lets a file of dead letters be nothing any more; {@code CONFLICT} if it is that already. */
  static void leave(Handle h, long seq, RawFile dead, Instant now) {
    Entry entry =
        h.createQuery(SELECT + "f.seq = :seq AND f.path = :path AND f.role = 'dead'")
            .bind("seq", seq)
            .bind("path", dead.key().path())
            .map(ENTRY)
            .findOne()
            .orElseThrow(
                () ->
                    new TarnException(
                        ErrorCode.CONFLICT, dead.key() + " was redriven by another first"));
    h.createUpdate(
            """
            UPDATE ledger_file SET role = 'gone', state = 'expired', state_since = :now
            WHERE seq = :seq AND ordinal = :ordinal""")
        .bind("now", micros(now))
        .bind("seq", seq)
        .bind("ordinal", entry.ordinal())
        .execute();
    leave(h, entry, dead.key(), dead.bytes(), now);
  }

  /** Whether a source landed something in a span of time, both ends included. */
  public boolean landed(SourceName source, Instant from, Instant to) {
    return database.read(
        h ->
            h.createQuery(
                    """
                    SELECT 1 FROM ledger_batch
                    WHERE source = :source AND landed_at >= :from AND landed_at <= :to LIMIT 1""")
                .bind("source", source.value())
                .bind("from", micros(from))
                .bind("to", micros(to))
                .mapTo(Integer.class)
                .findOne()
                .isPresent());
  }

  private static void leave(Handle h, Entry file, ObjectKey key, long bytes, Instant now) {
    h.createUpdate(
            """
            INSERT INTO ledger_left (zone, path, seq, ordinal, bytes, left_at)
            VALUES (:zone, :path, :seq, :ordinal, :bytes, :now)""")
        .bind("zone", key.zone().label())
        .bind("path", key.path())
        .bind("seq", file.seq())
        .bind("ordinal", file.ordinal())
        .bind("bytes", bytes)
        .bind("now", micros(now))
        .execute();
  }

  private static final RowMapper<Left> LEFT =
      (row, context) ->
          new Left(
              new ObjectKey(zone(row.getString("zone")), row.getString("path")),
              row.getLong("seq"),
              row.getLong("ordinal"),
              row.getLong("bytes"),
              instant(row.getLong("left_at")));

  private static final RowMapper<Entry> ENTRY =
      (row, context) -> {
        Instant landed = instant(row.getLong("landed_at"));
        long changed = row.getLong("state_since");
        Instant since = row.wasNull() ? landed : instant(changed);
        return new Entry(
            row.getLong("seq"),
            row.getLong("ordinal"),
            new SourceName(row.getString("source")),
            SqlLedger.file(row),
            landed,
            since,
            archived(
                row.getString("archive_path"),
                row.getLong("archive_bytes"),
                row.getString("archive_encoding")));
      };

  private static Optional<Archived> archived(
      @Nullable String path, long bytes, @Nullable String encoding) {
    return path == null || encoding == null
        ? Optional.empty()
        : Optional.of(
            new Archived(new ObjectKey(Zone.ARCHIVE, path), bytes, Encoding.valueOf(encoding)));
  }

  private static Zone zone(String label) {
    return label.equals(Zone.ARCHIVE.label()) ? Zone.ARCHIVE : Zone.RAW;
  }

  private static long micros(Instant time) {
    return ChronoUnit.MICROS.between(Instant.EPOCH, time);
  }

  private static Instant instant(long micros) {
    return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
  }
}
