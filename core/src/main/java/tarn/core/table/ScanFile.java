package tarn.core.table;

import java.util.List;
import org.jspecify.annotations.Nullable;
import tarn.core.storage.ObjectKey;

/**
 * A data file of a scan.
 *
 * @param uri its name in Iceberg's metadata
 * @param key where it is
 * @param bytes its size
 * @param rows rows in the file, deleted ones included
 * @param deleted how many of them are deleted
 * @param partition the values of its partition spec's fields
 * @param specId of which spec
 * @param schemaId of the table's schema that it was written with, so that its columns have that
 *     schema's names; null if that is not known any more
 * @param deletes where the positions of its deleted rows are; empty for none. Read them with {@link
 *     TableStore#deletedPositions}
 */
public record ScanFile(
    String uri,
    ObjectKey key,
    long bytes,
    long rows,
    long deleted,
    List<@Nullable Object> partition,
    int specId,
    @Nullable Integer schemaId,
    List<DeleteSource> deletes) {

  /** The same as if no row of it were deleted. */
  public ScanFile withoutDeletes() {
    return new ScanFile(uri, key, bytes, rows, 0, partition, specId, schemaId, List.of());
  }

  /**
   * A file with deleted positions.
   *
   * @param key a Puffin file, or a Parquet file of position deletes
   * @param vector whether it is a deletion vector
   * @param offset of the vector's blob in the file
   * @param length of the blob
   */
  public record DeleteSource(ObjectKey key, boolean vector, long offset, long length) {}
}
