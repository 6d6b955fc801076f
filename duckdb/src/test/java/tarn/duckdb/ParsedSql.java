package tarn.duckdb;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import tarn.core.query.SqlText;
import tarn.core.query.SqlTree;

/** A DuckDB in this process that parses and runs the texts of a test. */
final class ParsedSql implements AutoCloseable {
  private final Connection connection;

  ParsedSql() throws SQLException {
    connection = DriverManager.getConnection("jdbc:duckdb:");
  }

  /** What the query door does with a text: bounds, kind, parsing, the guard. */
  SqlTree guard(String sql) throws SQLException {
    tarn.core.query.Statement statement = SqlText.read(sql);
    if (statement instanceof tarn.core.query.Statement.Select select) {
      return SqlTree.read(serialize(select.sql()));
    }
    if (statement instanceof tarn.core.query.Statement.Explain explain) {
      return SqlTree.read(serialize(explain.sql()));
    }
    if (statement instanceof tarn.core.query.Statement.Describe describe) {
      return SqlTree.read(serialize(describe.sql()));
    }
    return SqlTree.read(serialize("SELECT 1"));
  }

  String serialize(String sql) throws SQLException {
    return value("SELECT json_serialize_sql(?, skip_default := false)", sql);
  }

  String deserialize(String json) throws SQLException {
    return value("SELECT json_deserialize_sql(CAST(? AS JSON))", json);
  }

  void run(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /** Column names, then all rows as text, sorted. */
  List<String> rows(String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      int columns = rows.getMetaData().getColumnCount();
      List<String> lines = new ArrayList<>();
      while (rows.next()) {
        List<String> line = new ArrayList<>();
        for (int i = 1; i <= columns; i++) {
          line.add(rows.getString(i));
        }
        lines.add(String.valueOf(line));
      }
      lines.sort(Comparator.naturalOrder());
      List<String> names = new ArrayList<>();
      for (int i = 1; i <= columns; i++) {
        names.add(rows.getMetaData().getColumnName(i));
      }
      lines.add(0, String.valueOf(names));
      return lines;
    }
  }

  private String value(String sql, String argument) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setString(1, argument);
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        return row.getString(1);
      }
    }
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}
