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
  SHA256
}
