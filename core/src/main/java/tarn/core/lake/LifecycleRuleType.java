package tarn.core.lake;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** A lifecycle rule as it is written: a zone, a prefix, when to archive, when to remove. */
final class LifecycleRuleType implements ValueType<LifecycleRule> {
  private static final ValueType<Duration> AFTER = Types.duration("0s", "36500d");
  private static final Set<String> TABLES = Set.of("clean", "analytics");

  @Override
  public String label() {
    return "rule with zone, prefix, transition and expire";
  }

  @Override
  public Optional<LifecycleRule> read(Node node, Problems problems) {
    int before = problems.count();
    Map<String, Node> parts =
        parts(
            node, "a lifecycle rule", List.of("zone", "prefix", "transition", "expire"), problems);
    Optional<LifecycleRule.Area> area =
        required(parts, "zone", node, problems).flatMap(n -> area(n, problems));
    String prefix = text(parts, "prefix", problems);
    Map<String, Node> transition =
        Optional.ofNullable(parts.get("transition"))
            .map(n -> parts(n, "'transition'", List.of("after", "storage_class"), problems))
            .orElse(Map.of());
    Optional<Duration> archive = after(parts, "transition", transition, problems);
    Map<String, Node> expire =
        Optional.ofNullable(parts.get("expire"))
            .map(n -> parts(n, "'expire'", List.of("after"), problems))
            .orElse(Map.of());
    Optional<Duration> remove = after(parts, "expire", expire, problems);
    StorageClass storageClass =
        Optional.ofNullable(transition.get("storage_class"))
            .flatMap(n -> storageClass(n, problems))
            .orElse(StorageClass.STANDARD);
    if (problems.count() == before && archive.isEmpty() && remove.isEmpty()) {
      problems.error(
          node.place(),
          "",
          "the rule does nothing",
          "write transition: {after: 90d} or expire: {after: 365d}");
    }
    if (problems.count() > before || area.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new LifecycleRule(area.get(), prefix, archive, storageClass, remove, node.place()));
  }

  /** The values of a mapping's known keys. */
  private static Map<String, Node> parts(
      Node node, String what, List<String> known, Problems problems) {
    if (!(node instanceof Node.Mapping mapping)) {
      problems.error(
          node.place(),
          "",
          "expected 'key: value' lines in " + what + ", found " + node.kind(),
          "its keys are " + String.join(", ", known));
      return Map.of();
    }
    Map<String, Node> parts = new java.util.LinkedHashMap<>();
    for (Node.Entry entry : mapping.entries()) {
      String key = entry.key().text();
      if (known.contains(key)) {
        parts.put(key, entry.value());
      } else {
        problems.error(
            entry.key().place(),
            key,
            "unknown key '" + key + "' in " + what,
            Nearest.suggestion(key, known));
      }
    }
    return parts;
  }

  private static Optional<Node> required(
      Map<String, Node> parts, String key, Node node, Problems problems) {
    if (!parts.containsKey(key) && node instanceof Node.Mapping) {
      problems.error(node.place(), "", "'" + key + "' is missing in a lifecycle rule");
    }
    return Optional.ofNullable(parts.get(key));
  }

  private static Optional<LifecycleRule.Area> area(Node node, Problems problems) {
    if (node instanceof Node.Scalar scalar && TABLES.contains(scalar.text())) {
      problems.error(
          scalar.place(),
          scalar.text(),
          "files in " + scalar.text() + " belong to its tables and have no lifecycle of their own",
          "how long old states of tables are kept says maintenance.snapshot_retention");
      return Optional.empty();
    }
    return Types.choice(LifecycleRule.Area.class).read(node, problems);
  }

  private static String text(Map<String, Node> parts, String key, Problems problems) {
    Node node = parts.get(key);
    if (node == null || node instanceof Node.Scalar scalar && scalar.isNull()) {
      return "";
    }
    String text = Types.text().read(node, problems).orElse("");
    if (text.startsWith("/")) {
      problems.error(
          node.place(),
          text,
          "a prefix is a path below the zone",
          "write it without the first '/'");
    }
    return text;
  }

  private static Optional<Duration> after(
      Map<String, Node> parts, String what, Map<String, Node> inner, Problems problems) {
    Node node = parts.get(what);
    if (!(node instanceof Node.Mapping)) {
      return Optional.empty();
    }
    Node after = inner.get("after");
    if (after == null) {
      problems.error(node.place(), "", "'after' is missing in '" + what + "'", "write after: 90d");
      return Optional.empty();
    }
    return AFTER.read(after, problems);
  }

  private static Optional<StorageClass> storageClass(Node node, Problems problems) {
    if (node instanceof Node.Scalar scalar && StorageClass.SLOW.contains(scalar.text())) {
      problems.error(
          scalar.place(),
          scalar.text(),
          "objects of the storage class "
              + scalar.text()
              + " cannot be read before S3 has brought them back, which takes minutes to days",
          "GLACIER_IR costs little and can be read at once");
      return Optional.empty();
    }
    return Types.constant(StorageClass.class).read(node, problems);
  }

  @Override
  public String print(LifecycleRule value) {
    List<String> parts = new ArrayList<>();
    parts.add("zone: " + value.area().label());
    if (!value.prefix().isEmpty()) {
      parts.add("prefix: " + value.prefix());
    }
    value
        .transition()
        .ifPresent(d -> parts.add("transition: {after: " + DurationText.print(d) + "}"));
    value.expire().ifPresent(d -> parts.add("expire: {after: " + DurationText.print(d) + "}"));
    return "{" + String.join(", ", parts) + "}";
  }

  @Override
  public Map<String, Object> schema() {
    Map<String, Object> after = AFTER.schema();
    return object(
        Map.of(
            "zone", Types.choice(LifecycleRule.Area.class).schema(),
            "prefix", Map.of("type", "string"),
            "transition",
                object(
                    Map.of("after", after, "storage_class", Map.of("enum", StorageClass.names())),
                    "after"),
            "expire", object(Map.of("after", after), "after")),
        "zone");
  }

  private static Map<String, Object> object(Map<String, Object> properties, String required) {
    return Map.of(
        "type",
        "object",
        "additionalProperties",
        false,
        "required",
        List.of(required),
        "properties",
        properties);
  }
}
