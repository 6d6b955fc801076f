package tarn.core.ledger;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.mapper.RowMapper;
import tarn.core.database.Database;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.storage.ObjectKey;
import tarn.core.storage.Zone;

/** The ledger in the lake's SQL database. Times are kept in whole microseconds. */
public final class SqlLedger implements Ledger {
  private static final int CONTENTS_PER_QUERY = 500;

  private static final RowMapper<Batch> BATCH =
      (row, context) ->
          new Batch(
              row.getLong("seq"),
              new SourceName(row.getString("source")),
              row.getString("kind"),
              row.getString("part"),
              row.getString("offset_from"),
              row.getString("offset_to"),
              row.getLong("epoch"),
              instant(row.getLong("landed_at")),
              row.getInt("files"),
              row.getLong("bytes"),
              row.getInt("duplicates"),
              events(row));

  private static final RowMapper<RawFile> FILE = (row, context) -> file(row);

  private static final RowMapper<Offset> OFFSET =
      (row, context) -> new Offset(row.getString("value"), row.getLong("epoch"));

  private final Database database;

  public SqlLedger(Database database) {
    this.database = database;
  }

  @Override
  public Offset offset(SourceName source, String partition) {
    return database.read(handle -> offset(handle, source, partition));
  }

  @Override
  public Map<String, Offset> offsets(SourceName source) {
    return database.read(
        handle ->
            handle
                .createQuery("SELECT part, value, epoch FROM ledger_offset WHERE source = :source")
                .bind("source", source.value())
                .reduceRows(
                    new TreeMap<String, Offset>(),
                    (all, row) -> {
                      all.put(
                          row.getColumn("part", String.class),
                          new Offset(
                              row.getColumn("value", String.class),
                              row.getColumn("epoch", Long.class)));
                      return all;
                    }));
  }

  @Override
  public Offset takeOver(SourceName source, String partition) {
    return database.write(
        handle ->
            handle
                .createQuery(
                    """
                    INSERT INTO ledger_offset (source, part, value, epoch)
                    VALUES (:source, :part, '', 1)
                    ON CONFLICT (source, part) DO UPDATE SET epoch = ledger_offset.epoch + 1
                    RETURNING value, epoch""")
                .bind("source", source.value())
                .bind("part", partition)
                .map(OFFSET)
                .one());
  }

  @Override
  public LandOutcome land(Landing landing) {
    check(landing);
    return database.write(handle -> land(handle, landing));
  }

  @Override
  public long lastSeq() {
    return database.read(
        handle ->
            handle
                .createQuery("SELECT seq FROM ledger_clock WHERE id = 1")
                .mapTo(Long.class)
                .one());
  }

  @Override
  public List<Batch> batches(Set<SourceName> sources, long afterSeq, int limit) {
    String of = sources.isEmpty() ? "" : "AND source IN (<sources>)";
    return database.read(
        handle -> {
          var query =
              handle
                  .createQuery(
                      "SELECT * FROM ledger_batch WHERE seq > :after "
                          + of
                          + " ORDER BY seq LIMIT :limit")
                  .bind("after", afterSeq)
                  .bind("limit", limit);
          if (!sources.isEmpty()) {
            query.bindList("sources", sources.stream().map(SourceName::value).sorted().toList());
          }
          return query.map(BATCH).list();
        });
  }

  @Override
  public List<RawFile> files(long seq) {
    return all(seq).stream().filter(file -> file.role().hasRecords()).toList();
  }

  @Override
  public List<RawFile> files(long seq, RawFile.Role role) {
    return all(seq).stream().filter(file -> file.role() == role).toList();
  }

  private List<RawFile> all(long seq) {
    return database.read(
        handle ->
            handle
                .createQuery("SELECT * FROM ledger_file WHERE seq = :seq ORDER BY ordinal")
                .bind("seq", seq)
                .map(FILE)
                .list());
  }

  @Override
  public Optional<Long> oldestSegment(SourceName stream) {
    return database.read(
        handle ->
            handle
                .createQuery(
                    """
                    SELECT seq FROM ledger_file
                    WHERE source = :source AND role = 'events' AND first_seq IS NULL
                      AND state = 'stored'
                    ORDER BY seq LIMIT 1""")
                .bind("source", stream.value())
                .mapTo(Long.class)
                .findOne());
  }

