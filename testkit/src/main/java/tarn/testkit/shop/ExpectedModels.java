package tarn.testkit.shop;

import java.math.BigDecimal;
import java.time.LocalDate;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import tarn.testkit.shop.Order.Line;

/**
 * The models of the example, computed in plain Java from the rows that a correct lake stores. Sums
 * of money are exact, with two decimal places. Memory grows with customers, products (and pairs of
 * them) and page views, not with orders.
 */
public final class ExpectedModels {
  static final int TOP_PRODUCTS = 20;
  static final String UNKNOWN_COUNTRY = "ZZ";
  static final String UNKNOWN = "(unknown)";
  private static final BigDecimal ZERO = new BigDecimal("0.00");
  private static final BigDecimal GOLD = new BigDecimal("2500.00");
  private static final BigDecimal SILVER = new BigDecimal("800.00");

  private final Map<Long, Customer> customers = new HashMap<>();
  private final Map<String, Product> products = new HashMap<>();
  private final Map<MonthAndCountry, Sales> byMonth = new TreeMap<>();
  private final Map<String, Sales> byProduct = new HashMap<>();
  private final Map<Long, Sales> byCustomer = new HashMap<>();
  private final ExpectedTrends trends = new ExpectedTrends();
  private final ExpectedCustomers behaviour = new ExpectedCustomers();
  private final ExpectedProducts together = new ExpectedProducts(products);
  private final ExpectedVisits visits = new ExpectedVisits();

  /**
   * A row of analytics.revenue_by_month_and_country.
   *
   * @param month its first day
   * @param country ZZ if the order's customer is not in clean.customers
   */
  public record RevenueRow(
      LocalDate month, String country, long orders, long units, BigDecimal revenue) {}

  /** A row of analytics.top_products. */
  public record ProductRow(
      int rank,
      String productId,
      String name,
      String category,
      long orders,
      long units,
      BigDecimal revenue) {}

  /**
   * A row of analytics.customers_by_value.
   *
   * @param lastOrderOn null if there was no order that counts
   */
  public record CustomerRow(
      int rank,
      long customerId,
      String country,
      String segment,
      long orders,
      BigDecimal revenue,
      @Nullable LocalDate lastOrderOn,
      String tier) {}

  /**
   * The rows in their models' order.
   *
   * @param others of the models without a type here, as CSV with a header, by name
   */
  public record Results(
      List<RevenueRow> revenueByMonthAndCountry,
      List<ProductRow> topProducts,
      List<CustomerRow> customersByValue,
      Map<String, String> others) {

    /** CSV with a header, by model name; a null is an empty field. */
    public Map<String, String> toCsv() {
      Map<String, String> all = new TreeMap<>(others);
      all.put(
          "revenue_by_month_and_country",
          csv("month,country,orders,units,revenue", revenueByMonthAndCountry, Results::fields));
      all.put(
          "top_products",
          csv("rank,product_id,name,category,orders,units,revenue", topProducts, Results::fields));
      all.put(
          "customers_by_value",
          csv(
              "rank,customer_id,country,segment,orders,revenue,last_order_on,tier",
              customersByValue,
              Results::fields));
      return all;
    }

    private static <R> String csv(String header, List<R> rows, Function<R, List<String>> fields) {
      return rows.stream()
          .map(row -> Formats.csv(fields.apply(row)) + "\n")
          .collect(Collectors.joining("", header + "\n", ""));
    }

    private static List<String> fields(RevenueRow r) {
      return Formats.fields(r.month(), r.country(), r.orders(), r.units(), r.revenue());
    }

    private static List<String> fields(ProductRow r) {
      return Formats.fields(
          r.rank(), r.productId(), r.name(), r.category(), r.orders(), r.units(), r.revenue());
    }

    private static List<String> fields(CustomerRow r) {
      LocalDate last = r.lastOrderOn();
      return Formats.fields(
          r.rank(),
          r.customerId(),
          r.country(),
          r.segment(),
          r.orders(),
          r.revenue(),
          last == null ? "" : last,
          r.tier());
    }
  }

  private record MonthAndCountry(LocalDate month, String country)
      implements Comparable<MonthAndCountry> {
    @Override
    public int compareTo(MonthAndCountry other) {
      int byMonth = month.compareTo(other.month);
      return byMonth != 0 ? byMonth : country.compareTo(other.country);
    }
  }

  private static final class Sales {
    private long orders;
    private long units;
    private BigDecimal revenue = ZERO;
    private LocalDate last = LocalDate.MIN;

    void add(Line line) {
      units += line.quantity();
      revenue = revenue.add(line.total());
    }

    void order(LocalDate day) {
      orders++;
      last = day.isAfter(last) ? day : last;
    }
  }

