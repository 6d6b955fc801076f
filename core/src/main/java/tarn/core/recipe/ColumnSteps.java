package tarn.core.recipe;

import static tarn.core.recipe.Parameter.NEW;
import static tarn.core.recipe.Parameter.SOURCE;
import static tarn.core.recipe.Parameter.required;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToIntFunction;
import tarn.core.engine.plan.Step;
import tarn.core.recipe.Parameter.Kind;

/** Operations on whole columns: their names and their order. */
final class ColumnSteps {
  private static final String FAMILY = "Columns";

  static final List<Operation> ALL =
      List.of(
          new Operation(
              "RENAME",
              FAMILY,
              List.of(SOURCE, required("targetColumn", Kind.NEW_COLUMN, "The column's new name.")),
              "Gives a column another name; its place stays.",
              new Example(
                  "{sourceColumn: ts, targetColumn: ordered_at}",
                  "{\"ts\":\"x\",\"n\":1}",
                  "{\"ordered_at\":\"x\",\"n\":1}"),
              a -> a.rename(a.text("sourceColumn"), "targetColumn")),
          new Operation(
              "DELETE",
              FAMILY,
              List.of(SOURCE),
              "Removes a column.",
              new Example(
                  "{sourceColumn: internal_note}",
                  "{\"n\":1,\"internal_note\":\"x\"}",
                  "{\"n\":1}"),
              a -> a.without(a.text("sourceColumn"))),
          new Operation(
              "DUPLICATE",
              FAMILY,
              List.of(SOURCE, NEW),
              "Copies a column to the end.",
              new Example(
                  "{sourceColumn: email, targetColumn: email_raw}",
                  "{\"email\":\"A@b.c\"}",
                  "{\"email\":\"A@b.c\",\"email_raw\":\"A@b.c\"}"),
              a -> a.append("targetColumn", a.column("sourceColumn"))),
          move(
              "MOVE_TO_START",
              List.of(SOURCE),
              "Makes a column the first.",
              new Example("{sourceColumn: id}", "{\"n\":1,\"id\":2}", "{\"id\":2,\"n\":1}"),
              a -> 0),
          move(
              "MOVE_TO_END",
              List.of(SOURCE),
              "Makes a column the last.",
              new Example("{sourceColumn: note}", "{\"note\":1,\"id\":2}", "{\"id\":2,\"note\":1}"),
              a -> Integer.MAX_VALUE),
          move(
              "MOVE_TO_INDEX",
              List.of(
                  SOURCE,
                  required(
                      "targetIndex", Kind.WHOLE, "The column's new place; the first one is 0.")),
              "Moves a column to a place; one behind the last column is the last.",
              new Example(
                  "{sourceColumn: c, targetIndex: 1}",
                  "{\"a\":1,\"b\":2,\"c\":3}",
                  "{\"a\":1,\"c\":3,\"b\":2}"),
              a -> a.atLeast(0, "targetIndex")),
          move(
              "MOVE_BEFORE",
              List.of(SOURCE, other("before")),
              "Moves a column to the place before another one.",
              new Example(
                  "{sourceColumn: c, targetColumn: b}",
                  "{\"a\":1,\"b\":2,\"c\":3}",
                  "{\"a\":1,\"c\":3,\"b\":2}"),
              a -> others(a).indexOf(a.text("targetColumn"))),
          move(
              "MOVE_AFTER",
              List.of(SOURCE, other("after")),
              "Moves a column to the place after another one.",
              new Example(
                  "{sourceColumn: a, targetColumn: b}",
                  "{\"a\":1,\"b\":2,\"c\":3}",
                  "{\"b\":2,\"a\":1,\"c\":3}"),
              a -> others(a).indexOf(a.text("targetColumn")) + 1));

  private ColumnSteps() {}

  private static Parameter other(String where) {
    return required("targetColumn", Kind.COLUMN, "The column " + where + " which it comes.");
  }

  private static Operation move(
      String name,
      List<Parameter> parameters,
      String meaning,
      Example example,
      ToIntFunction<Arguments> place) {
    return new Operation(name, FAMILY, parameters, meaning, example, a -> moved(a, place));
  }

  private static List<Step> moved(Arguments a, ToIntFunction<Arguments> place) {
    String column = a.text("sourceColumn");
    if (a.optional("targetColumn").filter(column::equals).isPresent()) {
      a.problem("targetColumn", "a column cannot be moved beside itself", "name another one");
      return List.of();
    }
    List<String> names = others(a);
    names.add(Math.max(0, Math.min(place.applyAsInt(a), names.size())), column);
    return Arguments.reordered(names);
  }

  private static List<String> others(Arguments a) {
    List<String> names = new ArrayList<>(a.columns().names());
    names.remove(a.text("sourceColumn"));
    return names;
  }
}
