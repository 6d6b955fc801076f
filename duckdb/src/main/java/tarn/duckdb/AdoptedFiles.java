package tarn.duckdb;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;
import tarn.core.engine.LoadJob;
import tarn.core.engine.RawFormat;
import tarn.core.engine.RawInput;
import tarn.core.engine.WriteMode;
import tarn.core.ledger.RawFile;
import tarn.core.storage.ObjectKey;
import tarn.core.storage.ObjectStore;
import tarn.core.table.ColumnStats;
import tarn.core.table.TableState;
import tarn.core.table.WrittenFile;

/**
 * Raw files that are what the table's data files would be: Parquet with exactly the table's
 * columns, of its types, under its field ids (as {@link ColumnarFile} writes them). Such a file
 * becomes a data file as it is, under another name, so nothing is decoded and written again. On
 * local disks both names may be of one file; neither is ever changed.
 */
final class AdoptedFiles {
  private final LoadJob job;
  private final WorkerSession session;
  private final ObjectStore objects;

  AdoptedFiles(LoadJob job, WorkerSession session, ObjectStore objects) {
    this.job = job;
    this.session = session;
    this.objects = objects;
  }

  /**
   * The data files, stored and synced; empty if one of the raw files is another than its data file
   * would be.
   *
   * @param paths where the raw files can be read, in the order of the job's inputs
   */
  Optional<List<WrittenFile>> adopt(List<String> paths) {
    if (!isPlain() || !paths.stream().allMatch(this::fits)) {
      return Optional.empty();
    }
    List<WrittenFile> adopted = new ArrayList<>();
    for (int i = 0; i < paths.size(); i++) {
      JsonNode facts = facts(paths.get(i));
      if (facts.path(0).asLong() > 0) {
        adopted.add(adopt(paths.get(i), job.inputs().get(i), facts));
      }
    }
    return Optional.of(adopted);
  }

  /** Whether rows go into the table as they are. */
  private boolean isPlain() {
    TableState table = job.table();
    return job.steps().isEmpty()
        && job.rules().isEmpty()
        && job.mode() instanceof WriteMode.Append
        && table.spec().isUnpartitioned()
        && table.sortOrder().isUnsorted()
        && table.schema().columns().stream().allMatch(c -> c.type().isPrimitiveType())
        && job.columns().size() == table.schema().columns().size()
        && job.inputs().stream().allMatch(AdoptedFiles::isOurs);
  }

  /** What others wrote is read once before it is believed. */
  private static boolean isOurs(RawInput input) {
    return input.format() instanceof RawFormat.Parquet
        && input.file().role() == RawFile.Role.LOAD
        && input.partitionValues().isEmpty();
  }

  private boolean fits(String path) {
    List<Types.NestedField> columns = job.table().schema().columns();
    JsonNode written =
        session.rows(
            "SELECT s.name, s.field_id, d.column_type FROM (SELECT name, field_id, row_number() OVER () - 1 AS place"
                + " FROM parquet_schema("
                + Sql.text(path)
                + ")) s LEFT JOIN (SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM "
                + reader(path)
                + ")) d ON d.column_name = s.name WHERE s.place > 0 ORDER BY s.place");
    if (written.size() != columns.size()) {
      return false;
    }
    for (int i = 0; i < columns.size(); i++) {
      JsonNode column = written.get(i);
      Types.NestedField field = columns.get(i);
      boolean same =
          column.path(0).asText().equals(field.name())
              && column.path(1).asInt(-1) == field.fieldId()
              && SqlTypes.iceberg(column.path(2).asText()).equals(field.type());
      if (!same) {
        return false;
      }
    }
    return true;
  }

  private static String reader(String path) {
    return "read_parquet(" + Sql.text(path) + RawSql.PLAIN_PATHS + ")";
  }

  /**
   * What the footer says: the rows; then for each column its values, its nulls, its compressed
   * bytes, and the lowest and the highest value as texts, null unless every part of the file tells
   * them.
   */
  private JsonNode facts(String path) {
    StringBuilder select = new StringBuilder("SELECT (SELECT num_rows FROM parquet_file_metadata(");
    select.append(Sql.text(path)).append("))");
    for (int i = 0; i < job.table().schema().columns().size(); i++) {
      String sqlType = SqlTypes.sql(job.table().schema().columns().get(i).type());
      String here = " FILTER (column_id = " + i + ")";
      select
          .append(
              ", sum(num_values)" + here + "::BIGINT, sum(stats_null_count)" + here + "::BIGINT")
          .append(", sum(total_compressed_size)" + here + "::BIGINT");
      String untold =
          "count(*) FILTER (column_id = "
              + i
              + " AND num_values > COALESCE(stats_null_count, 0) AND (stats_min_value IS NULL OR stats_max_value IS NULL))";
      for (String bound : List.of("min", "max")) {
        String value = "TRY_CAST(stats_" + bound + "_value AS " + sqlType + ")";
        select.append(
            ", CASE WHEN "
                + untold
                + " = 0 THEN CAST("
                + bound
                + "("
                + value
                + ")"
                + here
                + " AS VARCHAR) END");
      }
    }
    return session.rows(select + " FROM parquet_metadata(" + Sql.text(path) + ")").path(0);
  }

  private WrittenFile adopt(String path, RawInput input, JsonNode facts) {
    ObjectKey location = objects.key(job.table().location());
    ObjectKey key = ParquetFiles.newFile(location);
    Path staging = objects.stagingDirectory(location.zone());
    try {
      objects.put(key, linked(Path.of(path), staging.resolve("rows.parquet")));
    } finally {
      WorkerPool.deleteTree(staging);
    }
    return new WrittenFile(
        key, input.file().bytes(), facts.path(0).asLong(), List.of(), statistics(facts), false);
  }

  /** Another name of a file; where that cannot be, a copy. */
  private static Path linked(Path file, Path name) {
    try {
      try {
        return Files.createLink(name, file);
      } catch (UnsupportedOperationException | IOException e) {
        return Files.copy(file, name);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot copy " + file, e);
    }
  }

  private Map<Integer, ColumnStats> statistics(JsonNode facts) {
    Map<Integer, ColumnStats> statistics = new HashMap<>();
    int at = 1;
    for (Types.NestedField field : job.table().schema().columns()) {
      boolean known = !facts.path(at).isNull() && !facts.path(at + 1).isNull();
      if (known) {
        statistics.put(
            field.fieldId(),
            new ColumnStats(
                facts.path(at).asLong(),
                facts.path(at + 1).asLong(),
                null,
                facts.path(at + 2).asLong(),
                bound(field.type(), facts.path(at + 3), false),
                bound(field.type(), facts.path(at + 4), true)));
      }
      at += 5;
    }
    return statistics;
  }

  /** A footer does not tell whether a column has NaN, which is higher or lower than its bounds. */
  private static @Nullable ByteBuffer bound(Type type, JsonNode text, boolean upper) {
    boolean mayBeNan = type.typeId() == Type.TypeID.DOUBLE || type.typeId() == Type.TypeID.FLOAT;
    return mayBeNan || text.isNull() ? null : ParquetFiles.bound(type, text.asText(), upper);
  }
}
