package tarn.server.shop;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What tells whether a copy is equal to its table: how many rows there are, and the MD5 of all
 * their values, in both dialects of SQL. Times are told in microseconds.
 *
 * @param table in the database
 * @param inTheDatabase a query of one row, count and hash, for PostgreSQL
 * @param inTheLake the same for the lake
 */
public record ShopContent(String table, String inTheDatabase, String inTheLake) {
  private static final String TIME = "@";
  private static final String LARGE = "#";

  /** Tables with their columns; {@code @} marks a time, {@code #} a large value. */
  private static final List<String> TABLES =
      List.of(
          "customers id email name balance settings @created_at @updated_at",
          "addresses customer_id kind street city postal_code country since",
          "products id sku name category price tags #document @updated_at",
          "inventory product_id warehouse quantity",
          "orders id customer_id status total note @placed_at @updated_at",
          "order_lines order_id line product_id warehouse quantity price",
          "payments id order_id amount method details @paid_at",
          "shipments order_id carrier tracking @shipped_at @delivered_at");

  /** Of all tables with a key. */
  public static List<ShopContent> all() {
    return TABLES.stream().map(table -> of(table.split(" "))).toList();
  }

  private static ShopContent of(String... words) {
    List<String> there = new ArrayList<>();
    List<String> here = new ArrayList<>();
    Stream.of(words)
        .skip(1)
        .forEach(
            column -> {
              String name = column.replaceAll("[@#]", "");
              there.add("coalesce(" + there(column, name) + ", '~')");
              here.add("coalesce(" + here(column, name) + ", '~')");
            });
    return new ShopContent(
        words[0],
        query(there, ShopSchema.NAME + "." + words[0], " COLLATE \"C\""),
        query(here, "clean." + ShopSchema.NAME + "_" + words[0], ""));
  }

  private static String there(String column, String name) {
    return column.startsWith(TIME)
        ? "(extract(epoch FROM " + name + ") * 1000000)::bigint::text"
        : column.startsWith(LARGE) ? "md5(" + name + "::text)" : name + "::text";
  }

  private static String here(String column, String name) {
    return column.startsWith(TIME)
        ? "epoch_us(" + name + ")::text"
        : column.startsWith(LARGE) ? "md5(" + name + ")" : name + "::text";
  }

  private static String query(List<String> values, String table, String binary) {
    return values.stream()
        .collect(
            Collectors.joining(
                " || '|' || ",
                "SELECT count(*) AS n, coalesce(md5(string_agg(v, chr(10) ORDER BY v"
                    + binary
                    + ")), '') AS hash FROM (SELECT ",
                " AS v FROM " + table + ") AS t"));
  }
}
