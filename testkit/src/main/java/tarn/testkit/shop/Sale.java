package tarn.testkit.shop;

import java.time.LocalDate;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tarn.testkit.shop.Order.Line;

/**
 * An order that counts: stored, not cancelled, with at least one stored line.
 *
 * @param buyer null if the customer is not stored
 */
record Sale(LocalDate day, @Nullable Customer buyer, List<Item> items) {

  /**
   * A stored line of it.
   *
   * @param product null if it is not stored
   * @param back null if nothing came back
   */
  record Item(Line line, @Nullable Product product, @Nullable Return back) {
    String category() {
      return product == null ? ExpectedModels.UNKNOWN : product.category();
    }
  }
}
