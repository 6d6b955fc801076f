package tarn.testkit.shop;

import java.math.BigDecimal;
import java.time.LocalDateTime;
import java.util.List;

/** One version of an order. Empty coupon and note mean that there is none. */
record Order(
    long id,
    long customerId,
    String channel,
    String status,
    LocalDateTime orderedAt,
    LocalDateTime updatedAt,
    BigDecimal shippingFee,
    String coupon,
    String note) {

  Order with(String newStatus, LocalDateTime when) {
    return new Order(
        id, customerId, channel, newStatus, orderedAt, when, shippingFee, coupon, note);
  }

  /** A version that lands on a day (counted from the shop's first), damaged or not. */
  record Landing(int day, Order order, Dirt damage) {}

  /**
   * Every record about one order.
   *
   * @param landings in the order of time
   */
  record History(Dirt dirt, List<Landing> landings) {}

  /**
   * One line of an order as a correct lake stores it, and the dirt of the record that brings it.
   */
  record Line(
      long orderId,
      int lineNo,
      String productId,
      int quantity,
      BigDecimal unitPrice,
      BigDecimal discount,
      String giftText,
      Dirt dirt) {

    boolean stored() {
      return switch (dirt) {
        case BAD_NUMBER, MISSING_FIELD, TRUNCATED, NEGATIVE_NUMBER, NOT_UTF8 -> false;
        default -> true;
      };
    }

    BigDecimal total() {
      return unitPrice.multiply(BigDecimal.valueOf(quantity)).subtract(discount);
    }
  }
}
