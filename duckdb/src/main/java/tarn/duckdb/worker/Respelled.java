package tarn.duckdb.worker;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Copies JSON objects, one in each line, so that no two keys differ by case only: keys get other
 * names, objects that cannot be told apart become texts. For finding types; a record that has a key
 * twice then becomes two.
 */
final class Respelled {
  private static final String ELEMENT = "[]";

  private final Map<String, String> names = new HashMap<>();
  private final Set<List<String>> texts = new HashSet<>();

  private Respelled(JsonNode request) {
    request.path("names").properties().forEach(n -> names.put(n.getKey(), n.getValue().asText()));
    for (JsonNode path : request.path("texts")) {
      List<String> steps = new ArrayList<>();
      path.forEach(step -> steps.add(step.asText()));
      texts.add(steps);
    }
  }

  static void copy(JsonNode request) throws IOException {
    Respelled respelled = new Respelled(request);
    try (BufferedReader in = Files.newBufferedReader(Path.of(request.path("path").asText()));
        Writer out = Files.newBufferedWriter(Path.of(request.path("work").asText()))) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        for (ObjectNode record : respelled.records(Frames.MAPPER.readTree(line))) {
          out.write(record.toString());
          out.write('\n');
        }
      }
    }
  }

  private List<ObjectNode> records(JsonNode record) {
    List<ObjectNode> records = new ArrayList<>(List.of(Frames.MAPPER.createObjectNode()));
    record
        .properties()
        .forEach(
            field -> {
              String name = names.getOrDefault(field.getKey(), field.getKey());
              JsonNode value = value(field.getValue(), List.of(field.getKey()));
              if (records.get(0).has(name)) {
                records.add(Frames.MAPPER.createObjectNode().set(name, value));
              } else {
                records.get(0).set(name, value);
              }
            });
    return records;
  }

  private JsonNode value(JsonNode value, List<String> path) {
    if (value.isObject() && texts.contains(path)) {
      return Frames.MAPPER.getNodeFactory().textNode(value.toString());
    } else if (value.isObject()) {
      ObjectNode copy = Frames.MAPPER.createObjectNode();
      value
          .properties()
          .forEach(f -> copy.set(f.getKey(), value(f.getValue(), deeper(path, f.getKey()))));
      return copy;
    } else if (value.isArray()) {
      ArrayNode copy = Frames.MAPPER.createArrayNode();
      value.forEach(element -> copy.add(value(element, deeper(path, ELEMENT))));
      return copy;
    }
    return value;
  }

  private static List<String> deeper(List<String> path, String step) {
    List<String> deeper = new ArrayList<>(path);
    deeper.add(step);
    return deeper;
  }
}
