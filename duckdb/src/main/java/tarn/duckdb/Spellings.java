package tarn.duckdb;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import tarn.core.engine.Column;

/**
 * JSON whose keys differ only by case. DuckDB's columns and structs cannot: it makes up names
 * ({@code A_1} beside {@code a}), or fails. Keys of records become one column with several
 * spellings; an object further down that has such keys becomes a text, which keeps them all.
 */
final class Spellings {
  private static final Pattern MADE_UP = Pattern.compile("(.+)_[0-9]+");
  private static final String ELEMENT = "[]";

  /** Larger objects are maps if all their values are of one type, and maps keep any keys. */
  private final int manyKeys;

  /** The keys of records as they came, by their name in lower case. */
  private final Map<String, List<String>> spellings = new LinkedHashMap<>();

  private final List<List<String>> texts = new ArrayList<>();

  /**
   * @param structure of all records, as {@code json_group_structure} gives it
   */
  Spellings(JsonNode structure, int manyKeys) {
    this.manyKeys = manyKeys;
    structure
        .properties()
        .forEach(
            key -> {
              spellings
                  .computeIfAbsent(lower(key.getKey()), k -> new ArrayList<>())
                  .add(key.getKey());
              look(key.getValue(), List.of(key.getKey()));
            });
  }

  /** Whether names look as if DuckDB had made them up because others differ by case only. */
  static boolean isSuspected(List<Column> columns) {
    Set<String> lower = columns.stream().map(c -> lower(c.name())).collect(Collectors.toSet());
    for (Column column : columns) {
      Matcher made = MADE_UP.matcher(lower(column.name()));
      while (made.matches()) {
        if (lower.contains(made.group(1))) {
          return true;
        }
        made = MADE_UP.matcher(made.group(1));
      }
    }
    return false;
  }

  private void look(JsonNode node, List<String> path) {
    if (node.isArray()) {
      look(node.path(0), deeper(path, ELEMENT));
    } else if (node.isObject() && hasTwins(node) && !isMap(node)) {
      texts.add(path);
    } else {
      node.properties().forEach(key -> look(key.getValue(), deeper(path, key.getKey())));
    }
  }

  private static List<String> deeper(List<String> path, String step) {
    List<String> deeper = new ArrayList<>(path);
    deeper.add(step);
    return deeper;
  }

  private static boolean hasTwins(JsonNode object) {
    Set<String> seen = new HashSet<>();
    return object.properties().stream().anyMatch(key -> !seen.add(lower(key.getKey())));
  }

  private boolean isMap(JsonNode object) {
    return object.size() > manyKeys
        && object.properties().stream().map(Map.Entry::getValue).distinct().count() == 1;
  }

  /** Whether there are any. */
  boolean isAny() {
    return !texts.isEmpty() || spellings.values().stream().anyMatch(names -> names.size() > 1);
  }

  /** Asks for a copy of the records in which nothing differs by case only. */
  ObjectNode request(String from, String to) {
    ObjectNode request = WorkerSession.request("respell").put("path", from).put("work", to);
    ObjectNode names = request.putObject("names");
    spellings
        .values()
        .forEach(all -> all.subList(1, all.size()).forEach(name -> names.put(name, all.get(0))));
    ArrayNode paths = request.putArray("texts");
    texts.forEach(path -> path.forEach(paths.addArray()::add));
    return request;
  }

  /** Columns of such a copy, with the spellings that they have. */
  List<Column> of(List<Column> columns) {
    return columns.stream()
        .map(
            column -> {
              List<String> all = spellings.getOrDefault(lower(column.name()), List.of());
              List<String> others = all.stream().filter(s -> !s.equals(column.name())).toList();
              return new Column(column.name(), column.type(), others);
            })
        .toList();
  }

  private static String lower(String name) {
    return name.toLowerCase(Locale.ROOT);
  }
}
