package tarn.core.lake;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A quality rule as written, in DQDL: {@code IsComplete "order_id"}. Not yet understood; {@code
 * tarn.core.quality} compiles it.
 *
 * @param source the text, with its place
 */
public record RuleText(Node.Scalar source) {

  /** The rule as its author wrote it. */
  public String text() {
    return source.text().strip();
  }

  static ValueType<RuleText> type() {
    return new TextType();
  }

  /** A list of rules, or one text with a rule or with {@code Rules = [ … ]}. */
  static ValueType<List<RuleText>> rules() {
    return new RulesType(Types.listOf(type()));
  }

  private record RulesType(ValueType<List<RuleText>> list) implements ValueType<List<RuleText>> {
    @Override
    public String label() {
      return "list of DQDL rules, or DQDL text";
    }

    @Override
    public Optional<List<RuleText>> read(Node node, Problems problems) {
      return node instanceof Node.Scalar scalar && !scalar.isNull()
          ? Optional.of(List.of(new RuleText(scalar)))
          : list.read(node, problems);
    }

    @Override
    public String print(List<RuleText> value) {
      return list.print(value);
    }

    @Override
    public Map<String, Object> schema() {
      return Map.of("anyOf", List.of(list.schema(), Map.of("type", "string")));
    }
  }

  private record TextType() implements ValueType<RuleText> {
    @Override
    public String label() {
      return "DQDL rule";
    }

    @Override
    public Optional<RuleText> read(Node node, Problems problems) {
      return Types.scalar(node, label(), problems).map(RuleText::new);
    }

    @Override
    public String print(RuleText value) {
      return value.text();
    }

    @Override
    public Map<String, Object> schema() {
      return Map.of("type", "string");
    }
  }
}
