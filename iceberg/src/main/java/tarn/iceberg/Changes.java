package tarn.iceberg;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.FileMetadata;
import org.apache.iceberg.HasTableOperations;
import org.apache.iceberg.Metrics;
import org.apache.iceberg.OverwriteFiles;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.ReplacePartitions;
import org.apache.iceberg.RewriteFiles;
import org.apache.iceberg.RowDelta;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotRef;
import org.apache.iceberg.SnapshotUpdate;
import org.apache.iceberg.SortOrder;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableOperations;
import org.apache.iceberg.UpdateProperties;
import org.apache.iceberg.deletes.BaseDVFileWriter;
import org.apache.iceberg.deletes.PositionDeleteIndex;
import org.apache.iceberg.exceptions.ValidationException;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.io.DeleteWriteResult;
import org.apache.iceberg.io.OutputFileFactory;
import org.jspecify.annotations.Nullable;
import tarn.core.storage.ObjectStore;
import tarn.core.table.DataChange;
import tarn.core.table.ScanFile;
import tarn.core.table.SchemaChange;
import tarn.core.table.TableChange;
import tarn.core.table.TableState;
import tarn.core.table.WrittenFile;

/**
 * Applies one table's change to its staged state. Iceberg's checks run against everything committed
 * since the change's base.
 */
final class Changes {
  private final ObjectStore objects;
  private final DeletedPositions deletedPositions;

  Changes(ObjectStore objects, DeletedPositions deletedPositions) {
    this.objects = objects;
    this.deletedPositions = deletedPositions;
  }

  /**
   * Throws {@link org.apache.iceberg.exceptions.ValidationException} if a commit since the base is
   * in the way.
   */
  void apply(Table table, TableChange change) {
    if (change.data() instanceof DataChange.Rollback rollback) {
      rollback(table, rollback.snapshotId(), change.base().snapshotId());
    } else if (change.data() instanceof DataChange.Rebuild rebuild) {
      TableOperations operations = ((HasTableOperations) table).operations();
      TableMetadata metadata = operations.current();
      operations.commit(metadata, Shapes.reshaped(metadata, rebuild.spec()));
    }
    if (change.data() instanceof DataChange.ReplaceAll all && !all.columns().isEmpty()) {
      replaceColumns(table, change.base(), all.columns());
    }
    SnapshotUpdate<?> update = update(table, change.data(), change.base().snapshotId());
    if (update != null) {
      change.summary().forEach(update::set);
      change.properties().forEach(update::set);
      update.set("tarn.operation", change.operation());
      update.commit();
    }
    if (!change.properties().isEmpty()) {
      UpdateProperties properties = table.updateProperties();
      change.properties().forEach(properties::set);
      properties.commit();
    }
  }

  private @Nullable SnapshotUpdate<?> update(Table table, DataChange data, OptionalLong base) {
    if (data instanceof DataChange.Append append) {
      return append.files().isEmpty() ? null : append(table, append.files());
    } else if (data instanceof DataChange.ReplaceAll all) {
      return replaceAll(table, all.files(), base);
    } else if (data instanceof DataChange.Rebuild rebuild) {
      return replaceAll(table, rebuild.files(), base);
    } else if (data instanceof DataChange.ReplacePartitions partitions) {
      return replacePartitions(table, partitions.files(), base);
    } else if (data instanceof DataChange.MergeOnRead merge) {
      return mergeOnRead(table, merge, base);
    } else if (data instanceof DataChange.CopyOnWrite copy) {
      return copyOnWrite(table, copy, base);
    } else if (data instanceof DataChange.Rewrite rewrite) {
      return rewrite(table, rewrite, base);
    }
    return null;
  }

  /** The files have the field ids that this change gave when it was tried on the base. */
  private static void replaceColumns(Table table, TableState base, SchemaChange columns) {
    String current = ((HasTableOperations) table).operations().current().metadataFileLocation();
    if (!base.metadataLocation().equals(current)) {
      throw new ValidationException("another commit came before the change of columns");
    }
    IcebergTables.updateSchema(table, columns);
  }

