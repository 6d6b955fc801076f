package tarn.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tarn.api.Column;
import tarn.api.FollowedSource;
import tarn.api.QueryRequest;
import tarn.api.RunRequest;
import tarn.core.errors.TarnException;
import tarn.server.shop.OrderLoad;
import tarn.server.shop.Session;
import tarn.server.shop.ShopContent;
import tarn.server.shop.ShopSchema;
import tarn.testkit.SourcePostgres;

/** A shop's database at work, and its copies. */
class OrdersTest {
  private static final long MOST_WAIT_NANOS = TimeUnit.SECONDS.toNanos(120);
  private static final Path EXAMPLE = Path.of("..", "examples", "orders");

  @TempDir private Path folder;
  private final SourcePostgres shop = SourcePostgres.fresh();

  @Test
  void copiesAreEqualAfterOrdersPaymentsAndChangesOfMind() throws Exception {
    setUp(shop, 1);
    define();
    Lake read = Wiring.read(folder, null);
    try (Operations lake = Wiring.open(read)) {
      lake.sources();
      OrderLoad.Done first = work(shop, 7, 300, 4); // while tables are loaded
      awaitLoaded(lake);
      OrderLoad.Done second = work(shop, 8, 700, 4);
      assertThat(first.rolledBack() + second.rolledBack()).isPositive();
      assertThat(second.committed())
          .containsKeys(
              "new_order", "payment", "delivery", "cancellation", "price", "address", "look");
      for (ShopContent content : ShopContent.all()) {
        awaitEqual(lake, content);
      }
      lake.run(new RunRequest(List.of(), false), ExampleLake.work());
      assertThat(row(lake, "SELECT sum(orders), sum(total) FROM analytics.orders_by_status"))
          .isEqualTo(shop.value("SELECT count(*) || ' ' || sum(total) FROM shop.orders"));
      assertThat(row(lake, "SELECT sum(revenue) FROM analytics.sales_by_category"))
          .isEqualTo(shop.value("SELECT sum(quantity * price) FROM shop.order_lines"));
    }
  }

  @Test
  void theSameSeedMakesTheSameDatabase() throws Exception {
    SourcePostgres other = SourcePostgres.fresh();
    for (SourcePostgres database : List.of(shop, other)) {
      setUp(database, 1);
      work(database, 7, 300, 1);
    }
    String content =
        "SELECT md5(string_agg(v, '' ORDER BY v)) FROM (SELECT concat(id, status, total, note) v FROM shop.orders"
            + " UNION ALL SELECT concat(l.*) FROM shop.order_lines l"
            + " UNION ALL SELECT concat(id, order_id, amount, details) FROM shop.payments"
            + " UNION ALL SELECT concat(customer_id, kind, street) FROM shop.addresses"
            + " UNION ALL SELECT concat(id, price, tags, document) FROM shop.products"
            + " UNION ALL SELECT concat(what, order_id, customer_id, amount) FROM shop.history"
            + " UNION ALL SELECT concat(i.*) FROM shop.inventory i) t";
    assertThat(shop.value(content)).isEqualTo(other.value(content));
    work(other, 8, 300, 1);
    assertThat(shop.value(content)).isNotEqualTo(other.value(content));
  }

  @Test
  void aSchemaOfSomebodyElseIsNotReplaced() throws Exception {
    shop.execute("CREATE SCHEMA shop", "CREATE TABLE shop.orders (id int)");
    assertThatThrownBy(() -> setUp(shop, 1))
        .isInstanceOf(TarnException.class)
        .hasMessageContaining("was not made by `datalake generate orders --setup`");
    assertThat(shop.value("SELECT count(*) FROM shop.orders")).isEqualTo("0");
    assertThatThrownBy(() -> work(SourcePostgres.fresh(), 7, 1, 1))
        .hasMessageContaining("--setup` makes it");
  }

  private static void setUp(SourcePostgres database, int scale) throws SQLException {
    try (Session session = new Session(database.connection())) {
      ShopSchema.make(session, scale);
    }
  }

  private static OrderLoad.Done work(SourcePostgres database, long seed, long count, int sessions)
      throws SQLException, InterruptedException {
    return OrderLoad.run(
        new OrderLoad.Plan(seed, count, 0, 0, sessions), database::connection, begun -> {});
  }

  // ---- the lake ----

  /** The example's lake, of this database. */
  private void define() throws IOException {
    for (String file :
        List.of("lake.yaml", "models/orders_by_status.sql", "models/sales_by_category.sql")) {
      Files.createDirectories(folder.resolve(file).getParent());
      Files.copy(EXAMPLE.resolve(file), folder.resolve(file));
    }
    Files.createDirectories(folder.resolve("sources"));
    String source = Files.readString(EXAMPLE.resolve("sources/shop.yaml"));
    Files.writeString(folder.resolve("password"), shop.password());
    Files.writeString(
        folder.resolve("sources/shop.yaml"),
        source
                .replaceAll("port: .*", "port: " + shop.port())
                .replaceAll("database: .*", "database: " + shop.database())
                .replaceAll("user: .*", "user: " + shop.user())
                .replaceAll("password: .*", "password: file:password")
            + "slot: "
            + shop.database()
            + "\n");
  }

  private static void awaitLoaded(Operations lake) throws InterruptedException {
    await(
        () -> {
          FollowedSource source = lake.sources().sources().get(0);
          return source.condition().equals("running") && source.copies() >= ShopContent.all().size()
              ? ""
              : source.toString();
        });
  }

  private void awaitEqual(Operations lake, ShopContent content) throws InterruptedException {
    await(
        () -> {
          String there = String.join(" ", shop.query(content.inTheDatabase()).get(0));
          try {
            String here = row(lake, content.inTheLake());
            return here.equals(there) ? "" : content.table() + ": " + there + " is not " + here;
          } catch (TarnException e) {
            return e.line(); // its copy is not there yet
          }
        });
  }

  private static String row(Operations lake, String sql) {
    List<String> rows = new ArrayList<>();
    lake.query(
        new QueryRequest(sql, 0, 0),
        new RowSink() {
          @Override
          public void columns(List<Column> columns) {}

          @Override
          public void rows(byte[] json, int count) {
            rows.add(new String(json, UTF_8));
          }
        },
        ExampleLake.work());
    return String.join("", rows).replaceAll("[\\[\\]\"\\n]", "").replace(',', ' ');
  }

  /** What is not there yet, or an empty text. */
  private interface Missing {
    String now();
  }

  private static void await(Missing missing) throws InterruptedException {
    long deadline = System.nanoTime() + MOST_WAIT_NANOS;
    for (String what = missing.now(); !what.isEmpty(); what = missing.now()) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError(what);
      }
      TimeUnit.MILLISECONDS.sleep(200);
    }
  }
}