  @Override
  public Optional<Long> find(SourceName source, String folder, String sha256) {
    return database.read(
        handle ->
            handle
                .createQuery(
                    """
                    SELECT seq FROM ledger_file
                    WHERE source = :source AND folder = :folder AND sha256 = :sha256
                      AND role = 'landed'""")
                .bind("source", source.value())
                .bind("folder", folder)
                .bind("sha256", sha256)
                .mapTo(Long.class)
                .findOne());
  }

  @Override
  public boolean lists(String path) {
    return database.read(
        handle ->
            handle
                .createQuery(
                    """
                    SELECT 1 FROM ledger_file WHERE path = :path AND state = 'stored'
                    UNION ALL SELECT 1 FROM ledger_left WHERE zone = 'raw' AND path = :path
                    LIMIT 1""")
                .bind("path", path)
                .mapTo(Integer.class)
                .findOne()
                .isPresent());
  }

  @Override
  public List<SourceCounts> counts() {
    return database.read(
        handle ->
            handle
                .createQuery(
                    """
                    SELECT c.*, COALESCE((SELECT MAX(b.seq) FROM ledger_batch b
                                          WHERE b.source = c.source), 0) AS last_seq
                    FROM ledger_count c ORDER BY c.source""")
                .map(
                    (row, context) ->
                        new SourceCounts(
                            new SourceName(row.getString("source")),
                            row.getLong("received"),
                            row.getLong("stored"),
                            row.getLong("duplicate"),
                            row.getLong("bytes"),
                            row.getLong("last_seq")))
                .list());
  }

  @Override
  public EventCounts eventCounts(SourceName stream) {
    return database.read(
        handle ->
            handle
                .createQuery("SELECT * FROM ledger_event_count WHERE source = :source")
                .bind("source", stream.value())
                .map((row, context) -> counts(row, ""))
                .findOne()
                .orElse(EventCounts.NONE));
  }

  private static Optional<EventCounts> events(ResultSet row) throws SQLException {
    return row.getObject("events_received") == null
        ? Optional.empty()
        : Optional.of(counts(row, "events_"));
  }

  private static EventCounts counts(ResultSet row, String prefix) throws SQLException {
    return new EventCounts(
        row.getLong(prefix + "received"),
        row.getLong(prefix + "stored"),
        row.getLong(prefix + "duplicate"),
        row.getLong(prefix + "conflict"),
        row.getLong(prefix + "rejected"));
  }

  /** A row of ledger_file. */
  static RawFile file(ResultSet row) throws SQLException {
    return new RawFile(
        new ObjectKey(Zone.RAW, row.getString("path")),
        row.getString("folder"),
        row.getString("name"),
        row.getLong("bytes"),
        row.getString("sha256"),
        instant(row.getLong("modified")),
        RawFile.State.of(row.getString("state")),
        RawFile.Role.of(row.getString("role")),
        row.getLong("first_seq"));
  }

  private static void check(Landing landing) {
    if (landing.files().isEmpty() && landing.events().isEmpty()) {
      throw new TarnException(
          ErrorCode.BAD_REQUEST, "a landing of '" + landing.source() + "' has no files");
    }
    for (RawFile file : landing.files()) {
      if (file.key().zone() != Zone.RAW) {
        throw new TarnException(
            ErrorCode.BAD_REQUEST, "'" + file.key() + "' cannot land: it is not in the raw zone");
      }
    }
  }

  private static LandOutcome land(Handle handle, Landing landing) {
    Offset current = offset(handle, landing.source(), landing.partition());
    if (landing.expected().epoch() < current.epoch()) {
      return new LandOutcome.Fenced(current);
    }
    if (!landing.expected().equals(current)) {
      return new LandOutcome.Stale(current);
    }
    List<RawFile> fresh = new ArrayList<>();
    List<RawFile> duplicates = new ArrayList<>();
    Set<Content> known = known(handle, landing);
    for (RawFile file : landing.files()) {
      boolean isNew = file.role() != RawFile.Role.LANDED || known.add(Content.of(file));
      (isNew ? fresh : duplicates).add(file);
    }
    moveOffset(handle, landing);
    landing
        .redriven()
        .ifPresent(old -> Whereabouts.leave(handle, old.seq(), old.file(), landing.landedAt()));
    if (landing.events().isPresent()) {
      count(handle, landing.source(), landing.events().get());
    } else {
      count(handle, landing.source(), fresh, duplicates.size());
    }
    if (fresh.isEmpty()) {
      return new LandOutcome.AllDuplicates(List.copyOf(duplicates));
    }
    Batch batch = batch(nextSeq(handle), landing, fresh, duplicates.size());
    enter(handle, batch);
    enter(handle, batch, fresh);
    return new LandOutcome.Landed(batch, List.copyOf(duplicates));
  }

