package tarn.core.database;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;

/**
 * A lake's database as plain rows, the same from both databases: whole numbers and texts, in the
 * order of their values. For copies of a catalog; used inside one transaction.
 */
public final class CatalogRows {
  private static final String CLOCK = "ledger_clock";
  private static final int BATCH = 1_000;

  private final Handle handle;
  private final boolean sqlite;

  /**
   * Looks at a database.
   *
   * @param database which one
   * @param handle of a transaction of it
   */
  public CatalogRows(Database database, Handle handle) {
    this.handle = handle;
    this.sqlite = database.kind().equals("sqlite");
  }

  /**
   * A table of the database, Flyway's own excepted.
   *
   * @param columns in their order
   */
  public record Table(String name, List<Column> columns) {
    public Table {
      columns = List.copyOf(columns);
    }

    /** The names of its columns. */
    public List<String> names() {
      return columns.stream().map(Column::name).toList();
    }
  }

  /**
   * A column of whole numbers or of texts.
   *
   * @param number whether its values are {@code Long}, else {@code String}
   */
  public record Column(String name, boolean number) {}

  /** Hears the rows of one table. Values are {@code Long}, {@code String} or null. */
  @FunctionalInterface
  public interface Rows {
    void visit(Consumer<List<@Nullable Object>> row);
  }

  /** The version of the schema. */
  public int version() {
    try {
      return Migrations.version(connection(), Migrations.HISTORY);
    } catch (SQLException e) {
      throw failed(e);
    }
  }

  /** All tables, by name. */
  public List<Table> tables() {
    String sql =
        sqlite
            ? "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY 1"
            : "SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema()"
                + " AND table_type = 'BASE TABLE' ORDER BY 1";
    return handle.createQuery(sql).mapTo(String.class).list().stream()
        .filter(name -> !name.equals(Migrations.HISTORY))
        .sorted()
        .map(name -> new Table(name, columns(name)))
        .toList();
  }

  private List<Column> columns(String table) {
    String sql =
        sqlite
            ? "SELECT name, lower(type) FROM pragma_table_info(:table) ORDER BY cid"
            : "SELECT column_name, data_type FROM information_schema.columns WHERE table_schema = current_schema()"
                + " AND table_name = :table ORDER BY ordinal_position";
    return handle
        .createQuery(sql)
        .bind("table", table)
        .map((rs, ctx) -> new Column(rs.getString(1), number(table, rs.getString(2))))
        .list();
  }

  private static boolean number(String table, String type) {
    if (type.equals("bigint") || type.equals("text")) {
      return type.equals("bigint");
    }
    throw new TarnException(
        ErrorCode.INTERNAL,
        "a column of the catalog's table "
            + table
            + " is of type "
            + type
            + "; copies of the catalog know BIGINT and TEXT");
  }

  /**
   * Reads a table in the order of its values; nulls come first, texts in the order of their bytes.
   */
  public void read(Table table, Consumer<List<@Nullable Object>> row) {
    String order =
        table.columns().stream()
            .map(c -> c.name() + (sqlite || c.number() ? "" : " COLLATE \"C\"") + " NULLS FIRST")
            .collect(Collectors.joining(", "));
    String sql =
        "SELECT "
            + String.join(", ", table.names())
            + " FROM "
            + table.name()
            + " ORDER BY "
            + order;
    try (PreparedStatement statement = connection().prepareStatement(sql)) {
      statement.setFetchSize(BATCH);
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          row.accept(values(table, rows));
        }
      }
    } catch (SQLException e) {
      throw failed(e);
    }
  }

  private static List<@Nullable Object> values(Table table, ResultSet rows) throws SQLException {
    List<@Nullable Object> values = new ArrayList<>();
    for (int i = 0; i < table.columns().size(); i++) {
      Object value = rows.getObject(i + 1);
      boolean number = table.columns().get(i).number();
      boolean fits = number ? value instanceof Number : value instanceof String;
      if (value != null && !fits) {
        throw new TarnException(
            ErrorCode.CATALOG_CORRUPT,
            "the catalog's table "
                + table.name()
                + " has a "
                + value.getClass().getSimpleName()
                + " in column "
                + table.columns().get(i).name());
      }
      values.add(value instanceof Number n ? (Object) n.longValue() : value);
    }
    return values;
  }

  /** Whether nothing ever happened to the lake: every table is as the migrations make it. */
  public boolean untouched() {
    for (Table table : tables()) {
      String where = table.name().equals(CLOCK) ? " WHERE seq <> 0" : "";
      long rows =
          handle
              .createQuery("SELECT count(*) FROM " + table.name() + where)
              .mapTo(Long.class)
              .one();
      if (rows > 0) {
        return false;
      }
    }
    return true;
  }

  /** Makes a table's rows these and no others. */
  public void replace(Table table, Rows rows) {
    handle.createUpdate("DELETE FROM " + table.name()).execute();
    String sql =
        "INSERT INTO "
            + table.name()
            + " ("
            + String.join(", ", table.names())
            + ") VALUES ("
            + table.columns().stream().map(c -> "?").collect(Collectors.joining(", "))
            + ")";
    try (PreparedStatement statement = connection().prepareStatement(sql)) {
      Insert insert = new Insert(table, statement);
      rows.visit(insert::add);
      statement.executeBatch();
    } catch (SQLException e) {
      throw failed(e);
    }
  }

  /** Rows on their way into a table. */
  private static final class Insert {
    private final Table table;
    private final PreparedStatement statement;
    private int waiting;

    Insert(Table table, PreparedStatement statement) {
      this.table = table;
      this.statement = statement;
    }

    void add(List<@Nullable Object> row) {
      try {
        for (int i = 0; i < row.size(); i++) {
          bind(i + 1, table.columns().get(i), row.get(i));
        }
        statement.addBatch();
        if (++waiting % BATCH == 0) {
          statement.executeBatch();
        }
      } catch (SQLException e) {
        throw failed(e);
      }
    }

    private void bind(int at, Column column, @Nullable Object value) throws SQLException {
      if (value == null) {
        statement.setNull(at, column.number() ? Types.BIGINT : Types.VARCHAR);
      } else if (column.number() && value instanceof Long number) {
        statement.setLong(at, number);
      } else if (!column.number() && value instanceof String text) {
        statement.setString(at, text);
      } else {
        throw new TarnException(
            ErrorCode.DATA_INVALID,
            "the value '" + value + "' does not fit the catalog's column " + column.name());
      }
    }
  }

  private Connection connection() {
    return handle.getConnection();
  }

  /** The database finds the cause in it, and knows what it means. */
  private static RuntimeException failed(SQLException e) {
    return new IllegalStateException("copying rows of the catalog", e);
  }
}
