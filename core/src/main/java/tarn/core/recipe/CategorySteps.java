package tarn.core.recipe;

import static tarn.core.engine.plan.Expr.call;
import static tarn.core.engine.plan.Expr.literal;
import static tarn.core.recipe.Parameter.NEW;
import static tarn.core.recipe.Parameter.SOURCE;
import static tarn.core.recipe.Parameter.optional;
import static tarn.core.recipe.Parameter.required;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import tarn.core.engine.plan.Expr;
import tarn.core.engine.plan.Fn;
import tarn.core.engine.plan.Step;
import tarn.core.recipe.Parameter.Kind;

/** Operations that put values into classes. */
final class CategorySteps {
  private static final String FAMILY = "Categories";
  private static final int MAX_BUCKETS = 100;

  static final List<Operation> ALL =
      List.of(
          new Operation(
              "CATEGORICAL_MAPPING",
              FAMILY,
              List.of(
                  SOURCE,
                  NEW,
                  required("categoryMap", Kind.MAP, "What becomes what: at most 200 values."),
                  optional("mapType", Kind.TEXT, "TEXT (without it) or NUMERIC: the new type.")
                      .oneOf(List.of("TEXT", "NUMERIC")),
                  optional("other", Kind.TEXT, "What all other values become."),
                  optional("keepOthers", Kind.FLAG, "Other values stay as they are."),
                  optional(
                      "deleteOtherRows",
                      Kind.FLAG,
                      "Rows with other values are dropped and counted as filtered.")),
              "Maps values to others, into a new column. Other values, and null, become null unless one of the options says otherwise. With NUMERIC a value that is kept and is no number is quarantined.",
              new Example(
                  "{sourceColumn: country, categoryMap: {Germany: DE, France: FR}, other: XX, targetColumn: code}",
                  "{\"country\":\"France\"}\n{\"country\":\"Chile\"}",
                  "{\"country\":\"France\",\"code\":\"FR\"}\n{\"country\":\"Chile\",\"code\":\"XX\"}"),
              CategorySteps::mapping),
          new Operation(
              "BINARIZATION",
              FAMILY,
              List.of(
                  SOURCE,
                  NEW,
                  required("threshold", Kind.NUMBER, "The greatest number that gives 0."),
                  optional("flip", Kind.FLAG, "Gives 1 up to the threshold and 0 above it.")),
              "Writes 1 for a number above a threshold and 0 for others into a new column; null stays null.",
              new Example(
                  "{sourceColumn: level, threshold: 100, targetColumn: high}",
                  "{\"level\":101}\n{\"level\":100}\n{\"level\":null}",
                  "{\"level\":101,\"high\":1}\n{\"level\":100,\"high\":0}\n{\"level\":null,\"high\":null}"),
              CategorySteps::binary),
          new Operation(
              "BUCKETIZATION",
              FAMILY,
              List.of(
                  SOURCE,
                  NEW,
                  required("bucketNames", Kind.LIST, "The buckets' names, in order."),
                  required(
                      "splits",
                      Kind.LIST,
                      "The buckets' bounds, ascending: one more than there are names; -Infinity and Infinity may be the first and last.")),
              "Writes the name of the bucket that a number belongs to into a new column. A bucket has its lower bound and not its upper one, but the last has both; numbers outside give null. (DataBrew's 'percentage' needs the whole table.)",
              new Example(
                  "{sourceColumn: total, bucketNames: [small, large], splits: [0, 20, Infinity], targetColumn: size}",
                  "{\"total\":19}\n{\"total\":20}\n{\"total\":-1}",
                  "{\"total\":19,\"size\":\"small\"}\n{\"total\":20,\"size\":\"large\"}\n{\"total\":-1,\"size\":null}"),
              CategorySteps::buckets));

  private CategorySteps() {}

  private static List<Step> mapping(Arguments a) {
    boolean numeric = a.optional("mapType").filter("NUMERIC"::equals).isPresent();
    List<String> values = new ArrayList<>(a.map("categoryMap").values());
    a.optional("other").ifPresent(values::add);
    if (numeric) {
      values.stream()
          .filter(value -> Arguments.number(value).isEmpty())
          .forEach(
              value ->
                  a.problem("categoryMap", "'" + value + "' is not a number", "mapType: TEXT"));
    }
    if (a.flag("keepOthers") && a.has("other")) {
      a.problem("other", "other values cannot be kept and replaced", "leave one of them out");
    }
    String column = a.text("sourceColumn");
    Expr mapped = mapped(a, Arguments.asText(column));
    boolean whole = !a.flag("keepOthers") && values.stream().allMatch(CategorySteps::isWhole);
    Type.PrimitiveType type = whole ? Types.LongType.get() : Types.DoubleType.get();
    List<Step> steps = new ArrayList<>();
    if (a.flag("deleteOtherRows")) {
      steps.add(new Step.Filter(among(Arguments.asText(column), a.map("categoryMap"))));
    }
    steps.addAll(
        a.append("targetColumn", numeric ? new Expr.Cast(mapped, type, column, null) : mapped));
    return steps;
  }

