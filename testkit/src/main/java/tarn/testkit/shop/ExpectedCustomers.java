package tarn.testkit.shop;

import java.math.BigDecimal;
import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** Customers: recency, frequency and money; their segments; cohorts by first month. */
final class ExpectedCustomers {
  private final Map<Long, Buyer> buyers = new TreeMap<>();
  private LocalDate lastDay = LocalDate.MIN;

  private static final class Buyer {
    private final long id;
    private final SortedMap<LocalDate, Sum> months = new TreeMap<>();
    private LocalDate last = LocalDate.MIN;
    private int r;
    private int f;
    private int m;

    Buyer(long id) {
      this.id = id;
    }

    Sum all() {
      Sum all = new Sum();
      months.values().forEach(all::add);
      return all;
    }

    String segment() {
      if (r >= 4 && f >= 4) {
        return "champions";
      } else if (r >= 3 && f >= 3) {
        return "loyal";
      } else if (r >= 4) {
        return "promising";
      } else if (r == 3) {
        return "fading";
      }
      return f >= 3 ? "at risk" : "asleep";
    }
  }

  void add(Sale sale) {
    lastDay = later(lastDay, sale.day());
    Customer customer = sale.buyer();
    if (customer == null) {
      return;
    }
    Buyer buyer = buyers.computeIfAbsent(customer.id(), Buyer::new);
    buyer.last = later(buyer.last, sale.day());
    Sum month = buyer.months.computeIfAbsent(sale.day().withDayOfMonth(1), d -> new Sum());
    month.orders++;
    sale.items().forEach(month::add);
  }

  private static LocalDate later(LocalDate a, LocalDate b) {
    return a.isAfter(b) ? a : b;
  }

  void write(Map<String, ExpectedTable> to) {
    score();
    to.put("customer_rfm", rfm());
    to.put("customer_segments", segments());
    to.put("customer_cohorts", cohorts());
  }

  private void score() {
    List<Buyer> recent = sorted(Comparator.comparing(b -> b.last));
    // of two that bought last on the same day, the one with the lower number has the lower score
    for (int i = 0; i < recent.size(); i++) {
      recent.get(i).r = fifth(i, recent.size());
    }
    List<Buyer> frequent = sorted(Comparator.comparing(b -> b.all().orders));
    for (int i = 0; i < frequent.size(); i++) {
      frequent.get(i).f = fifth(i, frequent.size());
    }
    List<Buyer> rich = sorted(Comparator.comparing(b -> b.all().revenue));
    for (int i = 0; i < rich.size(); i++) {
      rich.get(i).m = fifth(i, rich.size());
    }
  }

  private List<Buyer> sorted(Comparator<Buyer> by) {
    List<Buyer> all = new ArrayList<>(buyers.values());
    all.sort(by.thenComparing(b -> b.id));
    return all;
  }

  /** 1 to 5, as even as can be; the first fifths have one more where it does not divide. */
  private static int fifth(int index, int count) {
    int left = index;
    for (int fifth = 1; ; fifth++) {
      int size = count / 5 + (fifth <= count % 5 ? 1 : 0);
      if (left < size) {
        return fifth;
      }
      left -= size;
    }
  }

  private ExpectedTable rfm() {
    ExpectedTable table =
        new ExpectedTable(
            "customer_id,recency_days,orders,revenue,recency,frequency,monetary,segment");
    for (Buyer b : sorted(Comparator.comparing((Buyer x) -> x.all().revenue).reversed())) {
      Sum all = b.all();
      long days = ChronoUnit.DAYS.between(b.last, lastDay);
      table.row(b.id, days, all.orders, all.revenue, b.r, b.f, b.m, b.segment());
    }
    return table;
  }

  private ExpectedTable segments() {
    Map<String, Sum> sums = new HashMap<>();
    Map<String, Long> members = new HashMap<>();
    Sum total = new Sum();
    for (Buyer buyer : buyers.values()) {
      sums.computeIfAbsent(buyer.segment(), s -> new Sum()).add(buyer.all());
      members.merge(buyer.segment(), 1L, Long::sum);
      total.add(buyer.all());
    }
    ExpectedTable table = new ExpectedTable("segment,customers,orders,revenue,share,average_order");
    Comparator<Map.Entry<String, Sum>> byRevenue = Comparator.comparing(e -> e.getValue().revenue);
    sums.entrySet().stream()
        .sorted(byRevenue.reversed().thenComparing(Map.Entry::getKey))
        .forEach(
            e ->
                table.row(
                    e.getKey(),
                    members.get(e.getKey()),
                    e.getValue().orders,
                    e.getValue().revenue,
                    Sum.percent(e.getValue().revenue, total.revenue),
                    e.getValue().averageOrder()));
    return table;
  }

  private ExpectedTable cohorts() {
    SortedMap<LocalDate, List<Buyer>> cohorts = new TreeMap<>();
    buyers
        .values()
        .forEach(b -> cohorts.computeIfAbsent(b.months.firstKey(), m -> new ArrayList<>()).add(b));
    ExpectedTable table =
        new ExpectedTable(
            "cohort,months_later,customers,active,retention,revenue,value_per_customer");
    cohorts.forEach((cohort, members) -> cohort(cohort, members, table));
    return table;
  }

  private static void cohort(LocalDate cohort, List<Buyer> members, ExpectedTable table) {
    SortedMap<LocalDate, Sum> months = new TreeMap<>();
    Map<LocalDate, Long> active = new HashMap<>();
    for (Buyer buyer : members) {
      buyer.months.forEach(
          (month, sum) -> {
            months.computeIfAbsent(month, m -> new Sum()).add(sum);
            active.merge(month, 1L, Long::sum);
          });
    }
    BigDecimal soFar = BigDecimal.ZERO;
    for (Map.Entry<LocalDate, Sum> month : months.entrySet()) {
      soFar = soFar.add(month.getValue().revenue);
      long back = active.getOrDefault(month.getKey(), 0L);
      table.row(
          cohort,
          ChronoUnit.MONTHS.between(cohort, month.getKey()),
          members.size(),
          back,
          Sum.percent(back, members.size()),
          month.getValue().revenue,
          Sum.each(soFar, members.size()));
    }
  }
}
