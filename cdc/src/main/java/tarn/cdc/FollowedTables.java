package tarn.cdc;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import tarn.core.change.SourceTable;

/**
 * The tables that are asked for, with what of them is copied, and what stands against it. Whether
 * PostgreSQL would publish a table with its filter is tried in a transaction that is rolled back;
 * for each condition until it would, as somebody may have mended the table.
 */
final class FollowedTables {
  private static final String DENIED = "42501";

  private final PostgresSettings settings;
  private final Publications publications;
  private final Set<Tried> accepted = ConcurrentHashMap.newKeySet();

  FollowedTables(PostgresSettings settings, Publications publications) {
    this.settings = settings;
    this.publications = publications;
  }

  /** A table with a condition. */
  private record Tried(long oid, String condition) {}

  /** Those that are asked for, in order of full name. */
  List<Catalog.Entry> all(Connection connection) throws SQLException {
    Map<String, RowFilter> filters = publications.filters(connection);
    Map<String, Long> entries = publications.entries(connection);
    Map<String, List<String>> outside =
        filters.isEmpty() ? Map.of() : publications.outside(connection);
    List<Catalog.Entry> all = new ArrayList<>();
    for (Catalog.Entry entry : Catalog.tables(connection, settings)) {
      String name = entry.table().fullName();
      Optional<RowFilter> filter = Optional.ofNullable(filters.get(name));
      SourceTable table =
          settings.copied().of(entry.table().withPublished(entries.getOrDefault(name, 0L)), filter);
      Optional<String> condition = settings.copied().condition(table);
      if (table.obstacle().isEmpty() && condition.isPresent()) {
        table =
            table.withObstacle(
                outside.containsKey(name)
                    ? RowFilter.obstacle(entry, outside.get(name))
                    : obstacle(connection, entry, condition.get(), filter));
      }
      all.add(entry.with(table));
    }
    return all;
  }

  /** A table as a message of the log says it, with what of it is copied now. */
  SourceTable announced(Connection connection, Relation relation) throws SQLException {
    SourceTable table = Catalog.table(connection, relation);
    String name = table.fullName();
    return settings
        .copied()
        .of(
            table.withPublished(publications.entries(connection).getOrDefault(name, 0L)),
            Optional.ofNullable(publications.filters(connection).get(name)));
  }

  private String obstacle(
      Connection connection, Catalog.Entry entry, String condition, Optional<RowFilter> filter)
      throws SQLException {
    if (!RowFilter.isKnownTo(connection)) {
      return "it has a filter under `rows`, and only PostgreSQL "
          + RowFilter.OLDEST
          + " and newer can publish some rows of a table; take it out of `rows`";
    }
    if (filter.isPresent() && says(connection, entry, filter.get(), condition)) {
      return "";
    }
    Tried trial = new Tried(entry.oid(), condition);
    if (accepted.contains(trial)) {
      return "";
    }
    String refusal = refusal(connection, entry, condition);
    if (refusal.isEmpty()) {
      accepted.add(trial);
    }
    return refusal;
  }

  /**
   * Whether a publication's filter is what a condition says. They are so if PostgreSQL plans the
   * same for both; if it does not, they may be, too.
   */
  static boolean says(
      Connection connection, Catalog.Entry entry, RowFilter filter, String condition)
      throws SQLException {
    try {
      return plan(connection, entry, condition).equals(plan(connection, entry, filter.condition()));
    } catch (SQLException e) {
      if (isAboutCondition(e)) {
        return false;
      }
      throw e;
    }
  }

  private static List<String> plan(Connection connection, Catalog.Entry entry, String condition)
      throws SQLException {
    List<String> lines = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "EXPLAIN (VERBOSE, COSTS OFF) SELECT FROM "
                    + entry.sql()
                    + " WHERE ("
                    + condition
                    + ")")) {
      while (rows.next()) {
        lines.add(rows.getString(1));
      }
    }
    return lines;
  }

  /** Why PostgreSQL would not publish a table with a condition; empty if it would. */
  private static String refusal(Connection connection, Catalog.Entry entry, String condition)
      throws SQLException {
    String name = "tarn_trial_" + UUID.randomUUID();
    connection.setAutoCommit(false);
    try (Statement statement = connection.createStatement()) {
      statement.execute(
          "CREATE PUBLICATION "
              + Sql.name(name)
              + " FOR TABLE "
              + entry.sql()
              + " WHERE ("
              + condition
              + ") WITH (publish_via_partition_root = true)");
      List<String> outside =
          entry.identified()
              ? RowFilter.outside(connection, name)
                  .getOrDefault(entry.table().fullName(), List.of())
              : List.of();
      return outside.isEmpty() ? "" : RowFilter.obstacle(entry, outside);
    } catch (SQLException e) {
      if (!isAboutCondition(e)) {
        throw e;
      }
      connection.rollback();
      return SourceErrors.state(e).equals(DENIED)
          ? misreading(connection, entry, condition)
          : wrong(e);
    } finally {
      connection.rollback();
      connection.setAutoCommit(true);
    }
  }

  /** Who may not publish a table can at least let its condition be read. */
  private static String misreading(Connection connection, Catalog.Entry entry, String condition)
      throws SQLException {
    try {
      plan(connection, entry, condition);
      return "";
    } catch (SQLException e) {
      if (!isAboutCondition(e)) {
        throw e;
      }
      return wrong(e);
    }
  }

  /** Its text is the definition's and has no values of rows: none is read. */
  private static String wrong(SQLException e) {
    return "PostgreSQL refuses its filter under `rows` ("
        + SourceErrors.ofStatement(e)
        + "); correct it in the source's file";
  }

  private static boolean isAboutCondition(SQLException e) {
    String state = SourceErrors.state(e);
    return state.startsWith("42") || state.startsWith("22") || state.startsWith("0A");
  }
}
