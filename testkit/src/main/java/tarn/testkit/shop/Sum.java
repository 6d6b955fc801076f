package tarn.testkit.shop;

import java.math.BigDecimal;
import java.math.RoundingMode;

/** What some lines of orders come to. */
final class Sum {
  long orders;
  long units;
  long returned;
  BigDecimal revenue = new BigDecimal("0.00");
  BigDecimal refunds = new BigDecimal("0.00");

  void add(Sale.Item item) {
    units += item.line().quantity();
    revenue = revenue.add(item.line().total());
    Return back = item.back();
    if (back != null) {
      returned += back.quantity();
      refunds = refunds.add(back.refund());
    }
  }

  void add(Sum other) {
    orders += other.orders;
    units += other.units;
    returned += other.returned;
    revenue = revenue.add(other.revenue);
    refunds = refunds.add(other.refunds);
  }

  BigDecimal net() {
    return revenue.subtract(refunds);
  }

  BigDecimal averageOrder() {
    return each(revenue, orders);
  }

  static BigDecimal each(BigDecimal money, long count) {
    return money.divide(BigDecimal.valueOf(count), 2, RoundingMode.HALF_UP);
  }

  /** With one decimal place. */
  static BigDecimal percent(BigDecimal part, BigDecimal whole) {
    return part.movePointRight(2).divide(whole, 1, RoundingMode.HALF_UP);
  }

  static BigDecimal percent(long part, long whole) {
    return percent(BigDecimal.valueOf(part), BigDecimal.valueOf(whole));
  }
}
