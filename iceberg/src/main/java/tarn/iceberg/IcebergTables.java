package tarn.iceberg;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.stream.Stream;
import org.apache.avro.AvroRuntimeException;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.CatalogUtil;
import org.apache.iceberg.HasTableOperations;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableMetadataParser;
import org.apache.iceberg.TableOperations;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.UpdateProperties;
import org.apache.iceberg.UpdateSchema;
import org.apache.iceberg.exceptions.ValidationException;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.expressions.Expressions;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tarn.core.database.Database;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.storage.ObjectKey;
import tarn.core.storage.ObjectStore;
import tarn.core.storage.Zone;
import tarn.core.table.Appended;
import tarn.core.table.At;
import tarn.core.table.Changelog;
import tarn.core.table.CommitOutcome;
import tarn.core.table.MaintenancePolicy;
import tarn.core.table.PartitionTransform;
import tarn.core.table.Scan;
import tarn.core.table.ScanFile;
import tarn.core.table.SchemaChange;
import tarn.core.table.SnapshotInfo;
import tarn.core.table.SortColumn;
import tarn.core.table.TableChange;
import tarn.core.table.TableFile;
import tarn.core.table.TableName;
import tarn.core.table.TableSpec;
import tarn.core.table.TableState;
import tarn.core.table.TableStore;

/**
 * The lake's tables, their pointers in the lake's database. See {@code RATIONALE.md} for why this
 * is not Iceberg's JdbcCatalog.
 */
public final class IcebergTables implements TableStore {
  private static final int MAX_ATTEMPTS = 20;
  private static final int MOST_PLANNED_FILES = 50_000;
  private static final List<String> TOTALS =
      List.of("total-records", "total-position-deletes", "total-data-files");
  private static final List<String> COUNTS =
      Stream.concat(
              Stream.of("added-records", "deleted-records", "added-position-deletes"),
              TOTALS.stream())
          .toList();
  private static final Logger LOG = LoggerFactory.getLogger(IcebergTables.class);
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Database database;
  private final LakeFileIO io;
  private final Clock clock;
  private final String principal;
  private final Changes changes;
  private final Scans scans;
  private final DeletedPositions deletedPositions;
  private final Maintenance maintenance;
  private final Cache<String, TableMetadata> metadataCache =
      Caffeine.newBuilder().maximumSize(200).build();
  private final Cache<Planned, Scan> planned =
      Caffeine.newBuilder()
          .maximumWeight(MOST_PLANNED_FILES)
          .<Planned, Scan>weigher((key, scan) -> 1 + scan.files().size())
          .build();

  /** Metadata files never change, so neither does a plan. */
  private record Planned(String metadataLocation, At at, String filter) {}

  /**
   * Opens the tables.
   *
   * @param principal who commits, for the history
   * @param longestWork after this long every query, load, model and compaction of the lake has
   *     ended: no orphan is removed sooner
   */
  public IcebergTables(
      Database database, ObjectStore objects, Clock clock, String principal, Duration longestWork) {
    this.database = database;
    this.io = new LakeFileIO(objects);
    this.clock = clock;
    this.principal = principal;
    this.deletedPositions = new DeletedPositions(objects);
    this.changes = new Changes(objects, deletedPositions);
    this.scans = new Scans(objects);
    this.maintenance = new Maintenance(this, database, objects, io, clock, longestWork);
  }

  @Override
  public List<TableName> list() {
    return database.read(
        h ->
            h.createQuery("SELECT namespace, name FROM lake_table ORDER BY namespace, name")
                .map((rs, ctx) -> new TableName(rs.getString(1), rs.getString(2)))
                .list());
  }

  @Override
  public Optional<TableState> load(TableName name) {
    return pointer(name).map(p -> state(name, p, metadata(p)));
  }

