package tarn.iceberg;

import java.util.UUID;
import org.apache.iceberg.LocationProviders;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableMetadataParser;
import org.apache.iceberg.TableOperations;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.exceptions.CommitFailedException;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.LocationProvider;

/**
 * One table's state while a commit is being prepared. Iceberg's operations run against it and
 * "commit" into memory; {@link IcebergTables} then moves the pointers of all tables in one
 * transaction.
 */
final class StagedOperations implements TableOperations {
  private final LakeFileIO io;
  private final TableMetadata start;
  private TableMetadata current;

  StagedOperations(LakeFileIO io, TableMetadata start) {
    this.io = io;
    this.start = start;
    this.current = start;
  }

  @Override
  public TableMetadata current() {
    return current;
  }

  @Override
  public TableMetadata refresh() {
    return current;
  }

  @Override
  public void commit(TableMetadata base, TableMetadata metadata) {
    if (base != current) {
      throw new CommitFailedException(
          "The staged table changed while a change was being applied to it");
    }
    current = metadata;
  }

  @Override
  public FileIO io() {
    return io;
  }

  @Override
  public String metadataFileLocation(String fileName) {
    return current.location() + "/metadata/" + fileName;
  }

  @Override
  public LocationProvider locationProvider() {
    return LocationProviders.locationsFor(current.location(), current.properties());
  }

  /** Whether nothing was done: there is nothing to commit. */
  boolean isUnchanged() {
    return current == start || current.changes().isEmpty();
  }

  /**
   * A fresh name for the metadata file of the state after the commit. Iceberg compresses by the
   * name's ending.
   */
  String nextMetadataLocation(long version) {
    String codec =
        current.property(
            TableProperties.METADATA_COMPRESSION, TableProperties.METADATA_COMPRESSION_DEFAULT);
    String ending = TableMetadataParser.getFileExtension(codec);
    return metadataFileLocation(String.format("%05d-%s%s", version, UUID.randomUUID(), ending));
  }
}
