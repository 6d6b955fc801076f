package tarn.core.recipe;

import static tarn.core.engine.plan.Expr.call;
import static tarn.core.engine.plan.Expr.literal;
import static tarn.core.recipe.Parameter.NEW;
import static tarn.core.recipe.Parameter.SOURCE;
import static tarn.core.recipe.Parameter.optional;
import static tarn.core.recipe.Parameter.required;

import java.util.List;
import tarn.core.engine.plan.Expr;
import tarn.core.engine.plan.Fn;
import tarn.core.engine.plan.Step;
import tarn.core.recipe.Parameter.Kind;

/** Operations that say of each row whether something holds. */
final class FlagSteps {
  private static final String FAMILY = "Flags";
  private static final Parameter TRUE =
      optional("trueString", Kind.TEXT, "The text where it holds; True without it.");
  private static final Parameter FALSE =
      optional("falseString", Kind.TEXT, "The text where it does not; False without it.");

  static final List<Operation> ALL =
      List.of(
          new Operation(
              "FLAG_COLUMN_FROM_NULL",
              FAMILY,
              List.of(SOURCE, NEW, TRUE, FALSE, type("Null values")),
              "Says in a new column whether a value is null.",
              new Example(
                  "{sourceColumn: phone, targetColumn: no_phone}",
                  "{\"phone\":\"1\"}\n{\"phone\":null}",
                  "{\"phone\":\"1\",\"no_phone\":\"False\"}\n{\"phone\":null,\"no_phone\":\"True\"}"),
              a -> flag(a, call(Fn.IS_NULL, a.column("sourceColumn")))),
          new Operation(
              "FLAG_COLUMN_FROM_PATTERN",
              FAMILY,
              List.of(
                  SOURCE,
                  NEW,
                  required(
                      "pattern",
                      Kind.TEXT,
                      "A regular expression (RE2), found anywhere in the text."),
                  TRUE,
                  FALSE,
                  type("Pattern")),
              "Says in a new column whether a text has a pattern in it; null has none.",
              new Example(
                  "{sourceColumn: wind, pattern: '^N', trueString: northern, falseString: other, targetColumn: kind}",
                  "{\"wind\":\"NW\"}\n{\"wind\":\"SN\"}",
                  "{\"wind\":\"NW\",\"kind\":\"northern\"}\n{\"wind\":\"SN\",\"kind\":\"other\"}"),
              FlagSteps::pattern));

  private FlagSteps() {}

  private static Parameter type(String only) {
    return optional("flagType", Kind.TEXT, "Only '" + only + "'.").oneOf(List.of(only));
  }

  private static List<Step> pattern(Arguments a) {
    if (!RegexParameters.check(a, "pattern")) {
      return List.of();
    }
    Expr found =
        call(Fn.REGEXP_EXTRACT, a.textOf("sourceColumn"), literal(a.text("pattern")), literal(0L));
    return flag(a, call(Fn.NOT, call(Fn.IS_NULL, found)));
  }

  private static List<Step> flag(Arguments a, Expr holds) {
    return a.append(
        "targetColumn",
        call(
            Fn.IF,
            holds,
            literal(a.optional("trueString").orElse("True")),
            literal(a.optional("falseString").orElse("False"))));
  }

  /** A boolean, or the texts for it if there are any; null stays null. */
  static Expr texts(Arguments a, Expr holds) {
    if (!a.has("trueString") && !a.has("falseString")) {
      return holds;
    }
    return call(
        Fn.IF,
        call(Fn.IS_NULL, holds),
        literal(null),
        call(
            Fn.IF,
            holds,
            literal(a.optional("trueString").orElse("true")),
            literal(a.optional("falseString").orElse("false"))));
  }
}