  @Override
  public TableState create(TableName name, TableSpec spec) {
    String id = UUID.randomUUID().toString();
    Map<String, String> properties = new HashMap<>(TablePolicies.METADATA_LIMITS);
    properties.putAll(spec.properties());
    properties.put(TableProperties.FORMAT_VERSION, Integer.toString(spec.formatVersion()));
    ObjectKey root =
        new ObjectKey(zone(name), name.namespace() + "/" + name.name() + "-" + id.substring(0, 8));
    TableMetadata metadata =
        TableMetadata.newTableMetadata(
            spec.schema(),
            Shapes.partitionSpec(spec.schema(), spec.partition()),
            Shapes.sortOrder(spec.schema(), spec.sort()),
            io.uri(root),
            properties);
    StagedOperations staged = new StagedOperations(io.recording(), metadata);
    String location = staged.nextMetadataLocation(1);
    TableMetadataParser.write(metadata, staged.io().newOutputFile(location));
    boolean made = database.write(h -> insertPointer(h, name, id, location));
    if (!made) {
      ((LakeFileIO) staged.io()).discardWritten();
      throw new TarnException(ErrorCode.ALREADY_EXISTS, "table " + name + " exists already");
    }
    return load(name).orElseThrow(() -> notFound(name));
  }

  @Override
  public void drop(TableName name) {
    int gone =
        database.write(
            h ->
                h.createUpdate("DELETE FROM lake_table WHERE namespace = :ns AND name = :name")
                    .bind("ns", name.namespace())
                    .bind("name", name.name())
                    .execute());
    if (gone == 0) {
      throw notFound(name);
    }
  }

  @Override
  public TableState evolve(TableState base, SchemaChange change) {
    CommitOutcome outcome =
        commitStaged(
            List.of(
                new Work(
                    base, "evolve", Map.of(), table -> updateSchema(table, change), Map.of())));
    if (outcome instanceof CommitOutcome.Committed done) {
      return done.states().get(0);
    }
    throw new TarnException(
        ErrorCode.CONFLICT,
        "the columns of "
            + base.name()
            + " were changed by someone else at the same time; try again");
  }

  @Override
  public TableState define(
      TableState base,
      List<PartitionTransform> partition,
      List<SortColumn> sort,
      Map<String, String> properties) {
    CommitOutcome outcome =
        commitStaged(
            List.of(
                new Work(
                    base,
                    "define",
                    Map.of(),
                    table -> layOut(table, partition, sort, properties),
                    properties)));
    if (outcome instanceof CommitOutcome.Committed done) {
      return done.states().get(0);
    }
    throw new TarnException(
        ErrorCode.CONFLICT,
        "the definition of "
            + base.name()
            + " was changed by someone else at the same time; try again");
  }

  private static void layOut(
      Table table,
      List<PartitionTransform> partition,
      List<SortColumn> sort,
      Map<String, String> properties) {
    TableOperations operations = ((HasTableOperations) table).operations();
    TableMetadata metadata = operations.current();
    try {
      operations.commit(metadata, Shapes.laidOut(metadata, partition, sort));
    } catch (IllegalArgumentException | ValidationException e) {
      throw new TarnException(
          ErrorCode.BAD_REQUEST,
          table.name() + " cannot be partitioned or sorted so: " + e.getMessage(),
          e);
    }
    UpdateProperties update = table.updateProperties();
    properties.forEach(update::set);
    update.commit();
  }

  @Override
  public TableState reshaped(TableState base, TableSpec spec) {
    Pointer pointer = new Pointer(base.id(), base.metadataLocation(), base.version());
    TableState shaped = state(base.name(), pointer, Shapes.reshaped(metadata(pointer), spec));
    return new TableState(
        shaped.name(),
        shaped.id(),
        shaped.version(),
        shaped.metadataLocation(),
        shaped.formatVersion(),
        shaped.schema(),
        shaped.spec(),
        shaped.sortOrder(),
        shaped.properties(),
        OptionalLong.empty(),
        shaped.location());
  }

  @Override
  public TableState evolved(TableState base, SchemaChange change) {
    Pointer pointer = new Pointer(base.id(), base.metadataLocation(), base.version());
    StagedOperations staged = new StagedOperations(io, metadata(pointer));
    updateSchema(new BaseTable(staged, base.name().toString()), change);
    return state(base.name(), pointer, staged.current());
  }

  @Override
  public CommitOutcome commit(List<TableChange> all) {
    Set<TableName> seen = new HashSet<>();
    List<Work> works = new ArrayList<>();
    for (TableChange change : all) {
      if (!seen.add(change.base().name())) {
        throw new IllegalArgumentException(
            "one commit cannot change " + change.base().name() + " twice");
      }
      works.add(
          new Work(
              change.base(),
              change.operation(),
              change.summary(),
              t -> changes.apply(t, change),
              change.properties()));
    }
    CommitOutcome outcome = commitStaged(works);
    if (outcome instanceof CommitOutcome.Committed done) {
      done.states().forEach(this::boundSnapshots);
    }
    return outcome;
  }