  private static Offset offset(Handle handle, SourceName source, String partition) {
    return handle
        .createQuery(
            "SELECT value, epoch FROM ledger_offset WHERE source = :source AND part = :part")
        .bind("source", source.value())
        .bind("part", partition)
        .map(OFFSET)
        .findOne()
        .orElse(Offset.START);
  }

  /** Which of the landing's contents have landed before. */
  private static Set<Content> known(Handle handle, Landing landing) {
    Map<String, Set<String>> offered =
        landing.files().stream()
            .filter(file -> file.role() == RawFile.Role.LANDED)
            .collect(
                Collectors.groupingBy(
                    RawFile::folder,
                    LinkedHashMap::new,
                    Collectors.mapping(RawFile::sha256, Collectors.toSet())));
    Set<Content> known = new HashSet<>();
    offered.forEach(
        (folder, shas) -> {
          List<String> all = List.copyOf(shas);
          for (int from = 0; from < all.size(); from += CONTENTS_PER_QUERY) {
            int to = Math.min(from + CONTENTS_PER_QUERY, all.size());
            known(handle, landing.source(), folder, all.subList(from, to))
                .forEach(sha -> known.add(new Content(folder, sha)));
          }
        });
    return known;
  }

  private static List<String> known(
      Handle handle, SourceName source, String folder, List<String> shas) {
    return handle
        .createQuery(
            """
            SELECT sha256 FROM ledger_file
            WHERE source = :source AND folder = :folder AND sha256 IN (<shas>)
              AND role = 'landed'""")
        .bind("source", source.value())
        .bind("folder", folder)
        .bindList("shas", shas)
        .mapTo(String.class)
        .list();
  }

  private static void moveOffset(Handle handle, Landing landing) {
    handle
        .createUpdate(
            """
            INSERT INTO ledger_offset (source, part, value, epoch)
            VALUES (:source, :part, :value, :epoch)
            ON CONFLICT (source, part) DO UPDATE SET value = excluded.value""")
        .bind("source", landing.source().value())
        .bind("part", landing.partition())
        .bind("value", landing.to())
        .bind("epoch", landing.expected().epoch())
        .execute();
  }

  private static void count(Handle handle, SourceName source, List<RawFile> fresh, int duplicates) {
    handle
        .createUpdate(
            """
            INSERT INTO ledger_count (source, received, stored, duplicate, bytes)
            VALUES (:source, :received, :stored, :duplicate, :bytes)
            ON CONFLICT (source) DO UPDATE SET
              received = ledger_count.received + excluded.received,
              stored = ledger_count.stored + excluded.stored,
              duplicate = ledger_count.duplicate + excluded.duplicate,
              bytes = ledger_count.bytes + excluded.bytes""")
        .bind("source", source.value())
        .bind("received", (long) fresh.size() + duplicates)
        .bind("stored", (long) fresh.size())
        .bind("duplicate", (long) duplicates)
        .bind("bytes", bytes(fresh))
        .execute();
  }

  private static void count(Handle handle, SourceName source, EventCounts events) {
    handle
        .createUpdate(
            """
            INSERT INTO ledger_event_count
              (source, received, stored, duplicate, conflict, rejected)
            VALUES (:source, :received, :stored, :duplicate, :conflict, :rejected)
            ON CONFLICT (source) DO UPDATE SET
              received = ledger_event_count.received + excluded.received,
              stored = ledger_event_count.stored + excluded.stored,
              duplicate = ledger_event_count.duplicate + excluded.duplicate,
              conflict = ledger_event_count.conflict + excluded.conflict,
              rejected = ledger_event_count.rejected + excluded.rejected""")
        .bind("source", source.value())
        .bindMethods(events)
        .execute();
  }

