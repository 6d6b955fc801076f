package tarn.core.recipe;

import static tarn.core.engine.plan.Expr.call;
import static tarn.core.engine.plan.Expr.literal;

import java.util.List;
import tarn.core.engine.plan.Expr;
import tarn.core.engine.plan.Fn;
import tarn.core.engine.plan.RegexText;
import tarn.core.engine.plan.Step;

/** REPLACE_TEXT. */
final class Patterns {
  private Patterns() {}

  static List<Step> replace(Arguments a) {
    String pattern = a.text("pattern");
    String replacement = a.text("value");
    RegexText.problem(pattern)
        .ifPresent(
            why ->
                a.problem("pattern", "'" + pattern + "' is not a regular expression: " + why, ""));
    if (pattern.isEmpty()) {
      a.problem("pattern", "the pattern is empty", "");
    }
    boolean plain = RegexText.isPlain(pattern) && replacement.indexOf('\\') < 0;
    String column = a.text("sourceColumn");
    Fn function = plain ? Fn.REPLACE : Fn.REGEXP_REPLACE;
    return a.replace(
        column, call(function, Expr.column(column), literal(pattern), literal(replacement)));
  }
}
