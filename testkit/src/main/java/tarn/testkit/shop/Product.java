package tarn.testkit.shop;

import java.math.BigDecimal;
import java.time.LocalDateTime;
import java.util.List;

/** A product as a correct lake stores it, and the dirt of the record that brings it. */
record Product(
    String id,
    String name,
    String category,
    BigDecimal price,
    boolean active,
    Dimensions dimensions,
    List<String> tags,
    LocalDateTime updatedAt,
    Dirt dirt) {

  /** Of the parcel: grams and millimetres. */
  record Dimensions(int weightGrams, int widthMillimetres, int heightMillimetres) {}

  boolean stored() {
    return switch (dirt) {
      case BAD_NUMBER, MISSING_FIELD, TRUNCATED, NEGATIVE_NUMBER -> false;
      default -> true;
    };
  }

  /** The same product at another price. */
  Product priced(BigDecimal newPrice, LocalDateTime when) {
    return new Product(id, name, category, newPrice, active, dimensions, tags, when, dirt);
  }
}
