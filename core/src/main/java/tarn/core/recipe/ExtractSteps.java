package tarn.core.recipe;

import static tarn.core.engine.plan.Expr.call;
import static tarn.core.engine.plan.Expr.literal;
import static tarn.core.recipe.Parameter.NEW;
import static tarn.core.recipe.Parameter.SOURCE;
import static tarn.core.recipe.Parameter.required;

import java.util.List;
import tarn.core.engine.plan.Expr;
import tarn.core.engine.plan.Fn;
import tarn.core.engine.plan.Step;
import tarn.core.recipe.Parameter.Kind;

/** Operations that take or replace a part of a text. */
final class ExtractSteps {
  private static final String FAMILY = "Parts of texts";
  private static final int MAX_GROUPS = 9;
  private static final Parameter START =
      required("startPosition", Kind.WHOLE, "The first character, counted from 1.");
  private static final Parameter END =
      required("endPosition", Kind.WHOLE, "The last character; it counts too.");
  private static final Parameter START_PATTERN =
      required("startPattern", Kind.TEXT, "What is before it: a regular expression (RE2).");
  private static final Parameter END_PATTERN =
      required("endPattern", Kind.TEXT, "What is behind it: a regular expression (RE2).");
  private static final Parameter COUNT =
      required("position", Kind.WHOLE, "How many characters, 0 or more.");

  static final List<Operation> ALL =
      List.of(
          new Operation(
              "EXTRACT_PATTERN",
              FAMILY,
              List.of(SOURCE, NEW, required("pattern", Kind.TEXT, "A regular expression (RE2).")),
              "Writes the first part of a text that matches a pattern into a new column; null if none does.",
              new Example(
                  "{sourceColumn: address, pattern: '[0-9]{5}', targetColumn: zip}",
                  "{\"address\":\"10115 Berlin\"}\n{\"address\":\"Berlin\"}",
                  "{\"address\":\"10115 Berlin\",\"zip\":\"10115\"}\n{\"address\":\"Berlin\",\"zip\":null}"),
              a ->
                  RegexParameters.check(a, "pattern")
                      ? a.append(
                          "targetColumn",
                          call(
                              Fn.REGEXP_EXTRACT,
                              a.textOf("sourceColumn"),
                              literal(a.text("pattern")),
                              literal(0L)))
                      : List.of()),
          new Operation(
              "EXTRACT_BETWEEN_DELIMITERS",
              FAMILY,
              List.of(SOURCE, NEW, START_PATTERN, END_PATTERN),
              "Writes what stands between two patterns into a new column: the first and shortest such part; null if there is none.",
              new Example(
                  "{sourceColumn: url, startPattern: '//', endPattern: '/', targetColumn: host}",
                  "{\"url\":\"https://shop.example/a/b\"}",
                  "{\"url\":\"https://shop.example/a/b\",\"host\":\"shop.example\"}"),
              ExtractSteps::betweenDelimiters),
          new Operation(
              "EXTRACT_BETWEEN_POSITIONS",
              FAMILY,
              List.of(SOURCE, NEW, START, END),
              "Writes the characters from one position to another into a new column.",
              new Example(
                  "{sourceColumn: code, startPosition: 3, endPosition: 5, targetColumn: middle}",
                  "{\"code\":\"ABCDEFG\"}",
                  "{\"code\":\"ABCDEFG\",\"middle\":\"CDE\"}"),
              a -> positions(a, true)),
          new Operation(
              "SUBSTRING",
              FAMILY,
              List.of(SOURCE, NEW, START, END),
              "The same as EXTRACT_BETWEEN_POSITIONS.",
              new Example(
                  "{sourceColumn: code, startPosition: 1, endPosition: 2, targetColumn: head}",
                  "{\"code\":\"ABCDEFG\"}",
                  "{\"code\":\"ABCDEFG\",\"head\":\"AB\"}"),
              a -> positions(a, true)),
          new Operation(
              "LEFT",
              FAMILY,
              List.of(SOURCE, NEW, COUNT),
              "Writes the first characters of a text into a new column.",
              new Example(
                  "{sourceColumn: code, position: 2, targetColumn: head}",
                  "{\"code\":\"ABC\"}",
                  "{\"code\":\"ABC\",\"head\":\"AB\"}"),
              a ->
                  a.append(
                      "targetColumn",
                      Positions.first(
                          a.textOf("sourceColumn"), literal((long) a.atLeast(0, "position"))))),
          new Operation(
              "RIGHT",
              FAMILY,
              List.of(SOURCE, NEW, COUNT),
              "Writes the last characters of a text into a new column.",
              new Example(
                  "{sourceColumn: code, position: 2, targetColumn: tail}",
                  "{\"code\":\"ABC\"}\n{\"code\":\"A\"}",
                  "{\"code\":\"ABC\",\"tail\":\"BC\"}\n{\"code\":\"A\",\"tail\":\"A\"}"),
              a -> {
                Expr text = a.textOf("sourceColumn");
                return a.append(
                    "targetColumn",
                    Positions.behind(
                        text, Positions.lengthWithout(text, a.atLeast(0, "position"))));
              }),
          new Operation(
              "REPLACE_BETWEEN_POSITIONS",
              FAMILY,
              List.of(SOURCE, START, END, required("value", Kind.TEXT, "The replacement.")),
              "Replaces the characters from one position to another.",
              new Example(
                  "{sourceColumn: code, startPosition: 3, endPosition: 5, value: '-'}",
                  "{\"code\":\"ABCDEFG\"}",
                  "{\"code\":\"AB-FG\"}"),
              a -> positions(a, false)),
          new Operation(
              "REPLACE_BETWEEN_DELIMITERS",
              FAMILY,
              List.of(
                  SOURCE,
                  START_PATTERN,
                  END_PATTERN,
                  required("value", Kind.TEXT, "The replacement.")),
              "Replaces what stands between two patterns, everywhere; what matches the patterns stays.",
              new Example(
                  "{sourceColumn: note, startPattern: '<', endPattern: '>', value: '?'}",
                  "{\"note\":\"a <b> c <d>\"}",
                  "{\"note\":\"a <?> c <?>\"}"),
              ExtractSteps::replaceBetween));

