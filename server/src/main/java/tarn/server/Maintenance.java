package tarn.server;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.expressions.Expressions;
import org.jspecify.annotations.Nullable;
import tarn.api.TableMaintenance;
import tarn.core.engine.Engine;
import tarn.core.engine.RewriteJob;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.lake.DurationText;
import tarn.core.lake.LakeSettings;
import tarn.core.lake.Settings;
import tarn.core.observe.Progress;
import tarn.core.table.At;
import tarn.core.table.CommitOutcome;
import tarn.core.table.DataChange;
import tarn.core.table.MaintenancePolicy;
import tarn.core.table.Scan;
import tarn.core.table.ScanFile;
import tarn.core.table.TableChange;
import tarn.core.table.TableName;
import tarn.core.table.TableState;
import tarn.core.table.TableStore;
import tarn.core.table.WrittenFile;

/**
 * Compacts small files and files with many deleted rows, then lets the tables expire snapshots and
 * remove orphans.
 */
final class Maintenance {
  /** A file whose deleted rows are more than this part of it is worth writing anew. */
  private static final double HOLED = 0.1;

  /** So many small files of one partition are worth writing together. */
  private static final int MANY = 2;

  private final TableStore tables;
  private final Engine engine;
  private final Settings settings;
  private final Duration timeout;

  Maintenance(TableStore tables, Engine engine, Settings settings, Duration timeout) {
    this.tables = tables;
    this.engine = engine;
    this.settings = settings;
    this.timeout = timeout;
  }

  List<TableMaintenance> maintain(List<String> wanted, boolean dryRun, Progress progress) {
    List<TableName> names =
        wanted.isEmpty() ? tables.list() : wanted.stream().map(TableName::parse).toList();
    MaintenancePolicy policy =
        new MaintenancePolicy(
            settings.get(LakeSettings.MAINTENANCE_SNAPSHOT_RETENTION),
            Math.toIntExact(settings.get(LakeSettings.MAINTENANCE_MIN_SNAPSHOTS)),
            settings.get(LakeSettings.MAINTENANCE_ORPHAN_GRACE));
    List<TableMaintenance> done = new ArrayList<>();
    for (TableName name : names) {
      progress.report("maintain", name.toString(), done.size(), names.size(), "tables");
      done.add(maintain(name, policy, dryRun));
    }
    if (!dryRun && wanted.isEmpty()) {
      long orphans = tables.removeOrphans(policy);
      done.add(
          new TableMaintenance(
              "all tables",
              0,
              0,
              0,
              orphans,
              List.of(
                  "files that no table lists are removed "
                      + DurationText.print(policy.orphanGrace())
                      + " after they are found")));
    }
    return done;
  }

  private TableMaintenance maintain(TableName name, MaintenancePolicy policy, boolean dryRun) {
    TableState state = load(name);
    Scan before = tables.scan(name, new At.Now(), Expressions.alwaysTrue());
    List<List<ScanFile>> groups = groups(state, before);
    List<String> notes = new ArrayList<>();
    if (dryRun) {
      long small = groups.stream().mapToLong(List::size).sum();
      notes.add(
          small == 0
              ? "nothing to compact"
              : small + " files would be written anew as " + groups.size() + " or a few more");
      long after = before.files().size() - small + groups.size();
      return new TableMaintenance(name.toString(), before.files().size(), after, 0, 0, notes);
    }
    for (List<ScanFile> group : groups) {
      String note = compact(load(name), group);
      if (note != null) {
        notes.add(note);
      }
    }
    TableStore.MaintenanceReport report = tables.maintain(name, policy);
    long after = tables.scan(name, new At.Now(), Expressions.alwaysTrue()).files().size();
    return new TableMaintenance(
        name.toString(), before.files().size(), after, report.snapshotsExpired(), 0, notes);
  }

  private TableState load(TableName name) {
    return tables
        .load(name)
        .orElseThrow(
            () ->
                new TarnException(
                    ErrorCode.NOT_FOUND,
                    "there is no table "
                        + name
                        + "; `datalake tables` lists those that there are"));
  }

  /** Files of one partition that are small or holed, in portions of the size wanted. */
  private List<List<ScanFile>> groups(TableState state, Scan scan) {
    long target = settings.get(LakeSettings.MAINTENANCE_TARGET_FILE_SIZE).bytes();
    long small = settings.get(LakeSettings.MAINTENANCE_SMALL_FILE_SIZE).bytes();
    Map<List<@Nullable Object>, List<ScanFile>> byPartition = new LinkedHashMap<>();
    for (ScanFile file : scan.files()) {
      boolean candidate = file.bytes() < small || file.deleted() > HOLED * file.rows();
      if (candidate && file.specId() == state.spec().specId()) {
        byPartition.computeIfAbsent(file.partition(), p -> new ArrayList<>()).add(file);
      }
    }
    List<List<ScanFile>> groups = new ArrayList<>();
    for (List<ScanFile> files : byPartition.values()) {
      List<ScanFile> group = new ArrayList<>();
      long bytes = 0;
      for (ScanFile file : files) {
        group.add(file);
        bytes += file.bytes();
        if (bytes >= target) {
          groups.add(group);
          group = new ArrayList<>();
          bytes = 0;
        }
      }
      groups.add(group);
    }
    groups.removeIf(
        g -> g.size() < MANY && g.stream().noneMatch(f -> f.deleted() > HOLED * f.rows()));
    return groups;
  }

  /** A note if it could not be done; the files are tried again next time. */
  private @Nullable String compact(TableState state, List<ScanFile> files) {
    List<WrittenFile> written = engine.rewrite(new RewriteJob(state, files, timeout));
    CommitOutcome outcome =
        tables.commit(
            List.of(
                new TableChange(
                    state, new DataChange.Rewrite(files, written), Map.of(), "compact", Map.of())));
    return outcome instanceof CommitOutcome.Conflict conflict
        ? "left as it is: " + conflict.why()
        : null;
  }
}
