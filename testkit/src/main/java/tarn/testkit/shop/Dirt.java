package tarn.testkit.shop;

/** What is odd about a record of the shop's data, and what a correct lake does with it. */
public enum Dirt {
  /** Nothing: the record is stored. */
  NONE,
  /** The same record twice, byte for byte; one is stored. */
  DUPLICATE,
  /** A newer version of the record lands later; the newer one is stored. */
  LATE_UPDATE,
  /** An older version of the record lands later; the newer one is stored. */
  STALE_UPDATE,
  /**
   * The record cannot be read, and a newer, good version lands later: one quarantined, one stored.
   */
  CORRECTED,
  /** {@code n/a} where a number belongs; quarantined. */
  BAD_NUMBER,
  /** A date that no calendar has; quarantined. */
  IMPOSSIBLE_DATE,
  /** The key is empty; quarantined. */
  MISSING_KEY,
  /** A mandatory field is empty; quarantined. */
  MISSING_FIELD,
  /** A value outside its list; quarantined. */
  UNKNOWN_VALUE,
  /** Less than zero where that makes no sense; quarantined. */
  NEGATIVE_NUMBER,
  /**
   * Another customer's e-mail address; the customer who landed first keeps it, this one is
   * quarantined.
   */
  REPEATED_EMAIL,
  /** A CSV row that ends too early; quarantined. */
  RAGGED_SHORT,
  /** A CSV row with one field too many, because its comma was not quoted; quarantined. */
  RAGGED_LONG,
  /** Bytes that are not UTF-8; quarantined. */
  NOT_UTF8,
  /** A line of JSON cut in the middle; quarantined. */
  TRUNCATED,
  /** A line of another program's log between two records; quarantined. */
  FOREIGN_LINE,
  /** Refers to something that was never sent; stored, and treated by the models as they say. */
  ORPHAN,
  /** Letters of the wrong case, spaces or tabs around a value; stored clean. */
  MESSY_TEXT,
  /** A comma inside a quoted CSV field; stored. */
  QUOTED_COMMA,
  /** A line break and doubled quotes inside a quoted CSV field; stored. */
  QUOTED_NEWLINE
}
