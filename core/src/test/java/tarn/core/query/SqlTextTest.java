package tarn.core.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;

class SqlTextTest {

  @Test
  void kindsAreToldApart() {
    assertThat(SqlText.read(" select 1 ; ")).isEqualTo(new Statement.Select("select 1"));
    assertThat(SqlText.read("-- a\nFROM t")).isEqualTo(new Statement.Select("FROM t"));
    assertThat(SqlText.read("(SELECT 1) UNION SELECT 2"))
        .isEqualTo(new Statement.Select("(SELECT 1) UNION SELECT 2"));
    assertThat(SqlText.read("EXPLAIN SELECT 1"))
        .isEqualTo(new Statement.Explain("SELECT 1", false));
    assertThat(SqlText.read("explain analyze FROM t"))
        .isEqualTo(new Statement.Explain("FROM t", true));
    assertThat(SqlText.read("DESCRIBE clean.\"orders\""))
        .isEqualTo(new Statement.Describe("FROM clean.\"orders\""));
    assertThat(SqlText.read("DESC SELECT 1")).isEqualTo(new Statement.Describe("SELECT 1"));
    assertThat(SqlText.read("SHOW TABLES;")).isEqualTo(new Statement.ShowTables());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "INSERT INTO t VALUES (1)",
        "SHOW ALL TABLES",
        "DESCRIBE",
        "DESCRIBE 'file'",
        "EXPLAIN",
        "EXPLAIN (FORMAT json) SELECT 1",
        "'SELECT'",
        "\"select\" 1",
        "SELECT 1; SELECT 2",
        "SELECT 'a\\'; DROP TABLE x; --'",
        "SELECT $$ ' $$; DROP TABLE x; --'",
        "SELECT /* /* */ ; */ 1; DROP TABLE x",
        "SELECT ?",
        "SELECT $1",
        "SELECT $name",
        "SELECT a$$b$$",
        "SELECT '\0'",
        "SELECT '\u0007'",
        "SELECT '\ud800'"
      })
  void allElseIsRefused(String sql) {
    assertThat(codeOf(sql)).isEqualTo(ErrorCode.SQL_REFUSED);
  }

  @Test
  void aRefusalNamesWhatIsAllowed() {
    assertThatThrownBy(() -> SqlText.read("COPY t TO 'x'"))
        .hasMessage("a statement that starts 'COPY t TO' is not allowed: " + SqlText.ALLOWED);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SELECT 'a",
        "SELECT \"a",
        "SELECT /* a /* b */",
        "SELECT $$a",
        "SELECT (1",
        "SELECT 1)",
        "SELECT (1]",
        "",
        " ; ",
        "SELECT E'a\\'"
      })
  void unclosedTextsAreInvalid(String sql) {
    assertThat(codeOf(sql)).isEqualTo(ErrorCode.SQL_INVALID);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SELECT ';' AS \";\" -- ;\n", "SELECT 'it''s; ' , E'\\'; ' , $a$ ; $$ $a$",
        "SELECT 1.5, .5, 1., 1e3, 0xff, t.a FROM t", "SELECT x'ab'"
      })
  void semicolonsInsideTextsAreText(String sql) {
    assertThat(SqlText.read(sql)).isInstanceOf(Statement.Select.class);
  }

  @Test
  void nestingIsBounded() {
    for (String[] around :
        new String[][] {
          {"(", ")"},
          {"abs(", ")"},
          {"[", "]"},
          {"{'a': ", "}"},
          {"(SELECT ", ")"},
          {"CASE WHEN true THEN ", " END"},
          {"list_transform([1], lambda x: ", ")"}
        }) {
      String deep = "SELECT " + around[0].repeat(101) + "1" + around[1].repeat(101);
      String fine = "SELECT " + around[0].repeat(90) + "1" + around[1].repeat(90);
      assertThat(codeOf(deep)).as(deep).isEqualTo(ErrorCode.SQL_REFUSED);
      assertThat(SqlText.read(fine)).isInstanceOf(Statement.Select.class);
    }
  }

  @Test
  void chainsAreBounded() {
    for (String chain :
        new String[] {
          "SELECT 1" + " + 1".repeat(400),
          "SELECT " + "- ".repeat(400) + "1",
          "SELECT " + "NOT ".repeat(400) + "true",
          "SELECT 1" + "::INT".repeat(400),
          "SELECT x" + " IS NULL".repeat(400),
          "SELECT x" + "[1]".repeat(400),
          "SELECT (x)" + ".a".repeat(400),
          "SELECT x" + " AT TIME ZONE 'UTC'".repeat(400),
          "SELECT x" + " COLLATE de".repeat(400),
          "SELECT 1" + " UNION ALL SELECT 1".repeat(300),
          "SELECT * FROM a" + ", a".repeat(200),
          "SELECT * FROM a" + " JOIN a USING (x)".repeat(200),
          "SELECT " + "abs(1 + 1 + 1 + 1 + 1 + ".repeat(80) + "1" + ")".repeat(80),
          "SELECT " + "abs(".repeat(80) + "1" + " + 1 + 1 + 1 + 1 + 1)".repeat(80),
          "SELECT " + "[0, ".repeat(80) + "1" + " + 1 + 1 + 1 + 1 + 1, 0]".repeat(80),
          "SELECT " + "(SELECT ".repeat(80) + "1" + " + 1 + 1 + 1 FROM t)".repeat(80),
          "SELECT " + "CASE 0 WHEN 0 THEN ".repeat(80) + "1" + " + 1 + 1 + 1 + 1 END".repeat(80),
        }) {
      assertThat(codeOf(chain)).as(chain).isEqualTo(ErrorCode.SQL_REFUSED);
    }
  }

  @Test
  void wideTextsPass() {
    String many = "SELECT 1" + ", a + 1, f(b)".repeat(2000) + " FROM t WHERE a = 0";
    assertThat(SqlText.read(many + " OR a = 1".repeat(5000))).isInstanceOf(Statement.Select.class);
  }

  @Test
  void widthIsBounded() {
    String fine = "SELECT a IN (1" + ", 1".repeat(20_000) + ") FROM t";
    String many = "SELECT a IN (1" + ", 1".repeat(30_000) + ") FROM t";
    assertThat(SqlText.read(fine)).isInstanceOf(Statement.Select.class);
    assertThat(codeOf(many)).isEqualTo(ErrorCode.SQL_REFUSED);
  }

  @Test
  void lengthIsBounded() {
    assertThat(codeOf("SELECT '" + "a".repeat(SqlText.MAX_BYTES) + "'"))
        .isEqualTo(ErrorCode.LIMIT_EXCEEDED);
    assertThat(codeOf("SELECT '" + "é".repeat(SqlText.MAX_BYTES / 2) + "'"))
        .isEqualTo(ErrorCode.LIMIT_EXCEEDED);
  }

  private static ErrorCode codeOf(String sql) {
    try {
      SqlText.read(sql);
    } catch (TarnException e) {
      return e.code();
    }
    throw new AssertionError("passed: " + sql);
  }
}
