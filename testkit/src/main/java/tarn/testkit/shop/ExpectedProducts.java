package tarn.testkit.shop;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/** Products: their sales, and which are bought together. */
final class ExpectedProducts {
  private static final int MOST_PAIRS = 50;

  private final Map<String, Product> products;
  private final Map<String, Sum> sums = new TreeMap<>();
  private final Map<Pair, Long> pairs = new HashMap<>();
  private long sales;

  private record Pair(String one, String other) {}

  ExpectedProducts(Map<String, Product> products) {
    this.products = products;
  }

  void add(Sale sale) {
    sales++;
    TreeSet<String> bought = new TreeSet<>();
    for (Sale.Item item : sale.items()) {
      sum(item.line().productId()).add(item);
      bought.add(item.line().productId());
    }
    for (String one : bought) {
      sum(one).orders++;
      bought.tailSet(one, false).forEach(other -> pairs.merge(new Pair(one, other), 1L, Long::sum));
    }
  }

  private Sum sum(String product) {
    return sums.computeIfAbsent(product, p -> new Sum());
  }

  void write(Map<String, ExpectedTable> to) {
    to.put("product_sales", productSales());
    to.put("bought_together", boughtTogether());
  }

  private ExpectedTable productSales() {
    ExpectedTable table =
        new ExpectedTable(
            "rank,product_id,name,category,rank_in_category,orders,units,returned,revenue,refunds,share");
    BigDecimal all =
        sums.values().stream().map(s -> s.revenue).reduce(BigDecimal.ZERO, BigDecimal::add);
    Map<String, Integer> inCategory = new HashMap<>();
    Comparator<Map.Entry<String, Sum>> byRevenue = Comparator.comparing(e -> e.getValue().revenue);
    sums.entrySet().stream()
        .sorted(byRevenue.reversed().thenComparing(Map.Entry::getKey))
        .forEach(
            e -> {
              Sum s = e.getValue();
              String category = category(e.getKey());
              table.row(
                  table.rows() + 1,
                  e.getKey(),
                  name(e.getKey()),
                  category,
                  inCategory.merge(category, 1, Integer::sum),
                  s.orders,
                  s.units,
                  s.returned,
                  s.revenue,
                  s.refunds,
                  Sum.percent(s.revenue, all));
            });
    return table;
  }

  private ExpectedTable boughtTogether() {
    ExpectedTable table =
        new ExpectedTable(
            "rank,product_id,name,with_product_id,with_name,orders,share_of_product,share_of_other,lift");
    List<Map.Entry<Pair, Long>> most =
        pairs.entrySet().stream()
            .sorted(
                Map.Entry.<Pair, Long>comparingByValue()
                    .reversed()
                    .thenComparing(e -> e.getKey().one())
                    .thenComparing(e -> e.getKey().other()))
            .limit(MOST_PAIRS)
            .toList();
    for (Map.Entry<Pair, Long> pair : most) {
      String one = pair.getKey().one();
      String other = pair.getKey().other();
      long together = pair.getValue();
      table.row(
          table.rows() + 1,
          one,
          name(one),
          other,
          name(other),
          together,
          Sum.percent(together, sum(one).orders),
          Sum.percent(together, sum(other).orders),
          BigDecimal.valueOf(together * sales)
              .divide(
                  BigDecimal.valueOf(sum(one).orders * sum(other).orders),
                  2,
                  RoundingMode.HALF_UP));
    }
    return table;
  }

  private String name(String id) {
    Product product = products.get(id);
    return product == null ? ExpectedModels.UNKNOWN : product.name();
  }

  private String category(String id) {
    Product product = products.get(id);
    return product == null ? ExpectedModels.UNKNOWN : product.category();
  }
}
