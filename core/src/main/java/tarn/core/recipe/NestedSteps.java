package tarn.core.recipe;

import static tarn.core.engine.plan.Expr.call;
import static tarn.core.engine.plan.Expr.literal;
import static tarn.core.recipe.Parameter.NEW;
import static tarn.core.recipe.Parameter.SOURCE;
import static tarn.core.recipe.Parameter.SOURCES;
import static tarn.core.recipe.Parameter.optional;
import static tarn.core.recipe.Parameter.required;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tarn.core.engine.plan.Expr;
import tarn.core.engine.plan.Fn;
import tarn.core.engine.plan.Step;
import tarn.core.recipe.Parameter.Kind;

/** Operations that make nested values, and take parts of them. */
final class NestedSteps {
  private static final String FAMILY = "Nested data";
  private static final int MAX_DEPTH = 20;
  private static final Pattern PATH = Pattern.compile("(?:`([^`]+)`|([^`.]+))(?:\\.|$)");
  private static final Parameter REMOVE =
      optional("removeSourceColumns", Kind.FLAG, "Removes the columns that were taken.");

  static final List<Operation> ALL =
      List.of(
          nest(
              "NEST_TO_STRUCT",
              "Puts columns into a struct, whose fields have their names, in their order.",
              new Example(
                  "{sourceColumns: [street, city], removeSourceColumns: true, targetColumn: address}",
                  "{\"id\":1,\"street\":\"A 1\",\"city\":\"B\"}",
                  "{\"id\":1,\"address\":{\"street\":\"A 1\",\"city\":\"B\"}}"),
              columns -> new Expr.Call(Fn.STRUCT, named(columns))),
          nest(
              "NEST_TO_ARRAY",
              "Puts the values of columns into a list, of the type that can hold them all.",
              new Example(
                  "{sourceColumns: [a, b], targetColumn: both}",
                  "{\"a\":1,\"b\":2}",
                  "{\"a\":1,\"b\":2,\"both\":[1,2]}"),
              columns ->
                  new Expr.Call(Fn.ARRAY, columns.stream().<Expr>map(Expr::column).toList())),
          nest(
              "NEST_TO_MAP",
              "Puts columns into a map from their names to their values, of the type that can hold them all.",
              new Example(
                  "{sourceColumns: [a, b], removeSourceColumns: true, targetColumn: all}",
                  "{\"a\":1,\"b\":2}",
                  "{\"all\":{\"a\":1,\"b\":2}}"),
              columns -> new Expr.Call(Fn.MAP, named(columns))),
          new Operation(
              "EXTRACT_VALUE",
              FAMILY,
              List.of(
                  SOURCE,
                  NEW,
                  required(
                      "path",
                      Kind.TEXT,
                      "Names of fields, with dots between them; in back ticks where a name has a dot. It may begin with the column's own name.")),
              "Writes a value from inside of a struct or map into a new column. A struct must have the field; a map may lack the key, which gives null. (Places in lists are not there yet.)",
              new Example(
                  "{sourceColumn: user, path: '`user`.`address`.`city`', targetColumn: city}",
                  "{\"user\":{\"address\":{\"city\":\"B\"}}}",
                  "{\"user\":{\"address\":{\"city\":\"B\"}},\"city\":\"B\"}"),
              NestedSteps::extract));

  private NestedSteps() {}

  private static Operation nest(
      String name, String meaning, Example example, Function<List<String>, Expr> nested) {
    return new Operation(
        name,
        FAMILY,
        List.of(SOURCES, NEW, REMOVE),
        meaning,
        example,
        a -> {
          List<String> columns = a.texts("sourceColumns").stream().distinct().toList();
          List<String> gone = a.flag("removeSourceColumns") ? columns : List.of();
          return a.append("targetColumn", nested.apply(columns), gone);
        });
  }

  private static List<Expr> named(List<String> columns) {
    List<Expr> arguments = new ArrayList<>();
    for (String column : columns) {
      arguments.add(literal(column));
      arguments.add(Expr.column(column));
    }
    return arguments;
  }

  private static List<Step> extract(Arguments a) {
    String column = a.text("sourceColumn");
    List<String> path = path(a.text("path"));
    if (!path.isEmpty() && path.get(0).equals(column)) {
      path = path.subList(1, path.size());
    }
    if (path.isEmpty() || path.size() > MAX_DEPTH) {
      a.problem(
          "path",
          "'" + a.text("path") + "' is not a path to a field",
          "write like address.city, at most " + MAX_DEPTH + " names");
      return List.of();
    }
    Expr value = Expr.column(column);
    for (String field : path) {
      value = call(Fn.FIELD, value, literal(field));
    }
    return a.append("targetColumn", value);
  }

  /** Empty if it is no path. */
  private static List<String> path(String text) {
    List<String> names = new ArrayList<>();
    Matcher matcher = PATH.matcher(text);
    int end = 0;
    while (end < text.length() && matcher.find(end) && matcher.start() == end) {
      String quoted = matcher.group(1);
      names.add(quoted == null ? matcher.group(2) : quoted);
      end = matcher.end();
    }
    return end == text.length() && !text.endsWith(".") ? names : List.of();
  }
}
