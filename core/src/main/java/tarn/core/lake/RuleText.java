package tarn.core.lake;

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