  /** The commit has taken place: what fails here must not make it look as if it had not. */
  private void boundSnapshots(TableState state) {
    try {
      maintenance.boundSnapshots(state);
    } catch (RuntimeException e) {
      LOG.warn("old snapshots of {} are left to the next commit", state.name(), e);
    }
  }

  @Override
  public Scan scan(TableName name, At at, Expression filter) {
    return scan(name, pointer(name).orElseThrow(() -> notFound(name)), at, filter);
  }

  private Scan scan(TableName name, Pointer pointer, At at, Expression filter) {
    Planned key = new Planned(pointer.location(), at, filter.toString());
    Scan known = planned.getIfPresent(key);
    if (known != null) {
      return known;
    }
    try {
      Scan scan = scans.plan(name, table(name, pointer), at, filter);
      planned.put(key, scan);
      return scan;
    } catch (TarnException e) {
      if (e.code() == ErrorCode.CATALOG_CORRUPT) {
        io.forget();
      }
      throw e;
    }
  }

  @Override
  public Appended appended(TableName name, long since, long upTo) {
    Pointer pointer = pointer(name).orElseThrow(() -> notFound(name));
    return scans.appended(name, table(name, pointer), since, upTo);
  }

  @Override
  public Changelog changes(TableName name, At since, At until) {
    Pointer pointer = pointer(name).orElseThrow(() -> notFound(name));
    Table table = table(name, pointer);
    return new Changelog(
        name,
        table.schema(),
        key(table),
        new Timeline(name, table)
            .steps(
                since,
                until,
                id -> scan(name, pointer, new At.Snapshot(id), Expressions.alwaysTrue()).files()));
  }

  /** None if a column of it is there no more. */
  private static List<String> key(Table table) {
    List<String> key = TableState.key(table.properties());
    boolean known = key.stream().allMatch(c -> table.schema().caseInsensitiveFindField(c) != null);
    return known ? key : List.of();
  }

  @Override
  public void deletedPositions(ScanFile file, LongConsumer visitor) {
    deletedPositions.visit(file, visitor);
  }

  @Override
  public void files(String metadataLocation, Consumer<TableFile> visitor) {
    TableMetadata metadata = metadata(new Pointer("", metadataLocation, 0));
    try {
      new TableFiles(io)
          .visit(
              metadataLocation,
              metadata,
              (uri, bytes) -> visitor.accept(new TableFile(io.key(uri), bytes)));
    } catch (AvroRuntimeException | UncheckedIOException e) {
      io.forget();
      throw new TarnException(
          ErrorCode.CATALOG_CORRUPT,
          "the manifests that "
              + metadataLocation
              + " lists cannot be read: "
              + e.getMessage()
              + "; restore them from a backup",
          e);
    }
  }

  @Override
  public Map<String, String> totals(TableState state) {
    Snapshot snapshot =
        metadata(new Pointer(state.id(), state.metadataLocation(), state.version()))
            .currentSnapshot();
    return snapshot == null ? Map.of() : snapshot.summary();
  }

  @Override
  public List<SnapshotInfo> history(TableName name, int limit) {
    Pointer pointer = pointer(name).orElseThrow(() -> notFound(name));
    Set<Long> readable = new HashSet<>();
    metadata(pointer).snapshots().forEach(s -> readable.add(s.snapshotId()));
    return database.read(
        h ->
            h.createQuery(
                    "SELECT version, snapshot_id, committed_at, operation, principal, ledger_seq, summary FROM table_commit"
                        + " WHERE table_id = :id ORDER BY version DESC LIMIT :limit")
                .bind("id", pointer.id())
                .bind("limit", limit)
                .map(
                    (rs, ctx) -> {
                      Long snapshot = nullableLong(rs.getObject(2));
                      return new SnapshotInfo(
                          rs.getLong(1),
                          snapshot,
                          instant(rs.getLong(3)),
                          rs.getString(4),
                          rs.getString(5),
                          nullableLong(rs.getObject(6)),
                          readMap(rs.getString(7)),
                          snapshot != null && readable.contains(snapshot));
                    })
                .list());
  }

  @Override
  public MaintenanceReport maintain(TableName name, MaintenancePolicy policy) {
    return maintenance.maintain(name, policy);
  }

  @Override
  public long removeOrphans(MaintenancePolicy policy) {
    return maintenance.removeOrphans(policy);
  }

