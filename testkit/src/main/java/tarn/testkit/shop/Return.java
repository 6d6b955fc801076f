package tarn.testkit.shop;

import java.math.BigDecimal;
import java.time.LocalDate;

/**
 * Units of one order line that came back, as a correct lake stores them, and the dirt of the record
 * that tells it.
 */
record Return(
    long id,
    long orderId,
    int lineNo,
    LocalDate returnedOn,
    int quantity,
    BigDecimal refund,
    String reason,
    Dirt dirt) {

  boolean stored() {
    return switch (dirt) {
      case BAD_NUMBER, IMPOSSIBLE_DATE, NEGATIVE_NUMBER -> false;
      default -> true;
    };
  }

  /** What the warehouse wrote down about an order that was never sent. */
  Return ofOrder(long newId, long unknownOrder) {
    return new Return(newId, unknownOrder, 1, returnedOn, quantity, refund, reason, Dirt.ORPHAN);
  }
}
