package tarn.duckdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.query.CatalogNames;
import tarn.core.query.Resolved;
import tarn.core.query.SqlTree;
import tarn.core.table.TableName;

/** The guard of the query door against real parsed trees. */
class SqlGuardTest {
  private static final CatalogNames NAMES =
      new CatalogNames(
          Stream.of(
                  "clean.orders",
                  "clean.customers",
                  "analytics.daily",
                  "raw.events",
                  "raw.orders_landing",
                  "clean.events")
              .map(TableName::parse)
              .toList());

  private static ParsedSql sql;

  @BeforeAll
  static void open() throws SQLException {
    sql = new ParsedSql();
    sql.run("CREATE SCHEMA clean");
    sql.run("CREATE SCHEMA raw");
    sql.run("CREATE SCHEMA analytics");
    sql.run(
        """
        CREATE TABLE clean.orders AS
        SELECT i AS id, i % 5 AS customer, (i * 7.25)::DECIMAL(10,2) AS total,
               DATE '2025-01-01' + i::INTEGER AS day, 'DE,FR,US'.split(',')[1 + i % 3] AS country,
               TIMESTAMP '2025-01-01 10:00:00' + to_hours(i) AS placed,
               [i, i + 1] AS items, {'street': 'S' || i, 'zip': i} AS address,
               i % 2 = 0 AS paid
        FROM range(20) t(i)""");
    sql.run("INSERT INTO clean.orders (id) VALUES (100)");
    sql.run(
        "CREATE TABLE clean.customers AS SELECT i AS id, 'name ' || i AS name, i % 5 AS grade FROM range(7) t(i)");
    sql.run(
        "CREATE TABLE analytics.daily AS SELECT day, sum(total) AS revenue FROM clean.orders GROUP BY day");
    // Views that bare names stand for, so that an unchanged text runs too.
    sql.run("CREATE VIEW orders AS FROM clean.orders");
    sql.run("CREATE VIEW customers AS FROM clean.customers");
    sql.run("CREATE VIEW daily AS FROM analytics.daily");
  }

  @AfterAll
  static void close() throws SQLException {
    sql.close();
  }

  @ParameterizedTest
  @MethodSource("honest")
  void honestQueriesGiveTheSameRowsAfterTheRewrite(String query) throws SQLException {
    Resolved resolved = sql.guard(query).resolve(NAMES);
    for (Resolved.View view : resolved.views()) {
      sql.run("CREATE OR REPLACE VIEW " + view.name() + " AS FROM " + view.table());
    }
    String text = sql.deserialize(resolved.json());
    assertThat(sql.rows(text)).isEqualTo(sql.rows(query));
    assertThat(SqlTree.read(sql.serialize(text)).tables())
        .as("what runs passes the guard again and reads the views: " + text)
        .allMatch(ref -> ref.namespace() == null && ref.name().matches("t_*\\d+"));
  }

  @ParameterizedTest
  @MethodSource("attacks")
  void attacksAreRefused(String query) {
    assertThatThrownBy(() -> sql.guard(query).resolve(NAMES))
        .isInstanceOfSatisfying(
            TarnException.class,
            e ->
                assertThat(e.code()).as(e.line()).isIn(ErrorCode.SQL_REFUSED, ErrorCode.NOT_FOUND));
  }

  static List<String> honest() {
    return statements("honest.sql");
  }

  static List<String> attacks() {
    return statements("attacks.sql");
  }

  /** One statement a line; lines that start with {@code #} are comments. */
  private static List<String> statements(String resource) {
    try (InputStream in = SqlGuardTest.class.getResourceAsStream(resource)) {
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      return text.lines()
          .filter(line -> !line.isBlank() && !line.startsWith("#"))
          .map(line -> line.replace("\\n", "\n"))
          .toList();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void theAllowListNamesOnlyFunctionsThatExist() throws SQLException {
    List<String> known =
        sql.rows("SELECT DISTINCT '[' || lower(function_name) || ']' FROM duckdb_functions()");
    for (String line : lines("/tarn/core/query/functions.txt")) {
      String name = line.split(" ")[0];
      if (!name.equals("unnest")) {
        assertThat(known).contains("[[" + name + "]]");
      }
    }
  }

  /** Macros count as well if an aggregate is called in them. */
  @Test
  void theAllowListMarksEveryFunctionOfManyRows() throws SQLException {
    List<String> aggregates =
        sql.rows(
            """
            WITH a AS (SELECT DISTINCT function_name AS n FROM duckdb_functions() WHERE function_type = 'aggregate')
            SELECT DISTINCT '[' || lower(function_name) || ']' FROM duckdb_functions() f
            WHERE function_type = 'aggregate' OR (function_type = 'macro' AND EXISTS (
              SELECT 1 FROM a WHERE regexp_matches(f.macro_definition, '(^|[^a-z_0-9''])"?' || n || '"?[(]')))
            """);
    for (String line : lines("/tarn/core/query/functions.txt")) {
      boolean marked = line.endsWith(" aggregate");
      boolean is = aggregates.contains("[[" + line.split(" ")[0] + "]]");
      assertThat(marked || line.endsWith(" volatile"))
          .as(line)
          .isEqualTo(is || line.endsWith(" volatile"));
    }
  }

  /** Core tests read trees from files; they must be those of the DuckDB that is used. */
  @Test
  void goldenTreesAreStillWhatDuckdbMakes() throws Exception {
    Path folder = Path.of("../core/src/test/resources/tarn/core/query/trees");
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".sql")).toList()) {
        Path golden = Path.of(file.toString().replace(".sql", ".json"));
        assertThat(sql.serialize(Files.readString(file).strip()))
            .as(file.toString())
            .isEqualTo(Files.readString(golden).strip());
      }
    }
  }

  private static List<String> lines(String resource) {
    try (InputStream in = SqlTree.class.getResourceAsStream(resource)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> !line.startsWith("# "))
          .toList();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