  // ---- what Maintenance shares ----

  /** One table's part of a staged commit. */
  record Work(
      TableState base,
      String operation,
      Map<String, String> summary,
      Consumer<Table> action,
      Map<String, String> properties) {}

  /** Where a table's current metadata is. */
  record Pointer(String id, String location, long version) {}

  CommitOutcome commitStaged(List<Work> works) {
    for (int attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
      LakeFileIO recording = io.recording();
      List<Staged> staged;
      List<Staged> moving;
      boolean moved;
      try {
        staged = works.stream().map(w -> stage(w, recording)).toList();
        moving = staged.stream().filter(Staged::changes).toList();
        moved = moving.isEmpty() || movePointers(moving);
      } catch (Refused e) {
        recording.discardWritten();
        return e.conflict;
      } catch (TarnException e) {
        throw notCommitted(e, recording);
      }
      if (moved) {
        moving.forEach(this::removeOldMetadata);
        return new CommitOutcome.Committed(staged.stream().map(this::stateAfter).toList());
      }
      recording.discardWritten();
    }
    return new CommitOutcome.Conflict(
        works.get(0).base().name(), "other writers came first " + MAX_ATTEMPTS + " times");
  }

  private Staged stage(Work work, LakeFileIO recording) {
    TableName name = work.base().name();
    Pointer current = pointer(name).orElseThrow(() -> notFound(name));
    String obstacle = obstacle(work, current);
    if (obstacle != null) {
      throw new Refused(new CommitOutcome.Conflict(name, obstacle));
    }
    TableMetadata before = metadata(current);
    StagedOperations operations = new StagedOperations(recording, before);
    try {
      work.action().accept(new BaseTable(operations, name.toString()));
    } catch (ValidationException e) {
      throw new Refused(new CommitOutcome.Conflict(name, String.valueOf(e.getMessage())));
    }
    if (operations.isUnchanged()) {
      return new Staged(work, current, before, before, current.location());
    }
    String location = operations.nextMetadataLocation(current.version() + 1);
    TableMetadataParser.write(operations.current(), recording.newOutputFile(location));
    return new Staged(work, current, before, operations.current(), location);
  }

  /** What a failed commit wrote goes, unless the commit may have taken place after all. */
  private static TarnException notCommitted(TarnException failure, LakeFileIO recording) {
    if (failure.code() != ErrorCode.COMMIT_UNKNOWN) {
      try {
        recording.discardWritten();
      } catch (TarnException e) {
        failure.addSuppressed(e);
      }
    }
    return failure;
  }

  private TableState stateAfter(Staged s) {
    long version = s.from().version() + (s.changes() ? 1 : 0);
    Pointer after = new Pointer(s.from().id(), s.location(), version);
    return state(s.work().base().name(), after, s.metadata());
  }

  Optional<Pointer> pointer(TableName name) {
    return database.read(
        h ->
            h.createQuery(
                    "SELECT id, metadata_location, version FROM lake_table WHERE namespace = :ns AND name = :name")
                .bind("ns", name.namespace())
                .bind("name", name.name())
                .map((rs, ctx) -> new Pointer(rs.getString(1), rs.getString(2), rs.getLong(3)))
                .findOne());
  }

  TableMetadata metadata(Pointer pointer) {
    TableMetadata known = metadataCache.getIfPresent(pointer.location());
    if (known != null) {
      return known;
    }
    try {
      TableMetadata read = TableMetadataParser.read(io, pointer.location());
      metadataCache.put(pointer.location(), read);
      return read;
    } catch (TarnException e) {
      throw e;
    } catch (RuntimeException e) {
      io.forget();
      throw new TarnException(
          ErrorCode.CATALOG_CORRUPT,
          "the metadata file " + pointer.location() + " cannot be read: restore it from a backup",
          e);
    }
  }

  Table table(TableName name, Pointer pointer) {
    return new BaseTable(new StagedOperations(io, metadata(pointer)), name.toString());
  }

  // ---- the commit ----

  private record Staged(
      Work work, Pointer from, TableMetadata before, TableMetadata metadata, String location) {

    boolean changes() {
      return !location.equals(from.location());
    }
  }

  /** Ends the staging of a commit that another one is in the way of. */
  private static final class Refused extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final transient CommitOutcome.Conflict conflict;

