package tarn.core.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.query.CatalogNames;
import tarn.core.query.Resolved;
import tarn.core.query.SqlTree;
import tarn.core.table.TableName;

class ModelGraphTest {
  private static final String NOTHING =
      "{\"error\":false,\"statements\":[{\"node\":{\"type\":\"SELECT_NODE\",\"from_table\":{\"type\":\"EMPTY\"}}}]}";
  private static final Resolved QUERY = SqlTree.read(NOTHING).resolve(new CatalogNames(List.of()));

  @Test
  void modelsComeAfterThoseTheyRead() {
    ModelGraph graph =
        ModelGraph.of(
            List.of(
                model("analytics.a", "analytics.c", "clean.orders"),
                model("analytics.b"),
                model("analytics.c", "analytics.b")));
    assertThat(graph.order()).extracting(TableName::name).containsExactly("b", "c", "a");
    assertThat(graph.downstream(name("analytics.b")))
        .extracting(TableName::name)
        .containsExactly("c", "a");
    assertThat(graph.downstream(name("clean.orders")))
        .extracting(TableName::name)
        .containsExactly("a");
    assertThat(graph.modelsReadBy(name("analytics.a"))).containsExactly(name("analytics.c"));
  }

  @Test
  void circlesShowTheirPath() {
    List<ModelSql> models =
        List.of(
            model("analytics.z", "analytics.a"),
            model("analytics.a", "analytics.b"),
            model("analytics.b", "analytics.c"),
            model("analytics.c", "analytics.b"));
    assertThatThrownBy(() -> ModelGraph.of(models))
        .isInstanceOfSatisfying(
            TarnException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.DEFINITION_INVALID))
        .hasMessage(
            "models read each other in a circle: analytics.b reads analytics.c reads analytics.b");
    assertThatThrownBy(() -> ModelGraph.of(List.of(model("analytics.x", "analytics.x"))))
        .hasMessageEndingWith("analytics.x reads analytics.x");
  }

  @Test
  void modelsThatOnlyReadACircleAreInNone() {
    List<ModelSql> models =
        List.of(
            model("analytics.a", "analytics.b"),
            model("analytics.b", "analytics.c"),
            model("analytics.c", "analytics.b"),
            model("analytics.x", "analytics.x"),
            model("analytics.y"));
    assertThat(ModelGraph.circles(models))
        .extracting(circle -> circle.stream().map(TableName::name).toList())
        .containsExactly(List.of("b", "c"), List.of("x"));
  }

  @Test
  void longChainsNeedNoStack() {
    List<ModelSql> models = new ArrayList<>();
    for (int i = 0; i < 20_000; i++) {
      models.add(model("analytics.m" + i, "analytics.m" + (i + 1)));
    }
    assertThat(ModelGraph.of(models).order()).hasSize(20_000);
  }

  @Test
  void twoModelsOfOneTableAreInvalid() {
    assertThatThrownBy(() -> ModelGraph.of(List.of(model("analytics.x"), model("analytics.x"))))
        .hasMessage("two models make the table analytics.x");
  }

  @Test
  void aModelIsOneQuery() {
    assertThat(ModelSql.query(name("analytics.x"), "SELECT 1;")).isEqualTo("SELECT 1");
    assertThatThrownBy(() -> ModelSql.query(name("analytics.x"), "SHOW TABLES"))
        .hasMessageContaining("is not a query");
  }

  @Test
  void volatileModelsAreRefusedWithThePlace() {
    String random =
        "{\"class\":\"FUNCTION\",\"type\":\"FUNCTION\",\"query_location\":7,\"function_name\":\"random\"}";
    SqlTree tree =
        SqlTree.read(
            NOTHING.replace(
                "\"from_table\"",
                "\"select_list\":["
                    + random.replace(
                        "\"function_name\"",
                        "\"qualified_name\":{\"path\":[\"random\"]},\"function_name\"")
                    + "],\"from_table\""));
    assertThatThrownBy(() -> ModelSql.of(name("analytics.x"), tree, new CatalogNames(List.of())))
        .isInstanceOfSatisfying(
            TarnException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.SQL_REFUSED))
        .hasMessageContaining("random at character 8");
  }

  private static ModelSql model(String name, String... reads) {
    List<TableName> tables = List.of(reads).stream().map(TableName::parse).toList();
    return new ModelSql(name(name), QUERY, new TreeSet<>(tables));
  }

  private static TableName name(String name) {
    return TableName.parse(name);
  }
}