  private ExtractSteps() {}

  private static List<Step> positions(Arguments a, boolean extract) {
    int first = a.atLeast(1, "startPosition");
    int last = a.whole("endPosition", first);
    if (last < first) {
      a.problem("endPosition", "'endPosition' is before 'startPosition'", "");
    }
    Expr text = a.textOf("sourceColumn");
    return extract
        ? a.append("targetColumn", Positions.between(text, first, last))
        : a.replace(
            a.text("sourceColumn"),
            call(
                Fn.CONCAT,
                Positions.first(text, literal(first - 1L)),
                literal(a.text("value")),
                Positions.behind(text, literal((long) last))));
  }

  private static boolean patterns(Arguments a) {
    boolean start = RegexParameters.check(a, "startPattern");
    return RegexParameters.check(a, "endPattern") && start;
  }

  private static List<Step> betweenDelimiters(Arguments a) {
    if (!patterns(a)) {
      return List.of();
    }
    String start = a.text("startPattern");
    return a.append(
        "targetColumn",
        call(
            Fn.REGEXP_EXTRACT,
            a.textOf("sourceColumn"),
            literal("(?:" + start + ")((?s:.*?))(?:" + a.text("endPattern") + ")"),
            literal(RegexParameters.groups(start) + 1L)));
  }

  private static List<Step> replaceBetween(Arguments a) {
    if (!patterns(a)) {
      return List.of();
    }
    String start = a.text("startPattern");
    int last = RegexParameters.groups(start) + 2;
    if (last > MAX_GROUPS) {
      a.problem("startPattern", "'startPattern' has too many groups", "write (?:…) for (…)");
      return List.of();
    }
    return a.replace(
        a.text("sourceColumn"),
        call(
            Fn.REGEXP_REPLACE,
            a.textOf("sourceColumn"),
            literal("(" + start + ")(?s:.*?)(" + a.text("endPattern") + ")"),
            literal("\\1" + RegexParameters.plain(a.text("value")) + "\\" + last)));
  }
}
