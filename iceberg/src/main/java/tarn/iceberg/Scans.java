package tarn.iceberg;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import org.apache.avro.AvroRuntimeException;
import org.apache.iceberg.ContentFile;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DataOperations;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.IncrementalAppendScan;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotSummary;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableScan;
import org.apache.iceberg.exceptions.RuntimeIOException;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.util.SnapshotUtil;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.storage.ObjectStore;
import tarn.core.table.Appended;
import tarn.core.table.At;
import tarn.core.table.Scan;
import tarn.core.table.ScanFile;
import tarn.core.table.TableName;

/** Plans which files a reader needs. */
final class Scans {
  /** Stands for every sequence number. */
  private static final long ANY = -1;

  private final ObjectStore objects;

  Scans(ObjectStore objects) {
    this.objects = objects;
  }

  Scan plan(TableName name, Table table, At at, Expression filter) {
    Snapshot snapshot = snapshot(name, table, at);
    if (snapshot == null) {
      return new Scan(name, OptionalLong.empty(), table.schema(), List.of(), 0);
    }
    boolean current = at instanceof At.Now;
    TableScan scan = table.newScan().filter(filter).caseSensitive(false);
    if (!current) {
      scan = scan.useSnapshot(snapshot.snapshotId());
    }
    List<ScanFile> files = new ArrayList<>();
    Map<Long, Integer> schemas = schemas(table);
    try (CloseableIterable<FileScanTask> tasks = scan.planFiles()) {
      tasks.forEach(task -> files.add(file(task, schemas)));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot close the scan of " + name, e);
    } catch (RuntimeIOException | AvroRuntimeException e) {
      throw unreadable(name, snapshot, e);
    }
    Map<String, String> summary = snapshot.summary();
    long all = Long.parseLong(summary.getOrDefault(SnapshotSummary.TOTAL_DATA_FILES_PROP, "0"));
    return new Scan(
        name,
        OptionalLong.of(snapshot.snapshotId()),
        scan.schema(),
        files,
        Math.max(all, files.size()));
  }

  /** Walks from the later snapshot back to the earlier one. */
  Appended appended(TableName name, Table table, long since, long upTo) {
    Snapshot first = table.snapshot(since);
    Snapshot last = table.snapshot(upTo);
    if (first == null || last == null) {
      return expired(name);
    } else if (!Objects.equals(first.schemaId(), last.schemaId())) {
      return new Appended.More("the columns of " + name + " changed");
    }
    Snapshot at = last;
    while (at.snapshotId() != since) {
      if (!Objects.equals(at.schemaId(), last.schemaId())) {
        return new Appended.More("the columns of " + name + " changed");
      } else if (!DataOperations.APPEND.equals(at.operation())
          && !DataOperations.REPLACE.equals(at.operation())) {
        return new Appended.More("rows of " + name + " were replaced or removed");
      }
      Long parent = at.parentId();
      if (parent == null) {
        return new Appended.More("a commit to " + name + " was taken back");
      }
      Snapshot before = table.snapshot(parent);
      if (before == null) {
        return expired(name);
      }
      at = before;
    }
    return new Appended.Only(added(name, table, since, last));
  }

  private static Appended expired(TableName name) {
    return new Appended.More("a snapshot of " + name + " that was read has expired");
  }

  private static Schema schema(Table table, Snapshot snapshot) {
    Schema schema = table.schemas().get(snapshot.schemaId());
    return schema == null ? table.schema() : schema;
  }

  /** In the order in which they came: Iceberg plans them in any. */
  private Scan added(TableName name, Table table, long since, Snapshot last) {
    if (since == last.snapshotId()) {
      return new Scan(name, OptionalLong.of(since), schema(table, last), List.of(), 0);
    }
    List<FileScanTask> added = new ArrayList<>();
    Map<Long, Integer> schemas = schemas(table);
    IncrementalAppendScan scan =
        table.newIncrementalAppendScan().fromSnapshotExclusive(since).toSnapshot(last.snapshotId());
    try (CloseableIterable<FileScanTask> tasks = scan.planFiles()) {
      tasks.forEach(added::add);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot close the scan of " + name, e);
    } catch (RuntimeIOException | AvroRuntimeException e) {
      throw unreadable(name, last, e);
    }
    added.sort(Comparator.comparing(task -> task.file().fileSequenceNumber()));
    List<ScanFile> files = added.stream().map(task -> file(task, schemas)).toList();
    return new Scan(
        name, OptionalLong.of(last.snapshotId()), schema(table, last), files, files.size());
  }

  private static @org.jspecify.annotations.Nullable Snapshot snapshot(
      TableName name, Table table, At at) {
    if (at instanceof At.Snapshot wanted) {
      Snapshot found = table.snapshot(wanted.id());
      if (found == null) {
        throw new TarnException(
            ErrorCode.NOT_FOUND,
            name
                + " has no snapshot "
                + wanted.id()
                + " (or it has expired); `datalake history "
                + name
                + "` lists those it has");
      }
      return found;
    } else if (at instanceof At.Time time) {
      try {
        return table.snapshot(SnapshotUtil.snapshotIdAsOfTime(table, time.when().toEpochMilli()));
      } catch (IllegalArgumentException e) {
        throw new TarnException(
            ErrorCode.NOT_FOUND,
            name
                + " has no snapshot as old as "
                + time.when()
                + "; `datalake history "
                + name
                + "` lists those it has",
            e);
      }
    }
    return table.currentSnapshot();
  }

  private static TarnException unreadable(TableName name, Snapshot snapshot, Exception e) {
    return new TarnException(
        ErrorCode.CATALOG_CORRUPT,
        "the manifests of "
            + name
            + ", listed by "
            + snapshot.manifestListLocation()
            + ", cannot be read: "
            + e.getMessage()
            + "; restore them from a backup",
        e);
  }

  /**
   * The schema of each sequence number. A commit with another schema than the table's is refused,
   * so a snapshot's files were written with the snapshot's schema. Of expired snapshots it is known
   * if the table never had another.
   */
  private static Map<Long, Integer> schemas(Table table) {
    Map<Long, Integer> schemas = new HashMap<>();
    for (Snapshot snapshot : table.snapshots()) {
      if (snapshot.schemaId() != null) {
        schemas.put(snapshot.sequenceNumber(), snapshot.schemaId());
      }
    }
    if (table.schemas().size() == 1) {
      schemas.put(ANY, table.schema().schemaId());
    }
    return schemas;
  }

  private ScanFile file(FileScanTask task, Map<Long, Integer> schemas) {
    DataFile file = task.file();
    return new ScanFile(
        file.location(),
        objects.key(file.location()),
        file.fileSizeInBytes(),
        file.recordCount(),
        task.deletes().stream().mapToLong(ContentFile::recordCount).sum(),
        PartitionRow.values(task.spec(), file.partition()),
        file.specId(),
        schemas.getOrDefault(file.fileSequenceNumber(), schemas.get(ANY)),
        task.deletes().stream().map(this::deleteSource).toList());
  }

  private ScanFile.DeleteSource deleteSource(DeleteFile file) {
    boolean vector = file.format() == FileFormat.PUFFIN;
    Long offset = file.contentOffset();
    Long length = file.contentSizeInBytes();
    return new ScanFile.DeleteSource(
        objects.key(file.location()),
        vector,
        offset == null ? 0 : offset,
        length == null ? file.fileSizeInBytes() : length);
  }
}
