package tarn.core.lake;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A step as AWS Glue DataBrew writes it: {@code {"Action": {"Operation": …, "Parameters": {…}},
 * "ConditionExpressions": […]}}. Source of the shape: DataBrew's API, RecipeStep.
 */
final class DataBrewStep {
  private static final List<String> KEYS = List.of("Action", "ConditionExpressions");
  private static final List<String> ACTION_KEYS = List.of("Operation", "Parameters");
  private static final List<String> CONDITION_KEYS = List.of("Condition", "Value", "TargetColumn");
  private static final Set<String> LISTED = Set.of("IS", "IS_NOT", "IS_BETWEEN");
  private static final Set<String> COMPARED =
      Set.of("LESS_THAN", "LESS_THAN_EQUAL", "GREATER_THAN", "GREATER_THAN_EQUAL", "IS_BETWEEN");
  private static final String FILTER = "REMOVE_VALUES";

  private final Problems problems;

  private DataBrewStep(Problems problems) {
    this.problems = problems;
  }

  static boolean is(Node node) {
    return node instanceof Node.Mapping mapping && mapping.get("Action").isPresent();
  }

  static Optional<StepText> read(Node.Mapping step, Problems problems) {
    return new DataBrewStep(problems).read(step);
  }

  private Optional<StepText> read(Node.Mapping step) {
    unknown(step, KEYS);
    Optional<Node.Mapping> action = step.get("Action").flatMap(node -> mapping("Action", node));
    action.ifPresent(a -> unknown(a, ACTION_KEYS));
    Optional<Node.Scalar> operation = action.flatMap(a -> scalar(a, "Operation"));
    Node.Mapping parameters =
        action
            .flatMap(a -> a.get("Parameters"))
            .flatMap(node -> mapping("Parameters", node))
            .orElse(new Node.Mapping(step.place(), List.of()));
    List<Node.Entry> entries = new ArrayList<>(parameters.entries());
    operation.ifPresent(name -> entries.addAll(conditions(step, name, parameters)));
    return operation.map(name -> new StepText(name, new Node.Mapping(parameters.place(), entries)));
  }

  private List<Node.Entry> conditions(
      Node.Mapping step, Node.Scalar operation, Node.Mapping parameters) {
    Optional<Node> written = step.get("ConditionExpressions");
    if (written.isEmpty()
        || written.get() instanceof Node.Sequence list && list.items().isEmpty()
        || written.get() instanceof Node.Scalar scalar && scalar.isNull()) {
      return List.of();
    }
    boolean single =
        written.get() instanceof Node.Sequence list
            && list.items().size() == 1
            && list.items().get(0) instanceof Node.Mapping;
    if (!single || !operation.text().equals(FILTER)) {
      problems.error(
          written.get().place(),
          operation.text(),
          "ConditionExpressions are understood for " + FILTER + " with one condition",
          "write the step as a model's SQL, or several " + FILTER + " steps");
      return List.of();
    }
    return condition((Node.Mapping) ((Node.Sequence) written.get()).items().get(0), parameters);
  }

  private List<Node.Entry> condition(Node.Mapping condition, Node.Mapping parameters) {
    unknown(condition, CONDITION_KEYS);
    Optional<Node.Scalar> name = scalar(condition, "Condition");
    Optional<Node.Scalar> column = scalar(condition, "TargetColumn");
    if (name.isEmpty() || column.isEmpty()) {
      return List.of();
    }
    List<Node.Entry> entries = new ArrayList<>();
    Optional<Node> source = parameters.get("sourceColumn");
    if (source.isEmpty()) {
      entries.add(new Node.Entry(key("sourceColumn", column.get()), column.get()));
    } else if (!(source.get() instanceof Node.Scalar s && s.text().equals(column.get().text()))) {
      problems.error(
          column.get().place(),
          column.get().text(),
          "TargetColumn is another column than sourceColumn",
          "name the column whose values are removed in both");
    }
    entries.add(new Node.Entry(key("condition", name.get()), name.get()));
    String text = name.get().text();
    condition
        .get("Value")
        .filter(value -> !text.equals("IS_MISSING") && !text.equals("IS_NOT_MISSING"))
        .ifPresent(
            value -> entries.add(new Node.Entry(key("value", name.get()), value(text, value))));
    return entries;
  }

  /** Lists come as texts of JSON; what is compared by size comes as the text of a number. */
  private Node value(String condition, Node value) {
    if (value instanceof Node.Scalar scalar
        && LISTED.contains(condition)
        && scalar.text().startsWith("[")) {
      Place at = scalar.place();
      Optional<Node> list =
          YamlReader.read(at.file(), at.line() - 1, scalar.text(), new Problems());
      if (list.isPresent() && list.get() instanceof Node.Sequence sequence) {
        return new Node.Sequence(
            at, sequence.items().stream().map(item -> value(condition, item)).toList());
      }
    }
    boolean isNumber =
        value instanceof Node.Scalar number
            && COMPARED.contains(condition)
            && number.text().matches("[-+]?[0-9]{1,38}(\\.[0-9]{1,38})?");
    return isNumber
        ? new Node.Scalar(value.place(), ((Node.Scalar) value).text(), Node.Style.PLAIN)
        : value;
  }

  private static Node.Scalar key(String name, Node.Scalar at) {
    return new Node.Scalar(at.place(), name, Node.Style.PLAIN);
  }

  private void unknown(Node.Mapping mapping, List<String> known) {
    for (Node.Entry entry : mapping.entries()) {
      String key = entry.key().text();
      if (!known.contains(key)) {
        problems.unknown(entry.key().place(), "key", key, known);
      }
    }
  }

  private Optional<Node.Mapping> mapping(String key, Node node) {
    if (node instanceof Node.Mapping mapping) {
      return Optional.of(mapping);
    }
    problems.error(
        node.place(), "", "'" + key + "' is an object, found " + node.kind(), "write {…}");
    return Optional.empty();
  }

  private Optional<Node.Scalar> scalar(Node.Mapping mapping, String key) {
    Optional<Node> node = mapping.get(key);
    if (node.isPresent() && node.get() instanceof Node.Scalar scalar && !scalar.isNull()) {
      return Optional.of(scalar);
    }
    problems.error(
        node.map(Node::place).orElse(mapping.place()), "", "'" + key + "' is missing", "write it");
    return Optional.empty();
  }
}