  private static void rollback(Table table, @Nullable Long to, OptionalLong base) {
    Snapshot current = table.currentSnapshot();
    if (current == null || base.isEmpty() || current.snapshotId() != base.getAsLong()) {
      throw new ValidationException("the table has another snapshot than the one to be undone");
    }
    TableOperations operations = ((HasTableOperations) table).operations();
    TableMetadata metadata = operations.current();
    if (to != null && metadata.snapshot(to) == null) {
      throw new ValidationException("the snapshot before, %s, has expired", to);
    }
    TableMetadata shaped = to == null ? metadata : Shapes.asOf(metadata, metadata.snapshot(to));
    TableMetadata.Builder changed = TableMetadata.buildFrom(shaped);
    operations.commit(
        metadata,
        (to == null
                ? changed.removeRef(SnapshotRef.MAIN_BRANCH)
                : changed.setBranchSnapshot(to, SnapshotRef.MAIN_BRANCH))
            .build());
  }

  private SnapshotUpdate<?> append(Table table, List<WrittenFile> files) {
    var append = table.newAppend();
    files.forEach(f -> append.appendFile(dataFile(table, f)));
    return append;
  }

  private SnapshotUpdate<?> replaceAll(Table table, List<WrittenFile> files, OptionalLong base) {
    OverwriteFiles overwrite = table.newOverwrite().overwriteByRowFilter(Expressions.alwaysTrue());
    base.ifPresent(overwrite::validateFromSnapshot);
    overwrite
        .conflictDetectionFilter(Expressions.alwaysTrue())
        .validateNoConflictingData()
        .validateNoConflictingDeletes();
    files.forEach(f -> overwrite.addFile(dataFile(table, f)));
    return overwrite;
  }

  private @Nullable SnapshotUpdate<?> replacePartitions(
      Table table, List<WrittenFile> files, OptionalLong base) {
    if (files.isEmpty()) {
      return null;
    }
    ReplacePartitions replace = table.newReplacePartitions();
    base.ifPresent(replace::validateFromSnapshot);
    replace.validateNoConflictingData().validateNoConflictingDeletes();
    files.forEach(f -> replace.addFile(dataFile(table, f)));
    return replace;
  }

  private @Nullable SnapshotUpdate<?> mergeOnRead(
      Table table, DataChange.MergeOnRead merge, OptionalLong base) {
    if (merge.deletes().isEmpty() && merge.deleteFiles().isEmpty()) {
      return merge.files().isEmpty() ? null : append(table, merge.files());
    }
    RowDelta delta = table.newRowDelta();
    base.ifPresent(delta::validateFromSnapshot);
    merge.files().forEach(f -> delta.addRows(dataFile(table, f)));
    if (!merge.deletes().isEmpty()) {
      DeleteWriteResult written = writeVectors(table, merge.deletes());
      written.deleteFiles().forEach(delta::addDeletes);
      written.rewrittenDeleteFiles().forEach(delta::removeDeletes);
      delta.validateDataFilesExist(merge.deletes().stream().map(d -> d.file().uri()).toList());
    }
    merge.deleteFiles().forEach(d -> delta.addDeletes(positionDeletes(table, d)));
    if (!merge.deleteFiles().isEmpty()) {
      delta.validateDataFilesExist(merge.deleteFiles().stream().map(d -> d.file().uri()).toList());
    }
    delta
        .validateDeletedFiles()
        .conflictDetectionFilter(Expressions.alwaysTrue())
        .validateNoConflictingDataFiles()
        .validateNoConflictingDeleteFiles();
    return delta;
  }

  private SnapshotUpdate<?> copyOnWrite(
      Table table, DataChange.CopyOnWrite copy, OptionalLong base) {
    OverwriteFiles overwrite = table.newOverwrite();
    base.ifPresent(overwrite::validateFromSnapshot);
    overwrite
        .conflictDetectionFilter(copy.about())
        .validateNoConflictingData()
        .validateNoConflictingDeletes();
    copy.removed().forEach(f -> overwrite.deleteFile(dataFile(table, f)));
    copy.files().forEach(f -> overwrite.addFile(dataFile(table, f)));
    return overwrite;
  }

  private SnapshotUpdate<?> rewrite(Table table, DataChange.Rewrite change, OptionalLong base) {
    RewriteFiles rewrite = table.newRewrite();
    base.ifPresent(rewrite::validateFromSnapshot);
    for (ScanFile file : change.removed()) {
      rewrite.deleteFile(dataFile(table, file));
    }
    change.files().forEach(f -> rewrite.addFile(dataFile(table, f)));
    return rewrite;
  }