  /** Adds a row of clean.customers. */
  void customer(Customer customer) {
    customers.put(customer.id(), customer);
  }

  /** Adds a row of clean.products. */
  void product(Product product) {
    products.put(product.id(), product);
  }

  /** Adds a row of clean.page_views. */
  void view(Hit hit) {
    visits.add(hit);
  }

  /**
   * Adds a row of clean.orders with its rows of clean.order_items; cancelled orders do not count.
   *
   * @param back its rows of clean.returns, by line
   */
  void order(Order order, List<Line> lines, Map<Integer, Return> back) {
    if (lines.isEmpty() || order.status().equals("cancelled")) {
      return;
    }
    LocalDate day = order.orderedAt().toLocalDate();
    Customer buyer = customers.get(order.customerId());
    String country = buyer == null ? UNKNOWN_COUNTRY : buyer.country();
    Sales month = sales(byMonth, new MonthAndCountry(day.withDayOfMonth(1), country));
    Sales customer = sales(byCustomer, order.customerId());
    month.order(day);
    customer.order(day);
    Set<String> counted = new HashSet<>();
    for (Line line : lines) {
      Sales product = sales(byProduct, line.productId());
      if (counted.add(line.productId())) {
        product.order(day);
      }
      month.add(line);
      customer.add(line);
      product.add(line);
    }
    sale(
        new Sale(
            day,
            buyer,
            lines.stream()
                .map(l -> new Sale.Item(l, products.get(l.productId()), back.get(l.lineNo())))
                .toList()));
  }

  private void sale(Sale sale) {
    trends.add(sale);
    behaviour.add(sale);
    together.add(sale);
  }

  private static <K> Sales sales(Map<K, Sales> sums, K key) {
    return sums.computeIfAbsent(key, k -> new Sales());
  }

  Results results() {
    Map<String, ExpectedTable> tables = new TreeMap<>();
    trends.write(tables);
    behaviour.write(tables);
    together.write(tables);
    visits.write(tables);
    Map<String, String> others = new TreeMap<>();
    tables.forEach((name, table) -> others.put(name, table.csv()));
    return new Results(revenueRows(), productRows(), customerRows(), others);
  }

  private List<RevenueRow> revenueRows() {
    return byMonth.entrySet().stream()
        .map(
            e ->
                new RevenueRow(
                    e.getKey().month(),
                    e.getKey().country(),
                    e.getValue().orders,
                    e.getValue().units,
                    e.getValue().revenue))
        .toList();
  }

  private List<ProductRow> productRows() {
    List<Map.Entry<String, Sales>> best = ranked(byProduct);
    return IntStream.range(0, Math.min(TOP_PRODUCTS, best.size()))
        .mapToObj(i -> productRow(i + 1, best.get(i).getKey(), best.get(i).getValue()))
        .toList();
  }

  private ProductRow productRow(int rank, String id, Sales sales) {
    Product product = products.get(id);
    return new ProductRow(
        rank,
        id,
        product == null ? UNKNOWN : product.name(),
        product == null ? UNKNOWN : product.category(),
        sales.orders,
        sales.units,
        sales.revenue);
  }

  private List<CustomerRow> customerRows() {
    Map<Long, Sales> everyone = new HashMap<>();
    customers.keySet().forEach(id -> everyone.put(id, byCustomer.getOrDefault(id, new Sales())));
    List<Map.Entry<Long, Sales>> best = ranked(everyone);
    return IntStream.range(0, best.size())
        .mapToObj(i -> customerRow(i + 1, best.get(i).getKey(), best.get(i).getValue()))
        .toList();
  }

  private CustomerRow customerRow(int rank, long id, Sales sales) {
    Customer customer = java.util.Objects.requireNonNull(customers.get(id));
    return new CustomerRow(
        rank,
        id,
        customer.country(),
        customer.segment().isEmpty() ? "unknown" : customer.segment(),
        sales.orders,
        sales.revenue,
        sales.orders == 0 ? null : sales.last,
        tier(sales));
  }

  private static String tier(Sales sales) {
    if (sales.orders == 0) {
      return "none";
    }
    if (sales.revenue.compareTo(GOLD) >= 0) {
      return "gold";
    }
    return sales.revenue.compareTo(SILVER) >= 0 ? "silver" : "bronze";
  }

  private static <K extends Comparable<K>> List<Map.Entry<K, Sales>> ranked(Map<K, Sales> sums) {
    Comparator<Map.Entry<K, Sales>> byRevenue = Comparator.comparing(e -> e.getValue().revenue);
    return sums.entrySet().stream()
        .sorted(byRevenue.reversed().thenComparing(Map.Entry.comparingByKey()))
        .toList();
  }
}
