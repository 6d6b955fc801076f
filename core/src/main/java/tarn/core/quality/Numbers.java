package tarn.core.quality;

import static tarn.core.engine.plan.Expr.call;

import java.math.BigDecimal;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tarn.core.engine.plan.Expr;
import tarn.core.engine.plan.Fn;
import tarn.core.engine.plan.Measure;

/** Measures, and checks of numbers made of them. */
final class Numbers {
  static final String NO_VALUE = "has no value";

  private static final NumberCondition NONE = NumberCondition.zero();

  private Numbers() {}

  static Expr notNull(String column) {
    return call(Fn.NOT, call(Fn.IS_NULL, Expr.column(column)));
  }

  static Measure rows(@Nullable Expr where) {
    return of(Measure.Kind.ROWS, List.of(), where);
  }

  static Measure of(Measure.Kind kind, List<String> columns, @Nullable Expr where) {
    return new Measure.OfRows(kind, columns, where, null);
  }

  static Check check(
      String name,
      NumberCondition condition,
      Function<Seen, Optional<BigDecimal>> number,
      Measure... needs) {
    return new Check.OfNumber(name, List.of(needs), Set.of(), number, condition, NO_VALUE);
  }

  /** The number itself. */
  static Check check(String name, NumberCondition condition, Measure measure) {
    return check(name, condition, seen -> seen.number(measure), measure);
  }

  /** Part of a whole. */
  static Check ratio(String name, NumberCondition condition, Measure part, Measure whole) {
    return check(name, condition, seen -> seen.ratio(part, whole), part, whole);
  }

  /** No rows of {@code all} are left beside those that pass. */
  static Check noneLeft(String name, Measure all, Measure passing) {
    return left(name + ": rows that fail", all, passing);
  }

  /** The same of a rule that is known from its text. */
  static Check noneLeft(Measure all, Measure passing) {
    return left("rows that fail", all, passing);
  }

  private static Check left(String name, Measure all, Measure passing) {
    return check(
        name,
        NONE,
        seen -> seen.number(all).flatMap(n -> seen.number(passing).map(n::subtract)),
        all,
        passing);
  }
}