  /**
   * One Puffin file with a vector for each data file; vectors that these files had before are
   * merged in and removed.
   */
  private DeleteWriteResult writeVectors(Table table, List<DataChange.RowDeletes> deletes) {
    Map<String, ScanFile> files = new HashMap<>();
    deletes.forEach(d -> files.put(d.file().uri(), d.file()));
    OutputFileFactory names =
        OutputFileFactory.builderFor(table, 1, 1)
            .format(FileFormat.PUFFIN)
            .ioSupplier(table::io)
            .build();
    BaseDVFileWriter writer = new BaseDVFileWriter(names, uri -> previous(table, files, uri));
    try (writer) {
      for (DataChange.RowDeletes delete : deletes) {
        ScanFile file = delete.file();
        PartitionSpec spec = spec(table, file.specId());
        PartitionRow partition = new PartitionRow(file.partition());
        for (long position : delete.positions()) {
          writer.delete(file.uri(), position, spec, partition);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write deletion vectors of " + table.name(), e);
    }
    return writer.result();
  }

  @SuppressWarnings("NullAway") // Iceberg takes null for "no deletes before"
  private PositionDeleteIndex previous(Table table, Map<String, ScanFile> files, String uri) {
    ScanFile file = files.get(uri);
    return file == null || file.deletes().isEmpty()
        ? null
        : deletedPositions.index(spec(table, file.specId()), file);
  }

  private DeleteFile positionDeletes(Table table, DataChange.PositionDeletes deletes) {
    PartitionSpec spec = spec(table, deletes.file().specId());
    return FileMetadata.deleteFileBuilder(spec)
        .ofPositionDeletes()
        .withPath(objects.uri(deletes.key()))
        .withFormat(FileFormat.PARQUET)
        .withPartition(new PartitionRow(deletes.file().partition()))
        .withFileSizeInBytes(deletes.bytes())
        .withRecordCount(deletes.rows())
        .withReferencedDataFile(deletes.file().uri())
        .build();
  }

  private DataFile dataFile(Table table, WrittenFile file) {
    DataFiles.Builder builder =
        DataFiles.builder(table.spec())
            .withPath(objects.uri(file.key()))
            .withFormat(FileFormat.PARQUET)
            .withFileSizeInBytes(file.bytes())
            .withMetrics(metrics(file));
    if (table.spec().isPartitioned()) {
      builder.withPartition(new PartitionRow(file.partition()));
    }
    if (file.sorted() && table.sortOrder().isSorted()) {
      builder.withSortOrder(table.sortOrder());
    } else {
      builder.withSortOrder(SortOrder.unsorted());
    }
    return builder.build();
  }

  private DataFile dataFile(Table table, ScanFile file) {
    PartitionSpec spec = spec(table, file.specId());
    DataFiles.Builder builder =
        DataFiles.builder(spec)
            .withPath(file.uri())
            .withFormat(FileFormat.PARQUET)
            .withFileSizeInBytes(file.bytes())
            .withRecordCount(file.rows());
    if (spec.isPartitioned()) {
      builder.withPartition(new PartitionRow(file.partition()));
    }
    return builder.build();
  }

  private static PartitionSpec spec(Table table, int specId) {
    PartitionSpec spec = table.specs().get(specId);
    if (spec == null) {
      throw new IllegalStateException(table.name() + " has no partition spec " + specId);
    }
    return spec;
  }

  private static Metrics metrics(WrittenFile file) {
    Map<Integer, Long> sizes = new HashMap<>();
    Map<Integer, Long> values = new HashMap<>();
    Map<Integer, Long> nulls = new HashMap<>();
    Map<Integer, Long> nans = new HashMap<>();
    Map<Integer, ByteBuffer> lower = new HashMap<>();
    Map<Integer, ByteBuffer> upper = new HashMap<>();
    file.columns()
        .forEach(
            (id, stats) -> {
              values.put(id, stats.values());
              nulls.put(id, stats.nulls());
              put(sizes, id, stats.bytes());
              put(nans, id, stats.nans());
              put(lower, id, stats.lower());
              put(upper, id, stats.upper());
            });
    return new Metrics(file.rows(), sizes, values, nulls, nans, lower, upper);
  }

  private static <T> void put(Map<Integer, T> map, int id, @Nullable T value) {
    if (value != null) {
      map.put(id, value);
    }
  }
}
