package tarn.core.lake;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Makes the JSON Schema of a file from its settings, for editors. */
public final class JsonSchema {
  private JsonSchema() {}

  /** A schema (draft-07, which YAML editors read) as nested maps and lists. */
  public static Map<String, Object> of(String title, List<Setting<?>> settings) {
    Map<String, Object> schema = new LinkedHashMap<>();
    schema.put("$schema", "http://json-schema.org/draft-07/schema#");
    schema.put("title", title);
    schema.putAll(group("", settings));
    return schema;
  }

  private static Map<String, Object> group(String prefix, List<Setting<?>> settings) {
    Map<String, Object> properties = new LinkedHashMap<>();
    List<String> required = new ArrayList<>();
    for (Setting<?> setting : settings) {
      if (!setting.key().startsWith(prefix)) {
        continue;
      }
      String rest = setting.key().substring(prefix.length());
      int dot = rest.indexOf('.');
      if (dot >= 0) {
        String name = rest.substring(0, dot);
        properties.computeIfAbsent(name, n -> group(prefix + n + ".", settings));
      } else {
        properties.put(rest, property(setting));
        if (setting.required()) {
          required.add(rest);
        }
      }
    }
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("type", "object");
    object.put("properties", properties);
    object.put("additionalProperties", false);
    if (!required.isEmpty()) {
      object.put("required", required);
    }
    return object;
  }

  private static Map<String, Object> property(Setting<?> setting) {
    Map<String, Object> property = new LinkedHashMap<>(setting.type().schema());
    String printed = setting.printedDefault();
    String end = printed.isEmpty() ? "" : " Default: " + printed + ".";
    property.put("description", setting.meaning() + end);
    return property;
  }
}
