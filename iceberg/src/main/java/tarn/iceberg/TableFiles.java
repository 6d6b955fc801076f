package tarn.iceberg;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashSet;
import java.util.OptionalLong;
import java.util.Set;
import org.apache.iceberg.ContentFile;
import org.apache.iceberg.ManifestContent;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.ManifestFiles;
import org.apache.iceberg.ManifestReader;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.io.CloseableIterable;

/** Finds the files that the snapshots of one state of a table list. */
final class TableFiles {
  private final LakeFileIO io;

  TableFiles(LakeFileIO io) {
    this.io = io;
  }

  /** Hears of a file; its size where what lists it says so. */
  @FunctionalInterface
  interface Visitor {
    void visit(String uri, OptionalLong bytes);
  }

  /** Visits the metadata file itself and every file of all snapshots in it, each once. */
  void visit(String location, TableMetadata metadata, Visitor visitor) {
    visitor.visit(location, OptionalLong.empty());
    Set<String> seen = new HashSet<>();
    for (Snapshot snapshot : metadata.snapshots()) {
      visitor.visit(snapshot.manifestListLocation(), OptionalLong.empty());
      for (ManifestFile manifest : snapshot.allManifests(io)) {
        if (seen.add(manifest.path())) {
          visitor.visit(manifest.path(), OptionalLong.of(manifest.length()));
          content(manifest, metadata, seen, visitor);
        }
      }
    }
  }

  private void content(
      ManifestFile manifest, TableMetadata metadata, Set<String> seen, Visitor visitor) {
    try (ManifestReader<?> reader =
            manifest.content() == ManifestContent.DATA
                ? ManifestFiles.read(manifest, io, metadata.specsById())
                : ManifestFiles.readDeleteManifest(manifest, io, metadata.specsById());
        CloseableIterable<?> files = reader) {
      for (Object each : files) {
        ContentFile<?> file = (ContentFile<?>) each;
        if (seen.add(file.location())) {
          visitor.visit(file.location(), OptionalLong.of(file.fileSizeInBytes()));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read manifest " + manifest.path(), e);
    }
  }
}
