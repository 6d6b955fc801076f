package tarn.core.recipe;

import static tarn.core.engine.plan.Expr.call;
import static tarn.core.engine.plan.Expr.literal;
import static tarn.core.recipe.Parameter.INTO;
import static tarn.core.recipe.Parameter.NEW;
import static tarn.core.recipe.Parameter.SOURCE;
import static tarn.core.recipe.Parameter.optional;
import static tarn.core.recipe.Parameter.required;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import tarn.core.engine.plan.Expr;
import tarn.core.engine.plan.Fn;
import tarn.core.engine.plan.RegexText;
import tarn.core.engine.plan.Step;
import tarn.core.recipe.Parameter.Kind;

/** Operations that change texts as a whole. */
final class TextSteps {
  private static final String FAMILY = "Text";

  static final List<Operation> ALL =
      List.of(
          inPlace(
              "UPPER_CASE",
              "Changes a text to upper case.",
              new Example(
                  "{sourceColumn: country}", "{\"country\":\"de\"}", "{\"country\":\"DE\"}"),
              text -> call(Fn.UPPER, text)),
          inPlace(
              "LOWER_CASE",
              "Changes a text to lower case.",
              new Example(
                  "{sourceColumn: email}", "{\"email\":\"A@B.org\"}", "{\"email\":\"a@b.org\"}"),
              text -> call(Fn.LOWER, text)),
          inPlace(
              "CAPITAL_CASE",
              "Makes the first letter of each word upper case, the others lower case.",
              new Example(
                  "{sourceColumn: city}", "{\"city\":\"NEW york\"}", "{\"city\":\"New York\"}"),
              text -> call(Fn.CAPITALIZE, text)),
          inPlace(
              "SENTENCE_CASE",
              "Makes the first letter of a text upper case, the others lower case; a text of several sentences counts as one (Tarn's).",
              new Example(
                  "{sourceColumn: title}",
                  "{\"title\":\"the QUICK fox\"}",
                  "{\"title\":\"The quick fox\"}"),
              TextSteps::sentence),
          new Operation(
              "TRIM",
              FAMILY,
              List.of(SOURCE, INTO),
              "Removes white space at both ends.",
              new Example("{sourceColumn: name}", "{\"name\":\"  Ann \"}", "{\"name\":\"Ann\"}"),
              a ->
                  a.appendOrReplace(
                      a.text("sourceColumn"), call(Fn.TRIM, a.column("sourceColumn")))),
          new Operation(
              "REMOVE_WHITESPACE",
              FAMILY,
              List.of(SOURCE, NEW),
              "Writes a text without its white space (Unicode's) into a new column.",
              new Example(
                  "{sourceColumn: iban, targetColumn: plain}",
                  "{\"iban\":\"DE89 3704\"}",
                  "{\"iban\":\"DE89 3704\",\"plain\":\"DE893704\"}"),
              a ->
                  a.append(
                      "targetColumn",
                      call(
                          Fn.REGEXP_REPLACE,
                          a.textOf("sourceColumn"),
                          literal("[\\s\\p{Z}]+"),
                          literal("")))),
          new Operation(
              "REMOVE_COMBINED",
              FAMILY,
              Removals.parameters(SOURCE),
              "Removes characters from a text, by kinds. White space at both ends is removed last.",
              new Example(
                  "{sourceColumn: name, removeLeadingAndTrailingWhitespace: true, collapseConsecutiveWhitespace: true}",
                  "{\"name\":\" Ann   Lee \"}",
                  "{\"name\":\"Ann Lee\"}"),
              Removals::compile),
          new Operation(
              "REPLACE_TEXT",
              FAMILY,
              List.of(
                  SOURCE,
                  required(
                      "pattern",
                      Kind.TEXT,
                      "A regular expression (RE2), also where it looks like plain text: write \\. for a dot."),
                  required(
                      "value", Kind.TEXT, "The replacement; \\1 is the pattern's first group.")),
              "Replaces every occurrence of a pattern.",
              new Example(
                  "{sourceColumn: phone, pattern: '[^0-9+]', value: ''}",
                  "{\"phone\":\"+49 (30) 12\"}",
                  "{\"phone\":\"+493012\"}"),
              TextSteps::replace),
          around(
              "ADD_PREFIX",
              "Puts characters before a text.",
              new Example("{sourceColumn: sku, pattern: 'A-'}", "{\"sku\":7}", "{\"sku\":\"A-7\"}"),
              true),
          around(
              "ADD_SUFFIX",
              "Puts characters behind a text.",
              new Example(
                  "{sourceColumn: weight, pattern: ' kg'}",
                  "{\"weight\":\"7\"}",
                  "{\"weight\":\"7 kg\"}"),
              false),
          quotes("ADD_SINGLE_QUOTES", "single", "'"),
          quotes("ADD_DOUBLE_QUOTES", "double", "\""),
          new Operation(
              "LEN",
              FAMILY,
              List.of(SOURCE, NEW),
              "Counts the characters (code points) of a text, into a new column.",
              new Example(
                  "{sourceColumn: name, targetColumn: letters}",
                  "{\"name\":\"Zoé\"}",
                  "{\"name\":\"Zoé\",\"letters\":3}"),
              a -> a.append("targetColumn", call(Fn.LENGTH, a.textOf("sourceColumn")))),
          new Operation(
              "MERGE",
              FAMILY,
              List.of(
                  required("sourceColumns", Kind.COLUMNS, "The columns, in order."),
                  optional("delimiter", Kind.TEXT, "What stands between them; nothing without it."),
                  NEW),
              "Writes columns one after another into a new text. Null counts as an empty text.",
              new Example(
                  "{sourceColumns: [first_name, last_name], delimiter: ' ', targetColumn: full_name}",
                  "{\"first_name\":\"Ann\",\"last_name\":\"Lee\"}",
                  "{\"first_name\":\"Ann\",\"last_name\":\"Lee\",\"full_name\":\"Ann Lee\"}"),
              TextSteps::merge));

