package tarn.core.lake;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Tables as a list of names, or as keys with {@code enabled: true} or {@code false}. */
final class TableChoiceType implements ValueType<TableChoice> {
  private static final String NAME = "[^.*]+\\.([^.*]+|\\*)";
  private static final ValueType<List<String>> LIST =
      Types.listOf(Types.text("table like public.orders or public.*", NAME));
  private static final List<String> KEYS = List.of("enabled");

  @Override
  public String label() {
    return "list of tables like public.orders or public.*, or each as a key with {enabled: false}";
  }

  @Override
  public Optional<TableChoice> read(Node node, Problems problems) {
    if (!(node instanceof Node.Mapping mapping)) {
      return LIST.read(node, problems).map(TableChoice::of);
    }
    Map<String, Boolean> enabled = new LinkedHashMap<>();
    for (Node.Entry entry : mapping.entries()) {
      String name = entry.key().text();
      if (!name.matches(NAME)) {
        problems.error(
            entry.key().place(),
            name,
            "'" + name + "' is not a table like public.orders or public.*");
      }
      enabled.put(name, enabled(name, entry.value(), problems));
    }
    return Optional.of(new TableChoice(enabled));
  }

  private static boolean enabled(String name, Node node, Problems problems) {
    if (node instanceof Node.Scalar scalar && scalar.isNull()) {
      return true;
    }
    if (!(node instanceof Node.Mapping mapping)) {
      problems.error(
          node.place(),
          "",
          "expected keys for the table " + name + ", found " + node.kind(),
          "write " + name + ": {enabled: false}");
      return true;
    }
    boolean enabled = true;
    for (Node.Entry entry : mapping.entries()) {
      if (KEYS.contains(entry.key().text())) {
        enabled = Types.flag().read(entry.value(), problems).orElse(true);
      } else {
        problems.unknown(entry.key().place(), "key", entry.key().text(), KEYS);
      }
    }
    return enabled;
  }

  @Override
  public String print(TableChoice value) {
    return value.toString();
  }

  @Override
  public Map<String, Object> schema() {
    Map<String, Object> table =
        Map.of(
            "type",
            List.of("object", "null"),
            "additionalProperties",
            false,
            "properties",
            Map.of("enabled", Types.flag().schema()));
    return Map.of(
        "anyOf", List.of(LIST.schema(), Map.of("type", "object", "additionalProperties", table)));
  }
}
