package tarn.core.engine.plan;

/**
 * What a row's values can be put through. Every engine gives the same results; the contract is
 * {@code EngineContract} in the testkit.
 */
public enum Fn {
  EQ,
  NE,
  LT,
  LE,
  GT,
  GE,
  AND,
  OR,
  NOT,
  /** One argument; never null itself. */
  IS_NULL,
  /** The first argument equals one of the others. */
  IN,
  ADD,
  SUBTRACT,
  MULTIPLY,
  /** Exact numbers divide as doubles; by zero gives null. */
  DIVIDE,
  /** A number and a count of decimal places; half away from zero. */
  ROUND,
  /** Without its sign. */
  ABS,
  /** The least whole number that is not less than it, of its own type. */
  CEIL,
  /** The greatest whole number that is not greater than it, of its own type. */
  FLOOR,
  /** What remains of a division, with the sign of the first number; by zero gives null. */
  MODULO,
  /** A number and its exponent, as doubles; null where there is no finite result. */
  POWER,
  /** As a double; null for negative numbers. */
  SQUARE_ROOT,
  /** The natural logarithm, as a double; null for zero and negative numbers. */
  LN,
  /** A number and the base of its logarithm, as doubles; null for zero and negative numbers. */
  LOG,
  UPPER,
  LOWER,
  /** The first letter of every word upper case, the others lower. */
  CAPITALIZE,
  /** Without white space (Unicode's) at both ends. */
  TRIM,
  /** Characters (code points) of a text. */
  LENGTH,
  CONCAT,
  /** Text, literal to find, replacement: every occurrence. */
  REPLACE,
  /** Text, RE2 pattern, replacement with {@code \1}: every occurrence. */
  REGEXP_REPLACE,
  /** Text, RE2 pattern: whether the whole text matches. */
  REGEXP_MATCHES,
  /**
   * Text, RE2 pattern, number of a group (0: all of it): where the pattern matches first; null if
   * it does not.
   */
  REGEXP_EXTRACT,
  /** Text, literal delimiter, number from 1: a part between delimiters; null if there are fewer. */
  SPLIT_PART,
  STARTS_WITH,
  ENDS_WITH,
  CONTAINS,
  /** Text, start from 1, length in code points. */
  SUBSTRING,
  /** The first argument that is not null. */
  COALESCE,
  /** Condition, value if true, value if false or null. */
  IF,
  /** The value's text in lower case hex of its SHA-256. */
  SHA256,
  /**
   * A {@link Expr.Secret} and a value: HMAC-SHA256 (RFC 2104) of the value's text, in lower case
   * hex.
   */
  HMAC_SHA256,

  // Times are dates, timestamps and timestamps with a zone, which are taken in UTC.

  /**
   * A literal unit (YEAR, QUARTER, MONTH, WEEK, DAY, WEEKDAY, HOUR, MINUTE, SECOND) and a time:
   * that part of it as a number. Weeks are ISO's; weekdays go from 1, Monday, to 7.
   */
  TIME_PART,
  /** A literal unit as in DataBrew (DAYS), a whole number and a time: a later timestamp. */
  TIME_ADD,
  /** A literal unit and two times: how many whole units from the first to the second. */
  TIME_BETWEEN,
  /** A time and a literal pattern in the letters of {@code DateLetters}: a text, in English. */
  TIME_TEXT,
  /** A time: whole seconds since 1970, rounded down. */
  EPOCH,
  /** Whole seconds since 1970: a timestamp. */
  FROM_EPOCH,

  /** Literal name, value, name, value: a struct with these fields. */
  STRUCT,
  /** Values: a list of them, of the type that can hold them all. */
  ARRAY,
  /** Literal key, value, key, value: a map from texts. */
  MAP,
  /** A struct and a literal name of a field, or a map and a key; null if a map has no such key. */
  FIELD
}
