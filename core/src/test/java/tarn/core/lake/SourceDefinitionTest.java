package tarn.core.lake;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tarn.core.source.CopyName;
import tarn.core.table.TableName;
import tarn.core.validate.Validation;

/** What of a database's tables is copied, as a file says it. */
class SourceDefinitionTest {
  private static final String CONNECTION =
      "connection: {host: localhost, database: shop, user: tarn, password: env:P}\n";

  @TempDir private Path dir;

  @Test
  void columnsRowsAndNamesOfCopiesAreSaidOfSingleTables() {
    source(
        """
        tables: [public.*, sales.items]
        prefix: shop_
        columns:
          public.customers: [id, Name]
        rows:
          public.orders: status <> 'draft' AND id > 5
          sales.items: |
            a > 1
            OR b
        copies:
          sales.items: analytics.web_items
        """);

    assertThat(problems()).isEmpty();
    SourceDefinition shop = LakeFolder.load(dir).sources().get(0);
    assertThat(shop.columns()).isEqualTo(Map.of("public.customers", List.of("id", "Name")));
    assertThat(shop.rows())
        .containsEntry("public.orders", "status <> 'draft' AND id > 5")
        .containsEntry("sales.items", "a > 1\nOR b\n");
    CopyName names = CopyName.of(shop);
    assertThat(names.of("sales.items")).isEqualTo(TableName.parse("analytics.web_items"));
    assertThat(names.of("public.orders")).isEqualTo(TableName.parse("clean.shop_orders"));
    assertThat(names.mayBe(TableName.parse("analytics.web_items"), shop.tables())).isTrue();
    assertThat(names.mayBe(TableName.parse("clean.shop_sales_items"), List.of("sales.items")))
        .isFalse();
    assertThat(names.mayBe(TableName.parse("clean.shop_x"), shop.tables())).isTrue();
  }

  @Test
  void whatIsSaidOfTablesThatAreNotFollowedIsAnErrorWithItsLine() {
    source(
        """
        tables: [public.orders, sales.*]
        columns:
          public.other: [id]
          sales.*: [id]
          sales.a: []
          sales.d: [id, n, id]
        rows:
          public.orders: a = 1; DROP TABLE orders
          other.b: a
        copies:
          public.orders: raw.orders
          sales.c: clean.c
          public.x: clean.x
        texts: [sales.a.b, other.a.b]
        append_only: [sales.*, public.*, public.orders, sales.z, public.z]
        """);

    assertThat(problems())
        .satisfiesExactly(
            p -> assertThat(p).contains(":4:", "'columns' names public.other", "'tables'"),
            p -> assertThat(p).contains(":5:", "'sales.*' is not the full name of one table"),
            p -> assertThat(p).contains(":6:", "no column of sales.a"),
            p -> assertThat(p).contains(":7:", "column id of sales.d is named twice"),
            p -> assertThat(p).contains(":9:", "without ;"),
            p -> assertThat(p).contains(":10:", "'rows' names other.b"),
            p -> assertThat(p).contains(":12:", "'raw.orders' is not a table name"),
            p -> assertThat(p).contains(":14:", "'copies' names public.x"),
            p -> assertThat(p).contains(":15:", "'texts' names other.a.b, whose table"),
            p -> assertThat(p).contains(":16:", "'append_only' names public.z, which 'tables'"));
  }

  @Test
  void aSourceWithoutTablesIsAnError() {
    source("tables: []\n");

    assertThat(problems())
        .singleElement()
        .satisfies(p -> assertThat(p).contains(":2:", "no table is named"));
  }

  @Test
  void aCopyWithTheNameOfSomethingElseIsAnError() {
    write("tables/orders.yaml", "from: raw.orders\n");
    write("models/sales.sql", "SELECT 1 AS n");
    source(
        """
        tables: [public.orders, public.a, public.b, public.c]
        copies:
          public.a: analytics.sales
          public.b: clean.c
        """);

    assertThat(problems())
        .satisfiesExactly(
            p -> assertThat(p).contains(":2:", "clean.orders, which is the table of tables/orders"),
            p -> assertThat(p).contains(":2:", "clean.c, which is the copy of public.b"),
            p -> assertThat(p).contains(":4:", "analytics.sales, which is the model models/sales"));
  }

  private List<String> problems() {
    return Validation.check(dir).stream().map(Problem::toString).toList();
  }

  private void source(String text) {
    write("lake.yaml", "name: shop\n");
    write("sources/shop.yaml", CONNECTION + text);
  }

  private void write(String file, String text) {
    try {
      Files.createDirectories(dir.resolve(file).getParent());
      Files.writeString(dir.resolve(file), text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
