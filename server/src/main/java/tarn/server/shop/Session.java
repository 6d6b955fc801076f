package tarn.server.shop;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A connection to the shop, in transactions. Statements are prepared once. For one thread. */
public final class Session implements AutoCloseable {
  private final Connection connection;
  private final Map<String, PreparedStatement> prepared = new HashMap<>();

  /** Ends the connection when it is closed. */
  public Session(Connection connection) throws SQLException {
    this.connection = connection;
    connection.setAutoCommit(false);
  }

  /** Several statements without values, each prepared by nobody. */
  void execute(String... statements) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    }
  }

  /** Returns how many rows it changed. */
  int run(String sql, @Nullable Object... values) throws SQLException {
    return bound(sql, values).executeUpdate();
  }

  /** The rows of an answer; numbers and texts as the driver gives them. */
  List<List<@Nullable Object>> rows(String sql, @Nullable Object... values) throws SQLException {
    try (ResultSet answer = bound(sql, values).executeQuery()) {
      List<List<@Nullable Object>> rows = new ArrayList<>();
      int columns = answer.getMetaData().getColumnCount();
      while (answer.next()) {
        List<@Nullable Object> row = new ArrayList<>();
        for (int i = 1; i <= columns; i++) {
          row.add(answer.getObject(i));
        }
        rows.add(row);
      }
      return rows;
    }
  }

  /** The first value of an answer that has one, as a text. */
  String value(String sql, @Nullable Object... values) throws SQLException {
    return String.valueOf(rows(sql, values).get(0).get(0));
  }

  /** Does something, or undoes it and goes on. */
  void orUndo(boolean undo, Step step) throws SQLException {
    Savepoint before = connection.setSavepoint();
    step.take();
    if (undo) {
      connection.rollback(before);
    } else {
      connection.releaseSavepoint(before);
    }
  }

  /** A part of a transaction. */
  interface Step {
    void take() throws SQLException;
  }

  void end(boolean commit) throws SQLException {
    if (commit) {
      connection.commit();
    } else {
      connection.rollback();
    }
  }

  private PreparedStatement bound(String sql, @Nullable Object... values) throws SQLException {
    PreparedStatement statement = prepared.get(sql);
    if (statement == null) {
      statement = connection.prepareStatement(sql);
      prepared.put(sql, statement);
    }
    for (int i = 0; i < values.length; i++) {
      statement.setObject(i + 1, values[i]);
    }
    return statement;
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}
