package tarn.iceberg;

import java.util.function.LongConsumer;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.FileMetadata;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.deletes.PositionDeleteIndex;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.storage.ObjectStore;
import tarn.core.table.ScanFile;

/**
 * Reads deletion vectors (Iceberg's Puffin blob {@code deletion-vector-v1}: a roaring bitmap with
 * length, magic and CRC).
 */
final class DeletedPositions {
  private final ObjectStore objects;

  DeletedPositions(ObjectStore objects) {
    this.objects = objects;
  }

  void visit(ScanFile file, LongConsumer visitor) {
    if (!file.deletes().isEmpty()) {
      index(PartitionSpec.unpartitioned(), file).forEach(visitor);
    }
  }

  PositionDeleteIndex index(PartitionSpec spec, ScanFile file) {
    ScanFile.DeleteSource source = file.deletes().get(0);
    if (file.deletes().size() != 1 || !source.vector()) {
      throw new TarnException(
          ErrorCode.INTERNAL, file.uri() + " has position delete files, not one deletion vector");
    }
    byte[] blob = objects.read(source.key(), source.offset(), Math.toIntExact(source.length()));
    if (blob.length != source.length()) {
      throw new TarnException(
          ErrorCode.FILE_DAMAGED, source.key() + " ends before its deletion vector does");
    }
    return PositionDeleteIndex.deserialize(blob, vector(spec, file, source));
  }

  private DeleteFile vector(PartitionSpec spec, ScanFile file, ScanFile.DeleteSource source) {
    FileMetadata.Builder builder =
        FileMetadata.deleteFileBuilder(spec)
            .ofPositionDeletes()
            .withFormat(FileFormat.PUFFIN)
            .withPath(objects.uri(source.key()))
            .withFileSizeInBytes(source.offset() + source.length())
            .withReferencedDataFile(file.uri())
            .withContentOffset(source.offset())
            .withContentSizeInBytes(source.length())
            .withRecordCount(file.deleted());
    if (spec.isPartitioned()) {
      builder.withPartition(new PartitionRow(file.partition()));
    }
    return builder.build();
  }
}
