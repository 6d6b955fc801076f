package tarn.core.query;

import org.jspecify.annotations.Nullable;

/** How a column is compared with a constant. */
enum Order {
  EQUAL,
  NOT_EQUAL,
  LESS,
  AT_MOST,
  MORE,
  AT_LEAST;

  static @Nullable Order of(String comparison) {
    return switch (comparison) {
      case "COMPARE_EQUAL", "COMPARE_NOT_DISTINCT_FROM" -> EQUAL;
      case "COMPARE_NOTEQUAL" -> NOT_EQUAL;
      case "COMPARE_LESSTHAN" -> LESS;
      case "COMPARE_LESSTHANOREQUALTO" -> AT_MOST;
      case "COMPARE_GREATERTHAN" -> MORE;
      case "COMPARE_GREATERTHANOREQUALTO" -> AT_LEAST;
      default -> null;
    };
  }

  Order flipped() {
    return switch (this) {
      case LESS -> MORE;
      case MORE -> LESS;
      case AT_MOST -> AT_LEAST;
      case AT_LEAST -> AT_MOST;
      default -> this;
    };
  }
}
