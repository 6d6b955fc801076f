package tarn.cdc;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.iceberg.types.Type;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import tarn.core.change.LoadView;
import tarn.core.change.SourceTable;
import tarn.testkit.SourcePostgres;

/** The page of types, written by what a real PostgreSQL and this module say. */
class SourceTypesTest {
  private static final Path PAGE = Path.of("..", "docs", "source-types.md");
  private static final boolean REGENERATE = Boolean.getBoolean("tarn.regenerate");

  /**
   * A line.
   *
   * @param name as people call it; empty for the type itself
   * @param value in SQL; empty if it is not shown
   */
  private record Line(String name, String type, String value, String remark) {}

  private static final String YEARS =
      "null for `infinity`, `-infinity`, years before 1 and after 9999";

  private static final List<Line> LINES =
      List.of(
          line("boolean", "", ""),
          line("smallint", "", ""),
          line("integer", "", "`serial` and identity columns too"),
          line("bigint", "", ""),
          line("oid", "", ""),
          line("real", "", "`NaN`, infinities and -0 as they are"),
          line("double precision", "", "`NaN`, infinities and -0 as they are"),
          line("numeric(12,2)", "", "exact, up to 38 digits; null for `NaN`"),
          line("numeric(3,-2)", "", "zeros before the point, up to 38 digits with them"),
          line("numeric(2,5)", "", "zeros behind the point"),
          line("numeric", "1.500", "any number of digits; `NaN`, `Infinity`, `-Infinity`"),
          line("numeric(39,1)", "1.5", "more than 38 digits"),
          line(
              "money", "'-1234.5'", "as in the locale C, so with `$`, wherever its unit has cents"),
          line("date", "", YEARS),
          line("time", "", "microseconds; null for `24:00:00`"),
          line("time with time zone", "'01:02:03+05:30'", ""),
          line("timestamp", "", "without a zone, microseconds; " + YEARS),
          line("timestamp with time zone", "", "an instant, microseconds; " + YEARS),
          line("interval", "'14 months -3 days 04:05:06.7'", "months, days and time apart"),
          line("uuid", "", ""),
          line("bytea", "", ""),
          line("text", "", "all of Unicode"),
          line("varchar(20)", "", ""),
          line("char(4)", "'ab'", "padded"),
          line("name", "", ""),
          line("json", "'{\"b\": 1,  \"a\":2}'", "as it was written; `null` of JSON is the text"),
          line("jsonb", "'{\"b\": 1,  \"a\":2}'", "as PostgreSQL writes it"),
          line("xml", "'<a b=\"c\"/>'", ""),
          new Line(
              "enum", "mood", "'sad'", "a value that is renamed stays in rows until they change"),
          new Line("array", "int[]", "'{1,NULL,3}'", "of any type, any dimensions and bounds"),
          new Line("composite", "pair", "ROW(1, 'a,b')::pair", ""),
          new Line("domain", "price", "", "as the type it is made of: here `numeric(12,2)`"),
          line("int4range", "'[1,5]'", "and every other range and multirange"),
          line("inet", "'::1/64'", "and `cidr`, `macaddr`, `macaddr8`"),
          line("bit(3)", "B'101'", "and `varbit`"),
          line("tsvector", "'b:2A a:1'", "and `tsquery`"),
          line("point", "'(0.1,2)'", "and every other of geometry"),
          line("regclass", "'v'::regclass", "and every other name of an object: with its schema"),
          new Line("hstore", "hstore", "'a=>\"1,2\"'", "and every other type of an extension"));

  private static Line line(String type, String value, String remark) {
    return new Line("", type, value, remark);
  }

  @Test
  void thePageIsWhatBecomesOfEachType() throws IOException {
    Assumptions.assumeTrue(SourcePostgres.version() >= 18);
    Shop shop =
        new Shop(
            "CREATE EXTENSION hstore",
            "CREATE TYPE mood AS ENUM ('sad')",
            "CREATE TYPE pair AS (a int, b text)",
            "CREATE DOMAIN price AS numeric(12,2)",
            each("CREATE TABLE v (id int PRIMARY KEY, ", i -> "c" + i + " " + LINES.get(i).type()));
    shop.database.execute(
        each("SET search_path = public; INSERT INTO v VALUES (0, ", SourceTypesTest::value));
    shop.prepared();
    String page = page(shop, shop.table("v"));
    if (REGENERATE) {
      Files.writeString(PAGE, page);
    }
    assertThat(PAGE)
        .as(
            "%s is generated; write it anew with ./mvnw -pl cdc -am test -Dtest=SourceTypesTest -Dsurefire.failIfNoSpecifiedTests=false -Dtarn.regenerate=true",
            PAGE)
        .exists()
        .hasContent(page);
  }

  private static String value(int line) {
    String value = LINES.get(line).value();
    return value.isEmpty() ? "NULL" : value;
  }

  private static String each(String start, java.util.function.IntFunction<String> part) {
    return IntStream.range(0, LINES.size())
        .mapToObj(part)
        .collect(Collectors.joining(", ", start, ")"));
  }

  private static String page(Shop shop, SourceTable table) {
    StringBuilder page = new StringBuilder();
    page.append("# What becomes of PostgreSQL's types\n\n");
    page.append("<!-- Generated by SourceTypesTest from a real PostgreSQL; do not edit. -->\n\n");
    page.append(
        """
        A value is the same whether the initial load brought it or a change, and whatever settings role, database or machine have for printing it. What the lake has no type for is a text as PostgreSQL writes
        it: nothing is lost, and a query can take it apart. Where a value can be null although it is not in the database, the file in raw has its text (`__unfit`).

        | PostgreSQL | in the lake | example of the text | remark |
        |---|---|---|---|
        """);
    try (LoadView view = shop.source.view()) {
      List<String> texts = csv(shop.copy(view, table, new LoadView.Part("")).strip());
      for (int i = 0; i < LINES.size(); i++) {
        Line line = LINES.get(i);
        page.append("| ")
            .append(line.name().isEmpty() ? "`" + line.type() + "`" : line.name())
            .append(" | ")
            .append(lake(table.columns().get(i + 1).type()))
            .append(" | ")
            .append(line.value().isEmpty() ? "" : "`" + texts.get(i + 1) + "`")
            .append(" | ")
            .append(line.remark())
            .append(" |\n");
      }
    }
    return page.append('\n')
        .append("Generated columns, stored or virtual, are not copied.\n")
        .toString();
  }

  /** As a lake folder would name it. */
  private static String lake(Type type) {
    return type.typeId() == Type.TypeID.STRING ? "text" : "`" + type + "`";
  }

  private static List<String> csv(String row) {
    List<String> values = new ArrayList<>();
    StringBuilder value = new StringBuilder();
    boolean quoted = false;
    for (char c : (row + ",").toCharArray()) {
      if (c == ',' && !quoted) {
        values.add(unquoted(value.toString()));
        value.setLength(0);
      } else {
        quoted ^= c == '"';
        value.append(c);
      }
    }
    return values;
  }

  private static String unquoted(String text) {
    return text.startsWith("\"")
        ? text.substring(1, text.length() - 1).replace("\"\"", "\"")
        : text;
  }
}
