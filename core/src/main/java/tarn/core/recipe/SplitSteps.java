package tarn.core.recipe;

import static tarn.core.engine.plan.Expr.call;
import static tarn.core.engine.plan.Expr.literal;
import static tarn.core.recipe.Parameter.SOURCE;
import static tarn.core.recipe.Parameter.optional;
import static tarn.core.recipe.Parameter.required;

import java.util.ArrayList;
import java.util.List;
import tarn.core.engine.plan.Expr;
import tarn.core.engine.plan.Fn;
import tarn.core.engine.plan.Step;
import tarn.core.recipe.Parameter.Kind;

/** Operations that put several columns, {@code name_1}, {@code name_2}, …, in the place of one. */
final class SplitSteps {
  private static final String FAMILY = "Splitting";
  private static final int MAX_SPLITS = 20;
  private static final String PLACE =
      " The new columns, name_1, name_2 …, take the column's place.";

  static final List<Operation> ALL =
      List.of(
          new Operation(
              "SPLIT_COLUMN_SINGLE_DELIMITER",
              FAMILY,
              List.of(
                  SOURCE,
                  required("pattern", Kind.TEXT, "The delimiter, as it stands in the text."),
                  required(
                      "limit",
                      Kind.WHOLE,
                      "How many splits, 1 to " + MAX_SPLITS + ": one new column more than that."),
                  optional(
                      "includeInSplit",
                      Kind.FLAG,
                      "Only false: the delimiter is in none of the new columns.")),
              "Splits a text at a delimiter. The last new column has all that is left; it is null where there are fewer parts."
                  + PLACE,
              new Example(
                  "{sourceColumn: path, pattern: '/', limit: 2}",
                  "{\"path\":\"a/b/c/d\"}\n{\"path\":\"a\"}",
                  "{\"path_1\":\"a\",\"path_2\":\"b\",\"path_3\":\"c/d\"}\n{\"path_1\":\"a\",\"path_2\":null,\"path_3\":null}"),
              SplitSteps::atDelimiter),
          new Operation(
              "SPLIT_COLUMN_FROM_START",
              FAMILY,
              List.of(SOURCE, required("position", Kind.WHOLE, "Characters from the left end.")),
              "Splits a text in two behind so many characters." + PLACE,
              new Example(
                  "{sourceColumn: code, position: 2}",
                  "{\"code\":\"DE123\"}",
                  "{\"code_1\":\"DE\",\"code_2\":\"123\"}"),
              a -> inTwo(a, literal((long) a.atLeast(0, "position")))),
          new Operation(
              "SPLIT_COLUMN_FROM_END",
              FAMILY,
              List.of(SOURCE, required("position", Kind.WHOLE, "Characters from the right end.")),
              "Splits a text in two before its last characters." + PLACE,
              new Example(
                  "{sourceColumn: code, position: 2}",
                  "{\"code\":\"DE123\"}",
                  "{\"code_1\":\"DE1\",\"code_2\":\"23\"}"),
              a ->
                  inTwo(
                      a,
                      Positions.lengthWithout(a.textOf("sourceColumn"), a.atLeast(0, "position")))),
          new Operation(
              "SPLIT_COLUMN_BETWEEN_POSITIONS",
              FAMILY,
              List.of(
                  SOURCE,
                  required("startPosition", Kind.WHOLE, "The middle's first character, from 1."),
                  required("endPosition", Kind.WHOLE, "The middle's last character.")),
              "Splits a text in three: what is before, between and behind two positions." + PLACE,
              new Example(
                  "{sourceColumn: code, startPosition: 3, endPosition: 4}",
                  "{\"code\":\"DE1234\"}",
                  "{\"code_1\":\"DE\",\"code_2\":\"12\",\"code_3\":\"34\"}"),
              SplitSteps::inThree));

  private SplitSteps() {}

  private static List<Step> atDelimiter(Arguments a) {
    int limit = a.atLeast(1, "limit");
    String delimiter = a.text("pattern");
    if (limit > MAX_SPLITS) {
      a.problem("limit", "'limit' is at most " + MAX_SPLITS, "");
    }
    if (delimiter.isEmpty()) {
      a.problem("pattern", "the delimiter is empty", "");
    }
    if (a.flag("includeInSplit")) {
      a.problem("includeInSplit", "the delimiter cannot be kept", "write includeInSplit: false");
    }
    Expr text = a.textOf("sourceColumn");
    List<Expr> parts = new ArrayList<>();
    Expr before = literal((long) limit * delimiter.codePointCount(0, delimiter.length()));
    for (int i = 1; i <= limit && i <= MAX_SPLITS; i++) {
      Expr part = part(text, delimiter, i);
      parts.add(part);
      before = Positions.plus(before, call(Fn.LENGTH, part));
    }
    parts.add(
        call(
            Fn.IF,
            call(Fn.IS_NULL, part(text, delimiter, limit + 1)),
            literal(null),
            Positions.behind(text, before)));
    return columns(a, parts);
  }

  private static Expr part(Expr text, String delimiter, int number) {
    return call(Fn.SPLIT_PART, text, literal(delimiter), literal((long) number));
  }

  private static List<Step> inTwo(Arguments a, Expr characters) {
    Expr text = a.textOf("sourceColumn");
    return columns(
        a, List.of(Positions.first(text, characters), Positions.behind(text, characters)));
  }

  private static List<Step> inThree(Arguments a) {
    int first = a.atLeast(1, "startPosition");
    int last = a.whole("endPosition", first);
    if (last < first) {
      a.problem("endPosition", "'endPosition' is before 'startPosition'", "");
    }
    Expr text = a.textOf("sourceColumn");
    return columns(
        a,
        List.of(
            Positions.first(text, literal(first - 1L)),
            Positions.between(text, first, last),
            Positions.behind(text, literal((long) last))));
  }

  private static List<Step> columns(Arguments a, List<Expr> parts) {
    String column = a.text("sourceColumn");
    List<Step.Named> named = new ArrayList<>();
    for (int i = 0; i < parts.size(); i++) {
      named.add(new Step.Named(column + "_" + (i + 1), parts.get(i)));
    }
    return a.replaceBy(column, named);
  }
}