    Refused(CommitOutcome.Conflict conflict) {
      super(conflict.why(), null, false, false);
      this.conflict = conflict;
    }
  }

  /**
   * Why a change computed from an older state must not be applied to the current one; null if it
   * may be.
   */
  private @Nullable String obstacle(Work work, Pointer current) {
    TableState base = work.base();
    if (!current.id().equals(base.id())) {
      return "the table was dropped and made again";
    }
    if (current.version() == base.version()) {
      return null;
    }
    TableMetadata metadata = metadata(current);
    if (metadata.currentSchemaId() != base.schema().schemaId()) {
      return "its columns were changed";
    }
    for (String key : work.properties().keySet()) {
      if (!Objects.equals(metadata.properties().get(key), base.properties().get(key))) {
        return key + " was moved by another commit";
      }
    }
    return null;
  }

  private boolean movePointers(List<Staged> staged) {
    try {
      return database.write(h -> movePointers(h, staged));
    } catch (PointerMoved e) {
      return false;
    } catch (TarnException e) {
      if (e.code() != ErrorCode.COMMIT_UNKNOWN) {
        throw e;
      }
      return resolveUnknown(staged, e);
    }
  }

  private boolean movePointers(Handle h, List<Staged> staged) {
    long now = micros(clock.instant());
    for (Staged s : staged) {
      TableName name = s.work().base().name();
      int moved =
          h.createUpdate(
                  "UPDATE lake_table SET metadata_location = :new, version = version + 1, updated_at = :now"
                      + " WHERE namespace = :ns AND name = :name AND metadata_location = :old")
              .bind("new", s.location())
              .bind("now", now)
              .bind("ns", name.namespace())
              .bind("name", name.name())
              .bind("old", s.from().location())
              .execute();
      if (moved != 1) {
        throw new PointerMoved();
      }
      insertCommit(h, s, now);
    }
    return true;
  }

  private void insertCommit(Handle h, Staged s, long now) {
    Snapshot snapshot = s.metadata().currentSnapshot();
    Snapshot before = s.before().currentSnapshot();
    boolean newSnapshot =
        snapshot != null && (before == null || before.snapshotId() != snapshot.snapshotId());
    String seq = s.metadata().properties().get(TableState.LEDGER_SEQ);
    Map<String, String> summary = new HashMap<>(s.work().summary());
    if (newSnapshot && snapshot != null) {
      boolean made = s.before().snapshot(snapshot.snapshotId()) == null; // or it holds again
      for (String key : made ? COUNTS : TOTALS) {
        String value = snapshot.summary().get(key);
        if (value != null) {
          summary.put(key, value);
        }
      }
    }
    h.createUpdate(
            "INSERT INTO table_commit (table_id, version, metadata_location, snapshot_id, committed_at, operation, principal,"
                + " ledger_seq, summary) VALUES (:id, :version, :location, :snapshot, :now, :operation, :principal, :seq, :summary)")
        .bind("id", s.from().id())
        .bind("version", s.from().version() + 1)
        .bind("location", s.location())
        .bind(
            "snapshot",
            newSnapshot && snapshot != null ? Long.valueOf(snapshot.snapshotId()) : null)
        .bind("now", now)
        .bind("operation", s.work().operation())
        .bind("principal", principal)
        .bind("seq", seq == null ? null : Long.valueOf(seq))
        .bind("summary", writeMap(summary))
        .execute();
  }

  /**
   * The answer to a commit was lost. The row lock of this update waits for a transaction that is
   * still being decided, so what it sees is final.
   */
  private boolean resolveUnknown(List<Staged> staged, TarnException unknown) {
    Staged first = staged.get(0);
    TableName name = first.work().base().name();
    for (int attempt = 0; attempt < 5; attempt++) {
      try {
        return database.write(
            h -> {
              h.createUpdate(
                      "UPDATE lake_table SET updated_at = updated_at WHERE namespace = :ns AND name = :name")
                  .bind("ns", name.namespace())
                  .bind("name", name.name())
                  .execute();
              return h.createQuery(
                          "SELECT count(*) FROM table_commit WHERE table_id = :id AND metadata_location = :location")
                      .bind("id", first.from().id())
                      .bind("location", first.location())
                      .mapTo(Long.class)
                      .one()
                  == 1;
            });
      } catch (TarnException e) {
        unknown.addSuppressed(e);
        pause(200L << attempt);
      }
    }
    throw unknown;
  }

  private static void pause(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new TarnException(
          ErrorCode.COMMIT_UNKNOWN, "interrupted while asking whether a commit took place", e);
    }
  }

  private void removeOldMetadata(Staged s) {
    CatalogUtil.deleteRemovedMetadataFiles(io, s.before(), s.metadata());
  }

  /** Rolls the transaction back: another commit moved a pointer first. */
  private static final class PointerMoved extends RuntimeException {
    private static final long serialVersionUID = 1L;

    PointerMoved() {
      super("a table's pointer was moved by another commit", null, false, false);
    }
  }

  private boolean insertPointer(Handle h, TableName name, String id, String location) {
    long now = micros(clock.instant());
    int made =
        h.createUpdate(
                "INSERT INTO lake_table (namespace, name, id, metadata_location, version, created_at, updated_at)"
                    + " VALUES (:ns, :name, :id, :location, 1, :now, :now) ON CONFLICT DO NOTHING")
            .bind("ns", name.namespace())
            .bind("name", name.name())
            .bind("id", id)
            .bind("location", location)
            .bind("now", now)
            .execute();
    if (made == 1) {
      h.createUpdate(
              "INSERT INTO table_commit (table_id, version, metadata_location, snapshot_id, committed_at, operation, principal, ledger_seq,"
                  + " summary) VALUES (:id, 1, :location, NULL, :now, 'create', :principal, NULL, '{}')")
          .bind("id", id)
          .bind("location", location)
          .bind("now", now)
          .bind("principal", principal)
          .execute();
    }
    return made == 1;
  }

  // ---- states and specs ----

  TableState state(TableName name, Pointer pointer, TableMetadata metadata) {
    Snapshot snapshot = metadata.currentSnapshot();
    return new TableState(
        name,
        pointer.id(),
        pointer.version(),
        pointer.location(),
        metadata.formatVersion(),
        metadata.schema(),
        metadata.spec(),
        metadata.sortOrder(),
        metadata.properties(),
        snapshot == null ? OptionalLong.empty() : OptionalLong.of(snapshot.snapshotId()),
        metadata.location());
  }

  static void updateSchema(Table table, SchemaChange change) {
    UpdateSchema update = table.updateSchema();
    try {
      change.renames().forEach(r -> update.renameColumn(r.from(), r.to()));
      change.drops().forEach(update::deleteColumn);
      change.widenings().forEach(c -> update.updateColumn(c.name(), c.type().asPrimitiveType()));
      change.additions().forEach(c -> add(update, c));
      update.commit();
    } catch (IllegalArgumentException | ValidationException e) {
      throw new TarnException(
          ErrorCode.BAD_REQUEST,
          "the columns of " + table.name() + " cannot change so: " + e.getMessage(),
          e);
    }
  }

  private static void add(UpdateSchema update, SchemaChange.Column column) {
    if (column.parent().isEmpty()) {
      update.addColumn(column.name(), column.type());
    } else {
      update.addColumn(column.parent(), column.name(), column.type());
    }
  }

  private static Zone zone(TableName name) {
    return name.namespace().equals("analytics") ? Zone.ANALYTICS : Zone.CLEAN;
  }

  static TarnException notFound(TableName name) {
    return new TarnException(
        ErrorCode.NOT_FOUND,
        "there is no table " + name + "; `datalake tables` lists those that there are");
  }

  static long micros(Instant instant) {
    return instant.getEpochSecond() * 1_000_000 + instant.getNano() / 1_000;
  }

  static Instant instant(long micros) {
    return Instant.ofEpochSecond(
        Math.floorDiv(micros, 1_000_000L), Math.floorMod(micros, 1_000_000L) * 1_000L);
  }

  private static @Nullable Long nullableLong(@Nullable Object value) {
    return value == null ? null : ((Number) value).longValue();
  }

  private static String writeMap(Map<String, String> map) {
    try {
      return JSON.writeValueAsString(map);
    } catch (JsonProcessingException e) {
      throw new TarnException(
          ErrorCode.INTERNAL, "a commit's summary cannot be written as JSON", e);
    }
  }

  private static Map<String, String> readMap(String json) {
    try {
      return JSON.readValue(json, new TypeReference<Map<String, String>>() {});
    } catch (JsonProcessingException e) {
      throw new TarnException(
          ErrorCode.CATALOG_CORRUPT, "a commit's summary in the catalog is not JSON: " + json, e);
    }
  }
}
