package tarn.testkit.shop;

import java.math.BigDecimal;
import java.time.DayOfWeek;
import java.time.LocalDate;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Sales over time: by day, week and month, and by month and category. */
final class ExpectedTrends {
  private final SortedMap<LocalDate, Sum> days = new TreeMap<>();
  private final Map<LocalDate, Set<Long>> buyers = new HashMap<>();
  private final Map<Long, LocalDate> firstMonths = new HashMap<>();
  private final SortedMap<LocalDate, SortedMap<String, Sum>> categories = new TreeMap<>();

  void add(Sale sale) {
    LocalDate month = sale.day().withDayOfMonth(1);
    Sum day = days.computeIfAbsent(sale.day(), d -> new Sum());
    day.orders++;
    Customer buyer = sale.buyer();
    if (buyer != null) {
      buyers.computeIfAbsent(month, m -> new HashSet<>()).add(buyer.id());
      firstMonths.merge(buyer.id(), month, (a, b) -> a.isBefore(b) ? a : b);
    }
    SortedMap<String, Sum> ofMonth = categories.computeIfAbsent(month, m -> new TreeMap<>());
    Set<String> counted = new HashSet<>();
    for (Sale.Item item : sale.items()) {
      day.add(item);
      Sum category = ofMonth.computeIfAbsent(item.category(), c -> new Sum());
      category.add(item);
      category.orders += counted.add(item.category()) ? 1 : 0;
    }
  }

  void write(Map<String, ExpectedTable> to) {
    to.put("sales_by_day", byDay());
    to.put("sales_by_week", byWeek());
    to.put("sales_by_month", byMonth());
    to.put("revenue_by_category", byCategory());
  }

  private ExpectedTable byDay() {
    ExpectedTable table =
        new ExpectedTable("day,orders,units,revenue,average_order,revenue_7_days");
    days.forEach(
        (day, sum) -> {
          BigDecimal week =
              days.subMap(day.minusDays(6), day.plusDays(1)).values().stream()
                  .map(s -> s.revenue)
                  .reduce(BigDecimal.ZERO, BigDecimal::add);
          table.row(day, sum.orders, sum.units, sum.revenue, sum.averageOrder(), week);
        });
    return table;
  }

  private ExpectedTable byWeek() {
    ExpectedTable table = new ExpectedTable("week,orders,units,revenue,average_order,change");
    @Nullable BigDecimal[] before = {null};
    over(day -> day.with(DayOfWeek.MONDAY))
        .forEach(
            (week, sum) -> {
              table.row(
                  week,
                  sum.orders,
                  sum.units,
                  sum.revenue,
                  sum.averageOrder(),
                  change(before[0], sum.revenue));
              before[0] = sum.revenue;
            });
    return table;
  }

  private static @Nullable BigDecimal change(@Nullable BigDecimal before, BigDecimal now) {
    return before == null ? null : Sum.percent(now.subtract(before), before);
  }

  private ExpectedTable byMonth() {
    ExpectedTable table =
        new ExpectedTable(
            "month,orders,customers,new_customers,units,revenue,refunds,net_revenue,average_order,refund_rate");
    over(day -> day.withDayOfMonth(1))
        .forEach(
            (month, sum) ->
                table.row(
                    month,
                    sum.orders,
                    buyers.getOrDefault(month, Set.of()).size(),
                    firstMonths.values().stream().filter(month::equals).count(),
                    sum.units,
                    sum.revenue,
                    sum.refunds,
                    sum.net(),
                    sum.averageOrder(),
                    Sum.percent(sum.refunds, sum.revenue)));
    return table;
  }

  private ExpectedTable byCategory() {
    ExpectedTable table =
        new ExpectedTable("month,category,orders,units,revenue,refunds,net_revenue");
    categories.forEach(
        (month, sums) ->
            sums.forEach(
                (category, sum) ->
                    table.row(
                        month,
                        category,
                        sum.orders,
                        sum.units,
                        sum.revenue,
                        sum.refunds,
                        sum.net())));
    return table;
  }

  private SortedMap<LocalDate, Sum> over(UnaryOperator<LocalDate> period) {
    SortedMap<LocalDate, Sum> sums = new TreeMap<>();
    days.forEach((day, sum) -> sums.computeIfAbsent(period.apply(day), p -> new Sum()).add(sum));
    return sums;
  }
}