  private static boolean isWhole(String value) {
    return value.matches("-?[0-9]{1,18}");
  }

  private static Expr mapped(Arguments a, Expr text) {
    Expr result =
        a.flag("keepOthers")
            ? text
            : a.optional("other").<Expr>map(Expr::literal).orElse(literal(null));
    List<Map.Entry<String, String>> entries = new ArrayList<>(a.map("categoryMap").entrySet());
    for (int i = entries.size() - 1; i >= 0; i--) {
      result =
          call(
              Fn.IF,
              call(Fn.EQ, text, literal(entries.get(i).getKey())),
              literal(entries.get(i).getValue()),
              result);
    }
    return result;
  }

  private static Expr among(Expr text, Map<String, String> map) {
    List<Expr> arguments = new ArrayList<>();
    arguments.add(text);
    map.keySet().forEach(key -> arguments.add(literal(key)));
    return new Expr.Call(Fn.IN, arguments);
  }

  private static List<Step> binary(Arguments a) {
    Expr number = a.column("sourceColumn");
    long above = a.flag("flip") ? 0 : 1;
    return a.append(
        "targetColumn",
        call(
            Fn.IF,
            call(Fn.IS_NULL, number),
            literal(null),
            call(
                Fn.IF,
                call(Fn.GT, number, a.numberOf("threshold")),
                literal(above),
                literal(1 - above))));
  }

  private static List<Step> buckets(Arguments a) {
    List<String> names = a.texts("bucketNames");
    List<Optional<BigDecimal>> bounds = new ArrayList<>();
    for (String split : a.texts("splits")) {
      bounds.add(bound(a, split, bounds.size(), a.texts("splits").size()));
    }
    if (bounds.size() != names.size() + 1 || names.size() > MAX_BUCKETS) {
      a.problem(
          "splits",
          names.size() + " buckets need " + (names.size() + 1) + " splits, not " + bounds.size(),
          "at most " + MAX_BUCKETS + " buckets");
      return List.of();
    }
    for (int i = 1; i < bounds.size(); i++) {
      ascending(a, bounds.get(i - 1), bounds.get(i));
    }
    Expr number = a.column("sourceColumn");
    Expr result = literal(null);
    for (int i = names.size() - 1; i >= 0; i--) {
      boolean last = i == names.size() - 1;
      Expr within = within(number, bounds.get(i), bounds.get(i + 1), last ? Fn.LE : Fn.LT);
      result = call(Fn.IF, within, literal(names.get(i)), result);
    }
    return a.append("targetColumn", result);
  }

  /** Empty for infinity. */
  private static Optional<BigDecimal> bound(Arguments a, String text, int index, int count) {
    boolean infinite = text.equals(index == 0 ? "-Infinity" : "Infinity");
    if (infinite && (index == 0 || index == count - 1)) {
      return Optional.empty();
    }
    if (Arguments.number(text).isEmpty()) {
      a.problem("splits", "'" + text + "' is not a bound", "write a number");
      return Optional.empty();
    }
    return Optional.of(new BigDecimal(text));
  }

  private static void ascending(
      Arguments a, Optional<BigDecimal> lower, Optional<BigDecimal> upper) {
    if (lower.isPresent() && upper.isPresent() && lower.get().compareTo(upper.get()) >= 0) {
      a.problem("splits", "the splits are not ascending at " + upper.get().toPlainString(), "");
    }
  }

  private static Expr within(
      Expr number, Optional<BigDecimal> lower, Optional<BigDecimal> upper, Fn below) {
    Expr known = call(Fn.NOT, call(Fn.IS_NULL, number));
    Expr from = lower.map(l -> call(Fn.GE, number, Arguments.number(l))).orElse(known);
    Expr to = upper.map(u -> call(below, number, Arguments.number(u))).orElse(known);
    return call(Fn.AND, from, to);
  }
}
