package tarn.core.recipe;

import static tarn.core.recipe.Parameter.optional;
import static tarn.core.recipe.Parameter.required;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import tarn.core.engine.Column;
import tarn.core.engine.plan.Expr;
import tarn.core.engine.plan.Step;
import tarn.core.lake.Nearest;
import tarn.core.recipe.Parameter.Kind;
import tarn.core.table.TableName;

/** Operations that bring rows together with other tables of the lake. */
final class JoinSteps {
  private static final Pattern TABLE = Pattern.compile("(?:clean\\.)?([a-z][a-z0-9_]*)");
  private static final String TABLE_PARAMETER = "secondaryDatasetName";
  private static final String RIGHT = "rightColumns";

  static final List<Operation> ALL =
      List.of(
          new Operation(
              "JOIN",
              "Joins",
              List.of(
                  required(
                      TABLE_PARAMETER,
                      Kind.TEXT,
                      "Another clean table of the lake: `clean.countries`, or `countries`."),
                  required(
                      "joinType",
                      Kind.TEXT,
                      "LEFT_JOIN (a row without a match has nulls) or INNER_JOIN (it is dropped, and counted as filtered)."),
                  required(
                      "joinKeys",
                      Kind.KEYS,
                      "Pairs of columns whose values must be equal: `key` is ours, `value` the other table's. They have the same type."),
                  required(
                      RIGHT,
                      Kind.LIST,
                      "The other table's columns that are taken. One that is the partner of a key of the same name has the same value and is not taken twice."),
                  optional("leftColumns", Kind.COLUMNS, "Our columns that stay; all without it."),
                  optional(
                      "prefix",
                      Kind.TEXT,
                      "Begins the names of the columns that are taken (Tarn's)."),
                  optional(
                      "secondInputLocation",
                      Kind.TEXT,
                      "Where DataBrew has the other data. A table of the lake takes their place, so it is not used.")),
              "Looks each row up in another clean table, and takes columns of the row that it finds there. Null finds nothing. A row for which there is more than one goes to quarantine: rows never multiply. What the other table has when the load begins counts; see above.",
              new Example(
                  "{secondaryDatasetName: clean.countries, joinType: LEFT_JOIN, joinKeys: [{key: country, value: code}], rightColumns: [name, vat]}",
                  Map.of(
                      "clean.countries",
                      "{\"code\":\"DE\",\"name\":\"Germany\",\"vat\":19}\n{\"code\":\"FR\",\"name\":\"France\",\"vat\":20}"),
                  "{\"id\":1,\"country\":\"DE\"}\n{\"id\":2,\"country\":\"XX\"}",
                  "{\"id\":1,\"country\":\"DE\",\"name\":\"Germany\",\"vat\":19}\n{\"id\":2,\"country\":\"XX\",\"name\":null,\"vat\":null}"),
              JoinSteps::join));

  /** What DataBrew has and a load cannot do, and why. */
  private static final Map<String, String> REFUSED =
      Map.of(
          "RIGHT_JOIN", "keeps rows of the other table that no record matches",
          "OUTER_JOIN", "keeps rows of the other table that no record matches",
          "RIGHT_EXCLUDING_JOIN", "gives rows of the other table that no record matches",
          "OUTER_EXCLUDING_JOIN", "gives rows of the other table that no record matches",
          "LEFT_EXCLUDING_JOIN", "is a LEFT_JOIN and a REMOVE_VALUES of the rows that were found");

  private JoinSteps() {}

  private static List<Step> join(Arguments a) {
    Optional<TableName> table = table(a);
    boolean known = checkType(a);
    if (table.isEmpty() || !known) {
      return List.of();
    }
    Map<String, String> keys = a.keys("joinKeys");
    Optional<List<Column>> columns = a.others().columns(table.get());
    columns.ifPresent(
        there -> keys.values().forEach(name -> find(a, there, table.get(), "joinKeys", name)));
    List<Step.Taken> taken = taken(a, table.get(), columns, keys);
    List<Step> steps = new ArrayList<>();
    steps.add(
        new Step.Lookup(
            table.get(),
            List.copyOf(keys.keySet()),
            List.copyOf(keys.values()),
            taken,
            a.text("joinType").equals("INNER_JOIN")));
    if (a.has("leftColumns")) {
      List<String> all = new ArrayList<>(a.texts("leftColumns"));
      taken.forEach(column -> all.add(column.name()));
      steps.add(
          new Step.Project(
              all.stream().distinct().map(n -> new Step.Named(n, Expr.column(n))).toList()));
    }
    return steps;
  }

  private static Optional<TableName> table(Arguments a) {
    String text = a.text(TABLE_PARAMETER);
    var matcher = TABLE.matcher(text);
    if (!matcher.matches()) {
      a.problem(
          TABLE_PARAMETER,
          "'" + text + "' is not a clean table's name: only clean tables can be joined",
          "write clean.countries");
      return Optional.empty();
    }
    return Optional.of(new TableName("clean", matcher.group(1)));
  }

  private static boolean checkType(Arguments a) {
    String type = a.text("joinType");
    if (type.equals("LEFT_JOIN") || type.equals("INNER_JOIN")) {
      return true;
    }
    String why = REFUSED.get(type);
    a.problem(
        "joinType",
        why == null
            ? "unknown joinType '" + type + "'"
            : type + " is not supported in a recipe: it " + why,
        why == null || type.startsWith("LEFT")
            ? "there are LEFT_JOIN and INNER_JOIN"
            : "a load sees its own records only: join in a model");
    return false;
  }

  private static List<Step.Taken> taken(
      Arguments a, TableName table, Optional<List<Column>> columns, Map<String, String> keys) {
    String prefix = a.optional("prefix").orElse("");
    List<String> names = new ArrayList<>();
    List<Step.Taken> taken = new ArrayList<>();
    for (String column : a.texts(RIGHT).stream().distinct().toList()) {
      String name = prefix + column;
      if (column.equals(keys.get(name))) {
        continue;
      }
      if (names.stream().anyMatch(name::equalsIgnoreCase)) {
        a.problem(RIGHT, "the column '" + name + "' would be there twice", "");
      } else if (!a.clashes(name, RIGHT, "choose a prefix: prefix: " + table.name() + "_")) {
        names.add(name);
        Optional<Column> there = columns.flatMap(known -> find(a, known, table, RIGHT, column));
        taken.add(new Step.Taken(name, column, there.map(Column::type).orElse(null)));
      }
    }
    return taken;
  }

  private static Optional<Column> find(
      Arguments a, List<Column> columns, TableName table, String parameter, String name) {
    Optional<Column> found = columns.stream().filter(c -> c.name().equals(name)).findFirst();
    if (found.isEmpty()) {
      a.problem(
          parameter,
          "the table " + table + " has no column '" + name + "'",
          Nearest.suggestion(name, columns.stream().map(Column::name).toList()));
    }
    return found;
  }
}