  private TextSteps() {}

  private static Operation inPlace(
      String name, String meaning, Example example, Function<Expr, Expr> change) {
    return new Operation(
        name,
        FAMILY,
        List.of(SOURCE),
        meaning,
        example,
        a -> a.replace(a.text("sourceColumn"), change.apply(a.column("sourceColumn"))));
  }

  private static Operation around(String name, String meaning, Example example, boolean before) {
    return new Operation(
        name,
        FAMILY,
        List.of(SOURCE, required("pattern", Kind.TEXT, "The characters.")),
        meaning + " Null stays null.",
        example,
        a -> {
          Expr text = a.textOf("sourceColumn");
          Expr more = literal(a.text("pattern"));
          return a.replace(
              a.text("sourceColumn"),
              before ? call(Fn.CONCAT, more, text) : call(Fn.CONCAT, text, more));
        });
  }

  private static Operation quotes(String name, String kind, String quote) {
    String inJson = quote.equals("\"") ? "\\\"" : quote;
    return new Operation(
        name,
        FAMILY,
        List.of(SOURCE),
        "Puts a text into " + kind + " quotes; quotes in it stay as they are. Null stays null.",
        new Example(
            "{sourceColumn: name}",
            "{\"name\":\"Ann\"}",
            "{\"name\":\"" + inJson + "Ann" + inJson + "\"}"),
        a ->
            a.replace(
                a.text("sourceColumn"),
                call(Fn.CONCAT, literal(quote), a.textOf("sourceColumn"), literal(quote))));
  }

  private static Expr sentence(Expr text) {
    return call(
        Fn.CONCAT,
        call(Fn.UPPER, call(Fn.SUBSTRING, text, literal(1L), literal(1L))),
        call(Fn.LOWER, call(Fn.SUBSTRING, text, literal(2L), call(Fn.LENGTH, text))));
  }

  private static List<Step> replace(Arguments a) {
    if (!RegexParameters.check(a, "pattern")) {
      return List.of();
    }
    String pattern = a.text("pattern");
    String replacement = a.text("value");
    boolean plain = RegexText.isPlain(pattern) && replacement.indexOf('\\') < 0;
    Fn function = plain ? Fn.REPLACE : Fn.REGEXP_REPLACE;
    return a.replace(
        a.text("sourceColumn"),
        call(function, a.column("sourceColumn"), literal(pattern), literal(replacement)));
  }

  private static List<Step> merge(Arguments a) {
    List<Expr> parts = new ArrayList<>();
    for (String column : a.texts("sourceColumns")) {
      if (!parts.isEmpty() && a.has("delimiter")) {
        parts.add(literal(a.text("delimiter")));
      }
      parts.add(call(Fn.COALESCE, Arguments.asText(column), literal("")));
    }
    return a.append("targetColumn", new Expr.Call(Fn.CONCAT, parts));
  }
}
