package tarn.core.engine.plan;

import java.util.List;
import org.apache.iceberg.types.Type;
import org.jspecify.annotations.Nullable;

/**
 * A value computed from one row. SQL's three-valued logic holds: a call with a null argument is
 * null, unless its function says otherwise.
 */
public sealed interface Expr {

  /** The value of a column of the step's input. Names are exact; they may have any character. */
  record Column(String name) implements Expr {}

  /**
   * A constant.
   *
   * @param value a String, Long, BigDecimal, Boolean, LocalDate, or null
   */
  record Literal(@Nullable Object value) implements Expr {}

  /** A function of other values. */
  record Call(Fn function, List<Expr> arguments) implements Expr {}

  /**
   * A value as another type (a primitive Iceberg type). A value that has no exact meaning in the
   * type rejects its row: it is quarantined with the column's name and the value; it never becomes
   * null.
   *
   * @param column the name to report when a value does not fit
   * @param format how a text is read as a date or timestamp, in {@link
   *     java.time.format.DateTimeFormatter}'s letters; null for ISO 8601
   */
  record Cast(Expr value, Type.PrimitiveType type, String column, @Nullable String format)
      implements Expr {}

  /**
   * Whether a value has an exact meaning in a type, as in {@link Cast}; null for null. Rejects
   * nothing.
   */
  record Fits(Expr value, Type.PrimitiveType type) implements Expr {}

  /**
   * A nested value, or the JSON text of one, in another nested type or as JSON text. A value of
   * which anything would be lost rejects its row, as in {@link Cast}.
   *
   * @param from the value's type
   * @param column the name to report when a value does not fit
   */
  record Reshape(Expr value, Type from, Type type, String column) implements Expr {}

  /** A key that does not stand in the plan. Only {@link Fn#HMAC_SHA256} takes it. */
  record Secret(SecretReference reference) implements Expr {}

  static Expr column(String name) {
    return new Column(name);
  }

  static Expr literal(@Nullable Object value) {
    return new Literal(value);
  }

  static Expr call(Fn function, Expr... arguments) {
    return new Call(function, List.of(arguments));
  }
}
