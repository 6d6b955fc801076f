package tarn.core.recipe;

import static tarn.core.engine.plan.Expr.call;
import static tarn.core.engine.plan.Expr.literal;

import java.util.ArrayList;
import java.util.List;
import tarn.core.engine.plan.Expr;
import tarn.core.engine.plan.Fn;
import tarn.core.engine.plan.Step;

/** REMOVE_COMBINED: what each of its flags removes. */
final class Removals {
  private static final String PUNCTUATION = "[.!,?]";
  private static final String QUOTES = "['\"]";

  /** In the order in which they are done. */
  private static final List<Removal> ALL =
      List.of(
          new Removal("removeAllPunctuation", PUNCTUATION, "", "Removes . ! , and ?"),
          new Removal("removeAllQuotes", QUOTES, "", "Removes single and double quotes."),
          new Removal("removeLetters", "[A-Za-z]", "", "Removes A to Z and a to z."),
          new Removal("removeNumbers", "[0-9]", "", "Removes 0 to 9."),
          new Removal(
              "removeSpecialCharacters",
              "[!-/:-@\\[-`{-~]",
              "",
              "Removes ASCII's punctuation and symbols."),
          new Removal("removeAllWhitespace", "\\s+", "", "Removes white space everywhere."),
          new Removal(
              "collapseConsecutiveWhitespace",
              "\\s{2,}",
              " ",
              "Makes one space of two and more characters of white space."),
          new Removal(
              "removeLeadingAndTrailingQuotes",
              "^['\"]+|['\"]+$",
              "",
              "Removes quotes at both ends."),
          new Removal(
              "removeLeadingAndTrailingPunctuation",
              "^[.!,?]+|[.!,?]+$",
              "",
              "Removes . ! , and ? at both ends."));

  private static final String TRIM = "removeLeadingAndTrailingWhitespace";

  private Removals() {}

  static List<Parameter> parameters(Parameter source) {
    List<Parameter> parameters = new ArrayList<>();
    parameters.add(source);
    for (Removal removal : ALL) {
      parameters.add(Parameter.optional(removal.flag, Parameter.Kind.FLAG, removal.meaning));
    }
    parameters.add(
        Parameter.optional(TRIM, Parameter.Kind.FLAG, "Removes white space at both ends."));
    return List.copyOf(parameters);
  }

  static List<Step> compile(Arguments a) {
    String column = a.text("sourceColumn");
    Expr value = Expr.column(column);
    for (Removal removal : ALL) {
      if (a.flag(removal.flag)) {
        value =
            call(Fn.REGEXP_REPLACE, value, literal(removal.pattern), literal(removal.replacement));
      }
    }
    value = a.flag(TRIM) ? call(Fn.TRIM, value) : value;
    if (value instanceof Expr.Column) {
      a.problem(
          "sourceColumn",
          "REMOVE_COMBINED removes nothing: no flag is true",
          "write " + TRIM + ": true");
      return List.of();
    }
    return a.replace(column, value);
  }

  private record Removal(String flag, String pattern, String replacement, String meaning) {}
}
