package tarn.core.recipe;

import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.apache.iceberg.types.Types;
import tarn.core.engine.plan.ColumnNames;
import tarn.core.engine.plan.Expr;
import tarn.core.engine.plan.Step;
import tarn.core.lake.Nearest;
import tarn.core.lake.Node;
import tarn.core.lake.Place;
import tarn.core.lake.Problems;
import tarn.core.lake.StepText;
import tarn.core.lake.YamlReader;

/** The parameters of one step, checked against its operation, and the columns it starts from. */
final class Arguments {
  private static final int MAX_DIGITS = 18;
  private static final int MAX_LIST = 1_000;
  private static final int MAX_MAP = 200;
  private static final int MAX_KEYS = 32;
  private static final Pattern WHOLE = Pattern.compile("-?[0-9]{1,9}");
  private static final Pattern NUMBER = Pattern.compile("[-+]?[0-9]{1,38}(\\.[0-9]{1,38})?");
  private static final Pattern DATE = Pattern.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}");

  private final StepText step;
  private final Problems problems;
  private final Map<String, Node.Scalar> scalars = new HashMap<>();
  private final Map<String, List<Node.Scalar>> lists = new HashMap<>();
  private final Map<String, Map<String, String>> maps = new HashMap<>();
  private final Map<String, Map<String, String>> pairs = new HashMap<>();
  private final OtherTables others;
  private ColumnNames columns;

  Arguments(StepText step, ColumnNames columns, OtherTables others, Problems problems) {
    this.step = step;
    this.columns = columns;
    this.others = others;
    this.problems = problems;
  }

  /** What the operation makes of the step; nothing if anything is wrong. */
  List<Step> compile(Operation operation) {
    int before = problems.count();
    read(operation);
    if (problems.count() > before) {
      return List.of();
    }
    List<Step> steps = operation.compile().apply(this);
    return problems.count() > before ? List.of() : steps;
  }

  /** The columns before the step, with those that it names. */
  ColumnNames columns() {
    return columns;
  }

  private void read(Operation operation) {
    List<String> known = operation.parameters().stream().map(Parameter::name).toList();
    for (Node.Entry entry : step.parameters().entries()) {
      String name = entry.key().text();
      if (!known.contains(name)) {
        problems.unknown(
            entry.key().place(), "parameter of " + operation.name() + ":", name, known);
      }
    }
    for (Parameter parameter : operation.parameters()) {
      Optional<Node> value = step.parameters().get(parameter.name());
      if (value.isPresent()) {
        read(parameter, value.get());
      } else if (parameter.required()) {
        missing(operation, parameter);
      }
    }
  }

  private void missing(Operation operation, Parameter parameter) {
    problems.error(
        step.operation().place(),
        operation.name(),
        operation.name() + " needs '" + parameter.name() + "'",
        "write - " + operation.name() + ": " + operation.example().step());
  }

  private void read(Parameter parameter, Node node) {
    switch (parameter.kind()) {
      case COLUMNS -> list(parameter, json(node)).forEach(this::requireColumn);
      case VALUES -> list(parameter, node);
      case LIST -> list(parameter, json(node));
      case MAP -> map(parameter, json(node));
      case KEYS -> keys(parameter, json(node));
      default -> scalar(parameter, node).ifPresent(scalar -> check(parameter, scalar));
    }
  }

  private List<Node.Scalar> list(Parameter parameter, Node node) {
    List<Node> items = node instanceof Node.Sequence sequence ? sequence.items() : List.of(node);
    List<Node.Scalar> read = new ArrayList<>();
    for (Node item : items) {
      scalar(parameter, item).ifPresent(read::add);
    }
    if (items.isEmpty() || items.size() > MAX_LIST) {
      problems.error(
          node.place(), "", "'" + parameter.name() + "' is a list of 1 to " + MAX_LIST + " items");
    }
    lists.put(parameter.name(), read);
    return read;
  }

  private void map(Parameter parameter, Node node) {
    if (!(node instanceof Node.Mapping mapping) || mapping.entries().isEmpty()) {
      problems.error(
          node.place(),
          "",
          "'" + parameter.name() + "' is a map like {Germany: DE}, found " + node.kind());
      return;
    }
    if (mapping.entries().size() > MAX_MAP) {
      problems.error(
          node.place(), "", "'" + parameter.name() + "' has at most " + MAX_MAP + " entries");
    }
    Map<String, String> read = new LinkedHashMap<>();
    for (Node.Entry entry : mapping.entries()) {
      scalar(parameter, entry.value())
          .ifPresent(value -> read.put(entry.key().text(), value.text()));
    }
    maps.put(parameter.name(), read);
  }

  /** {@code [{key: country, value: code}]}: pairs of columns, the first of them of the rows. */
  private void keys(Parameter parameter, Node node) {
    Map<String, String> read = new LinkedHashMap<>();
    List<Node> items = node instanceof Node.Sequence sequence ? sequence.items() : List.of(node);
    for (Node item : items) {
      if (item instanceof Node.Mapping pair
          && pair.entries().size() == 2
          && pair.get("key").orElse(null) instanceof Node.Scalar mine
          && pair.get("value").orElse(null) instanceof Node.Scalar theirs) {
        requireColumn(mine);
        read.put(mine.text(), theirs.text());
      } else {
        problems.error(
            item.place(),
            "",
            "'" + parameter.name() + "' is a list of pairs of columns",
            "write [{key: country, value: code}]: our column, and that of the other table");
      }
    }
    if (read.size() < items.size() || items.isEmpty() || items.size() > MAX_KEYS) {
      problems.error(
          node.place(),
          "",
          "'" + parameter.name() + "' names 1 to " + MAX_KEYS + " columns, each once");
    }
    pairs.put(parameter.name(), read);
  }

  /** Columns of ours and of the other table, in the order written. */
  Map<String, String> keys(String parameter) {
    return pairs.getOrDefault(parameter, Map.of());
  }

  OtherTables others() {
    return others;
  }

  /** DataBrew writes lists and maps as texts of JSON: {@code '["a", "b"]'}. */
  private Node json(Node node) {
    if (node instanceof Node.Scalar scalar
        && (scalar.text().startsWith("[") || scalar.text().startsWith("{"))) {
      Place at = scalar.place();
      return YamlReader.read(at.file(), at.line() - 1, scalar.text(), new Problems()).orElse(node);
    }
    return node;
  }

  private Optional<Node.Scalar> scalar(Parameter parameter, Node node) {
    if (node instanceof Node.Scalar scalar && !scalar.isNull()) {
      scalars.put(parameter.name(), scalar);
      return Optional.of(scalar);
    }
    problems.error(
        node.place(),
        "",
        "'" + parameter.name() + "' is a " + parameter.kind().label() + ", found " + node.kind());
    return Optional.empty();
  }

  private void check(Parameter parameter, Node.Scalar scalar) {
    boolean fits =
        switch (parameter.kind()) {
          case FLAG -> scalar.text().equals("true") || scalar.text().equals("false");
          case DIGITS ->
              scalar.text().matches("[0-9]{1,2}") && Integer.parseInt(scalar.text()) <= MAX_DIGITS;
          case WHOLE -> WHOLE.matcher(scalar.text()).matches();
          case NUMBER -> NUMBER.matcher(scalar.text()).matches();
          default -> true;
        };
    if (!fits) {
      problems.error(
          scalar.place(),
          scalar.text(),
          "'"
              + parameter.name()
              + "' is a "
              + parameter.kind().label()
              + ", not '"
              + scalar.text()
              + "'");
    }
    if (parameter.kind() == Parameter.Kind.COLUMN) {
      requireColumn(scalar);
    }
    if (!parameter.choices().isEmpty() && !parameter.choices().contains(scalar.text())) {
      problems.unknown(scalar.place(), parameter.name(), scalar.text(), parameter.choices());
    }
  }

  private void requireColumn(Node.Scalar name) {
    if (columns.has(name.text())) {
      columns = columns.using(name.text());
    } else {
      problems.error(
          name.place(),
          name.text(),
          "there is no column '" + name.text() + "' at this step",
          Nearest.suggestion(name.text(), columns.names()));
    }
  }

  /** Adds an error about a parameter. */
  void problem(String parameter, String message, String suggestion) {
    Place at = step.parameters().get(parameter).map(Node::place).orElse(step.operation().place());
    problems.error(at, optional(parameter).orElse(""), message, suggestion);
  }

  boolean has(String parameter) {
    return scalars.containsKey(parameter)
        || lists.containsKey(parameter)
        || pairs.containsKey(parameter);
  }

  Optional<String> optional(String parameter) {
    return Optional.ofNullable(scalars.get(parameter)).map(Node.Scalar::text);
  }

  /** A parameter that is required. */
  String text(String parameter) {
    return optional(parameter).orElseThrow(() -> new IllegalStateException(parameter));
  }

  boolean flag(String parameter) {
    return optional(parameter).map(Boolean::parseBoolean).orElse(false);
  }

  List<String> texts(String parameter) {
    return lists.getOrDefault(parameter, List.of()).stream().map(Node.Scalar::text).toList();
  }

  Map<String, String> map(String parameter) {
    return maps.getOrDefault(parameter, Map.of());
  }

  /** A whole number; {@code otherwise} if the parameter is not there. */
  int whole(String parameter, int otherwise) {
    return optional(parameter).map(Integer::valueOf).orElse(otherwise);
  }

  /** A whole number that must not be less than {@code least}; a problem if it is. */
  int atLeast(int least, String parameter) {
    int value = whole(parameter, least);
    if (value < least) {
      problem(parameter, "'" + parameter + "' is at least " + least + ", not " + value, "");
    }
    return value;
  }

  /** The text of a column's value, whatever its type. */
  static Expr asText(String column) {
    return new Expr.Cast(Expr.column(column), Types.StringType.get(), column, null);
  }

  /** The text of the value of the column that a parameter names. */
  Expr textOf(String parameter) {
    return asText(text(parameter));
  }

  Expr column(String parameter) {
    return Expr.column(text(parameter));
  }

  /** Constants, each of the type that it is written as: quoted ones are texts. */
  List<Expr> values(String parameter) {
    return lists.getOrDefault(parameter, List.of()).stream().map(Arguments::literal).toList();
  }

  /** A constant of the type that it is written as. */
  Expr literal(String parameter) {
    Node.Scalar scalar = scalars.get(parameter);
    if (scalar == null) {
      throw new IllegalStateException(parameter);
    }
    return literal(scalar);
  }

  Expr numberOf(String parameter) {
    return number(new BigDecimal(text(parameter)));
  }

  static Expr number(BigDecimal value) {
    boolean isLong = value.scale() <= 0 && value.precision() <= MAX_DIGITS;
    return isLong ? Expr.literal(value.longValueExact()) : Expr.literal(value);
  }

  static Optional<Expr> number(String text) {
    return NUMBER.matcher(text).matches()
        ? Optional.of(number(new BigDecimal(text)))
        : Optional.empty();
  }

  static Optional<Expr> date(String text) {
    if (!DATE.matcher(text).matches()) {
      return Optional.empty();
    }
    try {
      return Optional.of(Expr.literal(LocalDate.parse(text)));
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }

  static Optional<Expr> bool(String text) {
    return text.equals("true") || text.equals("false")
        ? Optional.of(Expr.literal(Boolean.valueOf(text)))
        : Optional.empty();
  }

  private static Expr literal(Node.Scalar scalar) {
    String text = scalar.text();
    return scalar.isQuoted()
        ? Expr.literal(text)
        : number(text).or(() -> bool(text)).or(() -> date(text)).orElse(Expr.literal(text));
  }

  /** All columns as they are, but one with a new value. */
  List<Step> replace(String column, Expr value) {
    return List.of(
        new Step.Project(
            columns.names().stream()
                .map(name -> new Step.Named(name, name.equals(column) ? value : Expr.column(name)))
                .toList()));
  }

  /** All columns as they are, but some with new values. */
  List<Step> replaceAll(List<String> some, Function<String, Expr> value) {
    return List.of(
        new Step.Project(
            columns.names().stream()
                .map(
                    name ->
                        new Step.Named(
                            name, some.contains(name) ? value.apply(name) : Expr.column(name)))
                .toList()));
  }

  /** All columns as they are, but others in the place of one. */
  List<Step> replaceBy(String column, List<Step.Named> others) {
    List<Step.Named> all = new ArrayList<>();
    for (String name : columns.names()) {
      if (name.equals(column)) {
        all.addAll(others);
      } else {
        all.add(new Step.Named(name, Expr.column(name)));
      }
    }
    boolean clash = false;
    for (Step.Named other : others) {
      clash |= !other.name().equalsIgnoreCase(column) && clashes(other.name(), "sourceColumn");
    }
    return clash ? List.of() : List.of(new Step.Project(all));
  }

  /** The columns in another order. */
  static List<Step> reordered(List<String> names) {
    return List.of(
        new Step.Project(
            names.stream().map(name -> new Step.Named(name, Expr.column(name))).toList()));
  }

  /** All columns as they are, but one with a new name. */
  List<Step> rename(String column, String parameter) {
    String target = text(parameter);
    if (!target.equalsIgnoreCase(column) && clashes(target, parameter)) {
      return List.of();
    }
    return List.of(
        new Step.Project(
            columns.names().stream()
                .map(name -> new Step.Named(name.equals(column) ? target : name, Expr.column(name)))
                .toList()));
  }

  /** All columns but one. */
  List<Step> without(String column) {
    List<Step.Named> rest =
        columns.names().stream()
            .filter(name -> !name.equals(column))
            .map(name -> new Step.Named(name, Expr.column(name)))
            .toList();
    if (rest.isEmpty() && columns.isComplete()) {
      problem("sourceColumn", "the last column cannot be deleted", "");
    }
    return List.of(new Step.Project(rest));
  }

  /** All columns, and a new one at the end whose name a parameter gives. */
  List<Step> append(String parameter, Expr value) {
    return append(parameter, value, List.of());
  }

  /** The same, without some columns, whose names are free then. */
  List<Step> append(String parameter, Expr value, List<String> without) {
    String target = text(parameter);
    if (!without.contains(target) && clashes(target, parameter)) {
      return List.of();
    }
    List<Step.Named> all = new ArrayList<>();
    columns.names().stream()
        .filter(name -> !without.contains(name))
        .forEach(name -> all.add(new Step.Named(name, Expr.column(name))));
    all.add(new Step.Named(target, value));
    return List.of(new Step.Project(all));
  }

  /** Into a new column if {@code targetColumn} names one, else in place. */
  List<Step> appendOrReplace(String source, Expr value) {
    return optional("targetColumn").filter(target -> !target.equals(source)).isPresent()
        ? append("targetColumn", value)
        : replace(source, value);
  }

  private boolean clashes(String target, String parameter) {
    return clashes(target, parameter, "choose another name");
  }

  /** Whether there is a column of that name, which is a problem then. */
  boolean clashes(String target, String parameter, String suggestion) {
    Optional<String> clash = columns.clash(target);
    clash.ifPresent(
        name -> problem(parameter, "there is already a column '" + name + "'", suggestion));
    return clash.isPresent();
  }
}
