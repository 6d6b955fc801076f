package tarn.core.lake;

import java.util.Map;
import java.util.Optional;

/**
 * A step of a recipe as written: {@code - UPPER_CASE: {sourceColumn: country}}, or as {@link
 * DataBrewStep}. Not yet understood; {@code tarn.core.recipe} compiles it.
 *
 * @param operation the operation's name, with its place
 * @param parameters its parameters, with their places
 */
public record StepText(Node.Scalar operation, Node.Mapping parameters) {

  static ValueType<StepText> type() {
    return new TextType();
  }

  /** The shape of a step: one key, whose value has the parameters. */
  private record TextType() implements ValueType<StepText> {
    private static final String EXAMPLE = "write - UPPER_CASE: {sourceColumn: country}";

    @Override
    public String label() {
      return "step: OPERATION with its parameters";
    }

    @Override
    public Optional<StepText> read(Node node, Problems problems) {
      if (node instanceof Node.Mapping mapping && DataBrewStep.is(mapping)) {
        return DataBrewStep.read(mapping, problems);
      }
      if (node instanceof Node.Mapping mapping && mapping.entries().size() == 1) {
        Node.Entry step = mapping.entries().get(0);
        return parameters(step.value(), problems).map(p -> new StepText(step.key(), p));
      }
      if (node instanceof Node.Scalar scalar && !scalar.isNull()) {
        return Optional.of(
            new StepText(scalar, new Node.Mapping(node.place(), java.util.List.of())));
      }
      problems.error(
          node.place(),
          "",
          "a step is one operation with its parameters, found " + node.kind(),
          EXAMPLE);
      return Optional.empty();
    }

    private static Optional<Node.Mapping> parameters(Node node, Problems problems) {
      if (node instanceof Node.Mapping mapping) {
        return Optional.of(mapping);
      }
      if (node instanceof Node.Scalar scalar && scalar.isNull()) {
        return Optional.of(new Node.Mapping(node.place(), java.util.List.of()));
      }
      problems.error(
          node.place(), "", "expected the step's parameters, found " + node.kind(), EXAMPLE);
      return Optional.empty();
    }

    @Override
    public String print(StepText value) {
      return value.operation().text();
    }

    @Override
    public Map<String, Object> schema() {
      return Map.of("type", "object", "minProperties", 1, "maxProperties", 1);
    }
  }
}
