package tarn.testkit.shop;

import java.time.LocalDate;
import java.time.LocalDateTime;

/** A customer as a correct lake stores them, and the dirt of the record that brings them. */
record Customer(
    long id,
    String email,
    String firstName,
    String lastName,
    String address,
    String country,
    String segment,
    LocalDate signedUpOn,
    LocalDateTime updatedAt,
    Dirt dirt) {

  boolean stored() {
    return switch (dirt) {
      case MISSING_FIELD,
          UNKNOWN_VALUE,
          IMPOSSIBLE_DATE,
          BAD_NUMBER,
          REPEATED_EMAIL,
          NOT_UTF8,
          RAGGED_SHORT ->
          false;
      default -> true;
    };
  }

  /** The same customer after moving to another country. */
  Customer moved(String newCountry, LocalDateTime when) {
    return new Customer(
        id, email, firstName, lastName, address, newCountry, segment, signedUpOn, when, dirt);
  }
}
