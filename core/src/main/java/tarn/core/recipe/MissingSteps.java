package tarn.core.recipe;

import static tarn.core.engine.plan.Expr.call;
import static tarn.core.recipe.Parameter.SOURCE;
import static tarn.core.recipe.Parameter.optional;
import static tarn.core.recipe.Parameter.required;

import java.util.List;
import java.util.Optional;
import org.apache.iceberg.types.Types;
import tarn.core.engine.plan.Expr;
import tarn.core.engine.plan.Fn;
import tarn.core.engine.plan.Step;
import tarn.core.recipe.Parameter.Kind;

/** Operations on missing values. */
final class MissingSteps {
  private static final String FAMILY = "Missing values";

  static final List<Operation> ALL =
      List.of(
          new Operation(
              "FILL_WITH_CUSTOM",
              FAMILY,
              List.of(
                  SOURCE,
                  optional(
                          "columnDataType",
                          Kind.TEXT,
                          "The value's type; without it, as it is written.")
                      .oneOf(List.of("string", "number", "boolean", "date", "timestamp")),
                  required("value", Kind.VALUE, "What takes the place of null.")),
              "Replaces null by a value. An empty text is not null; an empty field of a CSV file is.",
              new Example(
                  "{sourceColumn: country, value: unknown}",
                  "{\"country\":\"DE\"}\n{\"country\":null}",
                  "{\"country\":\"DE\"}\n{\"country\":\"unknown\"}"),
              MissingSteps::fill),
          new Operation(
              "FILL_WITH_EMPTY",
              FAMILY,
              List.of(SOURCE),
              "Replaces null by an empty text.",
              new Example(
                  "{sourceColumn: note}",
                  "{\"note\":\"x\"}\n{\"note\":null}",
                  "{\"note\":\"x\"}\n{\"note\":\"\"}"),
              a ->
                  a.replace(
                      a.text("sourceColumn"),
                      call(Fn.COALESCE, a.textOf("sourceColumn"), Expr.literal("")))),
          new Operation(
              "REMOVE_MISSING",
              FAMILY,
              List.of(SOURCE),
              "Drops the rows in which the column is null; they are counted as filtered.",
              new Example(
                  "{sourceColumn: order_id}",
                  "{\"order_id\":1}\n{\"order_id\":null}",
                  "{\"order_id\":1}"),
              a ->
                  List.of(
                      new Step.Filter(call(Fn.NOT, call(Fn.IS_NULL, a.column("sourceColumn")))))));

  private MissingSteps() {}

  private static List<Step> fill(Arguments a) {
    String column = a.text("sourceColumn");
    return constant(a, column)
        .map(value -> a.replace(column, call(Fn.COALESCE, Expr.column(column), value)))
        .orElse(List.of());
  }

  private static Optional<Expr> constant(Arguments a, String column) {
    String type = a.optional("columnDataType").orElse("");
    if (type.isEmpty()) {
      return Optional.of(a.literal("value"));
    }
    String text = a.text("value");
    Optional<Expr> value =
        switch (type) {
          case "number" -> Arguments.number(text);
          case "boolean" -> Arguments.bool(text);
          case "date" -> Arguments.date(text);
          case "timestamp" -> timestamp(text, column);
          default -> Optional.of(Expr.literal(text));
        };
    if (value.isEmpty()) {
      a.problem("value", "'" + text + "' is not a " + type, "");
    }
    return value;
  }

  private static Optional<Expr> timestamp(String text, String column) {
    boolean isIso = text.matches("[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9.]+)?");
    return isIso
        ? Optional.of(
            new Expr.Cast(Expr.literal(text), Types.TimestampType.withoutZone(), column, null))
        : Optional.empty();
  }
}
