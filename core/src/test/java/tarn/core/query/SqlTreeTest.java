package tarn.core.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import tarn.core.engine.Engine;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.table.TableName;

/** Golden trees: {@code trees/*.json} is what DuckDB made of the text in {@code trees/*.sql}. */
class SqlTreeTest {
  private static final CatalogNames NAMES =
      names("clean.orders", "clean.events", "raw.events", "clean.customers");

  @Test
  void tablesAreFoundWithAliasAndTime() {
    assertThat(tree("time-travel").tables())
        .containsExactly(
            new TableRef("clean", "orders", null, new At.Version(12)),
            new TableRef(
                null, "orders", "noon", new At.Timestamp(Instant.parse("2026-01-31T12:00:00Z"))),
            new TableRef(
                null, "orders", "zoned", new At.Timestamp(Instant.parse("2026-01-31T10:00:00Z"))),
            new TableRef(
                null, "orders", "day", new At.Timestamp(Instant.parse("2026-01-31T00:00:00Z"))));
  }

  @Test
  void eachTableAndTimeGetsOneView() {
    Resolved resolved = tree("time-travel").resolve(NAMES);
    assertThat(resolved.views())
        .extracting(Resolved.View::name)
        .containsExactly("t0", "t1", "t2", "t3");
    assertThat(resolved.json()).doesNotContain("\"at_clause\":{").doesNotContain("\"clean\"");
    Resolved same = tree("same-table-twice").resolve(NAMES);
    assertThat(same.views()).hasSize(1);
    assertThat(same.references()).hasSize(2);
  }

  /** As if the engine wrote a tree as a text that it reads in another way. */
  @Test
  void aTextThatReadsMoreThanItsViewsIsRefused() throws Exception {
    Resolved resolved = tree("same-table-twice").resolve(NAMES);
    ObjectMapper json = new ObjectMapper();
    assertThat(resolved.checked(new Engine.Text("as checked", json.readTree(resolved.json()))))
        .isEqualTo("as checked");
    for (String other : List.of("same-table-twice", "time-travel", "with", "file")) {
      JsonNode tree = json.readTree(text(other + ".json"));
      assertThatThrownBy(() -> resolved.checked(new Engine.Text("something else", tree)))
          .as(other)
          .isInstanceOfSatisfying(
              TarnException.class,
              e -> assertThat(e.code()).isIn(ErrorCode.SQL_REFUSED, ErrorCode.NOT_FOUND));
    }
  }

  @Test
  void volatileUsesAreFoundWhereTheyStand() {
    assertThat(tree("volatile").volatileFunctions())
        .extracting(VolatileUse::toString)
        .containsExactly(
            "SAMPLE",
            "now at character 8",
            "current_date at character 15",
            "random at character 29",
            "age at character 39",
            "localtimestamp at character 47");
  }

  @Test
  void withQueriesAreNotTables() {
    assertThat(tree("with").tables())
        .extracting(TableRef::toString)
        .containsExactly("orders", "customers");
  }

  @Test
  void viewsKeepClearOfWithQueriesOfThatName() {
    assertThat(tree("with-t0").resolve(NAMES).views())
        .extracting(Resolved.View::name)
        .containsExactly("t_0");
  }

  @Test
  void unknownTablesNameTheNearest() {
    assertThatThrownBy(() -> tree("misspelled").resolve(NAMES))
        .isInstanceOfSatisfying(
            TarnException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.NOT_FOUND))
        .hasMessage("no table is called 'clean.ordesr': did you mean clean.orders?");
  }

  @Test
  void ambiguousNamesListAll() {
    assertThatThrownBy(() -> tree("ambiguous").resolve(NAMES))
        .isInstanceOfSatisfying(
            TarnException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.NAME_AMBIGUOUS))
        .hasMessage("'events' stands for several tables: write clean.events or raw.events");
  }

  @Test
  void filesAreNotTables() {
    refuses("file", ErrorCode.NOT_FOUND);
  }

  @Test
  void columnsThatCouldMeanTwoTablesAreInvalid() {
    assertThatThrownBy(() -> tree("hidden-table").resolve(NAMES))
        .isInstanceOfSatisfying(
            TarnException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.SQL_INVALID));
    refuses("same-name-twice", ErrorCode.SQL_INVALID);
  }

  @Test
  void textsThatDoNotParseSayWhere() {
    assertThatThrownBy(() -> SqlTree.read(text("broken.json")))
        .hasMessage("the SQL text does not parse: syntax error at or near \"t\" (character 15)");
  }

  @Test
  void whatIsNotKnownIsRefused() {
    String json = text("with.json");
    assertThatThrownBy(
            () ->
                SqlTree.read(
                    json.replace("\"qualify\":null", "\"qualify\":null,\"shiny\":{\"a\":1}")))
        .hasMessageContaining("SELECT_NODE.shiny");
    assertThatThrownBy(() -> SqlTree.read(json.replace("\"SELECT_NODE\"", "\"SHINY_NODE\"")))
        .hasMessageContaining("SHINY_NODE");
    assertThatThrownBy(
            () -> SqlTree.read(json.replace("\"path\":[\"orders\"]", "\"path\":[\"secret\"]")))
        .hasMessageContaining("qualified_name");
  }

  private static void refuses(String name, ErrorCode code) {
    assertThatThrownBy(() -> tree(name))
        .isInstanceOfSatisfying(TarnException.class, e -> assertThat(e.code()).isEqualTo(code));
  }

  private static CatalogNames names(String... names) {
    return new CatalogNames(List.of(names).stream().map(TableName::parse).toList());
  }

  private static SqlTree tree(String name) {
    return SqlTree.read(text(name + ".json"));
  }

  private static String text(String file) {
    try (InputStream in = SqlTreeTest.class.getResourceAsStream("trees/" + file)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8).strip();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
