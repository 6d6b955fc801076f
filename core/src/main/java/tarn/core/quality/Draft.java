package tarn.core.quality;

import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tarn.core.engine.plan.Expr;

/** What a rule type makes of its arguments, before {@code where} and {@code with threshold}. */
sealed interface Draft {

  /** Every row for itself. */
  record Rows(String column, Expr valid) implements Draft {}

  /** Values that must not be null, and values that must not come twice. */
  record Keys(List<String> complete, List<String> unique) implements Draft {}

  /**
   * The table as a whole.
   *
   * @param takesWhere whether it can be asked about some of the rows
   * @param check made for the condition of {@code where}, or for null
   */
  record Whole(boolean takesWhere, Function<@Nullable Expr, Check> check) implements Draft {}
}
