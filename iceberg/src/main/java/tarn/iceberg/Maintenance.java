package tarn.iceberg;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.iceberg.ExpireSnapshots.CleanupLevel;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.TableMetadata;
import org.jdbi.v3.core.Handle;
import tarn.core.database.Database;
import tarn.core.storage.ObjectStore;
import tarn.core.storage.Zone;
import tarn.core.table.CommitOutcome;
import tarn.core.table.MaintenancePolicy;
import tarn.core.table.TableName;
import tarn.core.table.TableState;
import tarn.core.table.TableStore.MaintenanceReport;

/**
 * Keeps metadata small. Expiring a snapshot removes its metadata files only; data files that
 * nothing lists any more are found as orphans, remembered, and removed a grace period after that,
 * so that a reader that planned before never loses a file.
 */
final class Maintenance {
  private static final int SMALL_MANIFESTS = 8;

  private final IcebergTables tables;
  private final Database database;
  private final ObjectStore objects;
  private final LakeFileIO io;
  private final Clock clock;
  private final Duration longestWork;

  Maintenance(
      IcebergTables tables,
      Database database,
      ObjectStore objects,
      LakeFileIO io,
      Clock clock,
      Duration longestWork) {
    this.tables = tables;
    this.database = database;
    this.objects = objects;
    this.io = io;
    this.clock = clock;
    this.longestWork = longestWork;
  }

  /**
   * After a commit: cheap unless the table has too many snapshots. A conflict leaves it to the next
   * commit.
   */
  void boundSnapshots(TableState state) {
    TableMetadata metadata = metadata(state);
    if (metadata.snapshots().size() > TablePolicies.MAX_SNAPSHOTS) {
      expire(state, clock.instant(), TablePolicies.KEPT_SNAPSHOTS);
    }
  }

  MaintenanceReport maintain(TableName name, MaintenancePolicy policy) {
    TableState state = tables.load(name).orElseThrow(() -> IcebergTables.notFound(name));
    int snapshotsBefore = metadata(state).snapshots().size();
    int filesRemoved =
        expire(state, clock.instant().minus(policy.snapshotRetention()), policy.minSnapshots());
    state = tables.load(name).orElseThrow(() -> IcebergTables.notFound(name));
    int manifestsBefore = manifests(state);
    if (manifestsBefore > SMALL_MANIFESTS) {
      rewriteManifests(state);
      state = tables.load(name).orElseThrow(() -> IcebergTables.notFound(name));
    }
    return new MaintenanceReport(
        name,
        snapshotsBefore - metadata(state).snapshots().size(),
        filesRemoved,
        manifestsBefore,
        manifests(state));
  }

  private int expire(TableState state, Instant olderThan, int keep) {
    List<String> removable = new CopyOnWriteArrayList<>();
    CommitOutcome outcome =
        tables.commitStaged(
            List.of(
                new IcebergTables.Work(
                    state,
                    "expire",
                    Map.of(),
                    table -> {
                      removable.clear();
                      table
                          .expireSnapshots()
                          .expireOlderThan(olderThan.toEpochMilli())
                          .retainLast(keep)
                          .cleanupLevel(CleanupLevel.METADATA_ONLY)
                          .deleteWith(removable::add)
                          .commit();
                    },
                    Map.of())));
    if (outcome instanceof CommitOutcome.Committed) {
      removable.forEach(io::deleteFile);
      return removable.size();
    }
    return 0;
  }

  private void rewriteManifests(TableState state) {
    tables.commitStaged(
        List.of(
            new IcebergTables.Work(
                state,
                "rewrite-manifests",
                Map.of(),
                table -> table.rewriteManifests().clusterBy(f -> f.partition().toString()).commit(),
                Map.of())));
  }

  /**
   * Two sweeps, a grace period apart, must both find a file unlisted before it goes. A file younger
   * than the longest work may be one that a commit still to come will list; one that is unlisted
   * for that long has no reader of ours left.
   */
  long removeOrphans(MaintenancePolicy policy) {
    Instant started = clock.instant();
    Instant written = started.minus(longestWork);
    Duration grace =
        policy.orphanGrace().compareTo(longestWork) < 0 ? longestWork : policy.orphanGrace();
    Set<String> unlisted = new HashSet<>();
    for (Zone zone : List.of(Zone.CLEAN, Zone.ANALYTICS)) {
      objects.list(
          zone,
          "",
          info -> {
            if (info.modified().isBefore(written)) {
              unlisted.add(objects.uri(info.key()));
            }
          });
    }
    for (TableName name : tables.list()) {
      tables.pointer(name).ifPresent(p -> unlisted.removeAll(reachable(p)));
    }
    List<String> due =
        database.write(
            h ->
                rememberAndPick(
                    h, unlisted, IcebergTables.micros(started), grace.toNanos() / 1_000));
    // A commit since the listing may have taken a file into a table: ask once more before removing.
    Set<String> removable = new HashSet<>(due);
    for (TableName name : tables.list()) {
      tables.pointer(name).ifPresent(p -> removable.removeAll(reachable(p)));
    }
    removable.forEach(io::deleteFile);
    return removable.size();
  }

  private static List<String> rememberAndPick(
      Handle h, Set<String> unlisted, long now, long graceMicros) {
    Set<String> known =
        new HashSet<>(
            h.createQuery("SELECT path FROM orphan_candidate").mapTo(String.class).list());
    for (String path : known) {
      if (!unlisted.contains(path)) {
        h.createUpdate("DELETE FROM orphan_candidate WHERE path = :path")
            .bind("path", path)
            .execute();
      }
    }
    for (String path : unlisted) {
      if (!known.contains(path)) {
        h.createUpdate(
                "INSERT INTO orphan_candidate (path, seen_at) VALUES (:path, :now) ON CONFLICT DO NOTHING")
            .bind("path", path)
            .bind("now", now)
            .execute();
      }
    }
    return h.createQuery("SELECT path FROM orphan_candidate WHERE seen_at <= :limit")
        .bind("limit", now - graceMicros)
        .mapTo(String.class)
        .list();
  }

  /** Every file that some state of the table can still need. */
  private Set<String> reachable(IcebergTables.Pointer pointer) {
    TableMetadata metadata = tables.metadata(pointer);
    Set<String> uris = new HashSet<>();
    metadata.previousFiles().forEach(f -> uris.add(f.file()));
    new TableFiles(io).visit(pointer.location(), metadata, (uri, bytes) -> uris.add(uri));
    return uris;
  }

  private int manifests(TableState state) {
    Snapshot current = metadata(state).currentSnapshot();
    return current == null ? 0 : current.allManifests(io).size();
  }

  private TableMetadata metadata(TableState state) {
    return tables.metadata(
        new IcebergTables.Pointer(state.id(), state.metadataLocation(), state.version()));
  }
}
