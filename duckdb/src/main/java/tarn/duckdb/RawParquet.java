package tarn.duckdb;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.iceberg.types.Type;
import tarn.core.engine.Column;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;

/**
 * Raw files in Parquet, which know their columns' types: where these are the types wanted, values
 * go through as they are; the others become texts, and are cast as those of other formats are.
 */
final class RawParquet {
  private static final String ROW_NUMBER = "file_row_number";

  private final WorkerSession session;

  RawParquet(WorkerSession session) {
    this.session = session;
  }

  /**
   * What files have of the columns wanted.
   *
   * @param values SQL for each that they have, by its name in lower case
   * @param typed those of them that have the types wanted
   */
  record Present(Map<String, String> values, Set<String> typed) {}

  /** Reads the files' footers; {@code DATA_INVALID} if one is no Parquet file. */
  Present present(List<String> paths, List<Column> columns) {
    Map<String, String> types = new LinkedHashMap<>();
    Map<String, String> names = new LinkedHashMap<>();
    for (JsonNode row : session.rows("DESCRIBE SELECT * FROM " + reader(paths, false))) {
      String key = row.path(0).asText().toLowerCase(Locale.ROOT);
      names.put(key, row.path(0).asText());
      types.put(key, row.path(1).asText());
    }
    Map<String, String> values = new LinkedHashMap<>();
    Set<String> typed = new LinkedHashSet<>();
    for (Column column : columns) {
      String key = column.name().toLowerCase(Locale.ROOT);
      String type = types.get(key);
      if (type != null) {
        boolean same = holds(column.type(), type);
        String name = Sql.name(String.valueOf(names.get(key)));
        values.put(key, same ? name : text(name, type, column.type()));
        if (same) {
          typed.add(column.name());
        }
      }
    }
    return new Present(values, typed);
  }

  /**
   * The files as something to SELECT from.
   *
   * @param withFile whether {@link RawSql#FILE} is a column
   */
  static String reader(List<String> paths, boolean withFile) {
    return "read_parquet("
        + Sql.texts(paths)
        + RawSql.PLAIN_PATHS
        + ", union_by_name = true"
        + (withFile ? ", filename = '" + RawSql.FILE + "'" : "")
        + ")";
  }

  /**
   * A file's records with their places. Rows have numbers from 1 and neither offset nor bytes; what
   * stands for the offset keeps them in order.
   */
  static String numbered(int input, String path) {
    return "(SELECT "
        + input
        + "::INTEGER AS "
        + RawSql.INPUT
        + ", "
        + ROW_NUMBER
        + " + 1 AS "
        + RawSql.LINE
        + ", "
        + ROW_NUMBER
        + " AS "
        + RawSql.OFFSET
        + ", -1::BIGINT AS "
        + RawSql.LENGTH
        + ", * FROM read_parquet("
        + Sql.text(path)
        + ", "
        + ROW_NUMBER
        + " = true))";
  }

  /** Whether a file's footer says what its columns are. */
  boolean isReadable(String path) {
    try {
      session.columns("SELECT * FROM " + reader(List.of(path), false));
      return true;
    } catch (TarnException e) {
      if (e.code() != ErrorCode.DATA_INVALID) {
        throw e;
      }
      return false;
    }
  }

  /** Why a file cannot be read, found by reading all of it; empty if it can. */
  Optional<String> damage(String path) {
    try {
      session.rows("SELECT max(hash(COLUMNS(*))) FROM read_parquet(" + Sql.text(path) + ")");
      return Optional.empty();
    } catch (TarnException e) {
      if (e.code() != ErrorCode.DATA_INVALID) {
        throw e;
      }
      String said = e.line().lines().findFirst().orElse("").replace(path, "it");
      return Optional.of(
          "the file is damaged and nothing of it was taken: " + said + "; upload it again");
    }
  }

  /** Whether every value of DuckDB's type is one of the other, and comes through unchanged. */
  private static boolean holds(Type wanted, String duck) {
    if (duck.equals("TIMESTAMP_NS")) {
      return false;
    }
    Type type = SqlTypes.iceberg(duck);
    boolean wider =
        wanted.typeId() == Type.TypeID.LONG && type.typeId() == Type.TypeID.INTEGER
            || wanted.typeId() == Type.TypeID.STRING && duck.startsWith("ENUM");
    return wider || !isText(wanted, duck) && SqlTypes.sql(type).equals(SqlTypes.sql(wanted));
  }

  /** What Iceberg has no type for, as a text. */
  private static boolean isText(Type wanted, String duck) {
    return wanted.typeId() == Type.TypeID.STRING && !duck.equals("VARCHAR");
  }

  private static String text(String name, String duck, Type wanted) {
    if (!SqlTypes.iceberg(duck).isPrimitiveType()) {
      return "to_json(" + name + ")" + (wanted.isPrimitiveType() ? "::VARCHAR" : "");
    }
    return "CAST(" + name + " AS VARCHAR)";
  }
}