  private static long nextSeq(Handle handle) {
    return handle
        .createQuery("UPDATE ledger_clock SET seq = seq + 1 WHERE id = 1 RETURNING seq")
        .mapTo(Long.class)
        .one();
  }

  private static Batch batch(long seq, Landing landing, List<RawFile> fresh, int duplicates) {
    return new Batch(
        seq,
        landing.source(),
        landing.kind(),
        landing.partition(),
        landing.expected().value(),
        landing.to(),
        landing.expected().epoch(),
        instant(micros(landing.landedAt())),
        fresh.size(),
        bytes(fresh),
        duplicates,
        landing.events());
  }

  private static void enter(Handle handle, Batch batch) {
    handle
        .createUpdate(
            """
            INSERT INTO ledger_batch (seq, source, kind, part, offset_from, offset_to, epoch,
              landed_at, files, bytes, duplicates, events_received, events_stored,
              events_duplicate, events_conflict, events_rejected)
            VALUES (:seq, :source, :kind, :part, :from, :to, :epoch,
              :landedAt, :files, :bytes, :duplicates, :received, :stored, :duplicate, :conflict,
              :rejected)""")
        .bind("seq", batch.seq())
        .bind("source", batch.source().value())
        .bind("kind", batch.kind())
        .bind("part", batch.partition())
        .bind("from", batch.from())
        .bind("to", batch.to())
        .bind("epoch", batch.epoch())
        .bind("landedAt", micros(batch.landedAt()))
        .bind("files", (long) batch.files())
        .bind("bytes", batch.bytes())
        .bind("duplicates", (long) batch.duplicates())
        .bind("received", batch.events().map(EventCounts::received).orElse(null))
        .bind("stored", batch.events().map(EventCounts::stored).orElse(null))
        .bind("duplicate", batch.events().map(EventCounts::duplicate).orElse(null))
        .bind("conflict", batch.events().map(EventCounts::conflict).orElse(null))
        .bind("rejected", batch.events().map(EventCounts::rejected).orElse(null))
        .execute();
  }

  /** Lists files with the batch of another one. */
  static void add(Handle handle, Whereabouts.Entry beside, List<RawFile> files) {
    long next =
        handle
            .createQuery("SELECT MAX(ordinal) + 1 FROM ledger_file WHERE seq = :seq")
            .bind("seq", beside.seq())
            .mapTo(Long.class)
            .one();
    enter(handle, beside.seq(), beside.source(), next, files);
  }

  private static void enter(Handle handle, Batch batch, List<RawFile> files) {
    enter(handle, batch.seq(), batch.source(), 0, files);
  }

  private static void enter(
      Handle handle, long seq, SourceName source, long firstOrdinal, List<RawFile> files) {
    if (files.isEmpty()) {
      return;
    }
    var rows =
        handle.prepareBatch(
            """
            INSERT INTO ledger_file (seq, ordinal, path, source, folder, name, bytes, sha256,
              modified, role, first_seq)
            VALUES (:seq, :ordinal, :path, :source, :folder, :name, :bytes, :sha256, :modified,
              :role, :firstSeq)""");
    long ordinal = firstOrdinal;
    for (RawFile file : files) {
      rows.bind("seq", seq)
          .bind("ordinal", ordinal++)
          .bind("path", file.key().path())
          .bind("source", source.value())
          .bind("folder", file.folder())
          .bind("name", file.name())
          .bind("bytes", file.bytes())
          .bind("sha256", file.sha256())
          .bind("modified", micros(file.modified()))
          .bind("role", file.role().label())
          .bind("firstSeq", file.isCompacted() ? file.firstSeq() : null)
          .add();
    }
    rows.execute();
  }

  private static long bytes(List<RawFile> files) {
    return files.stream().mapToLong(RawFile::bytes).sum();
  }

  private static long micros(Instant time) {
    return ChronoUnit.MICROS.between(Instant.EPOCH, time);
  }

  private static Instant instant(long micros) {
    return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
  }

  private record Content(String folder, String sha256) {
    static Content of(RawFile file) {
      return new Content(file.folder(), file.sha256());
    }
  }
}
