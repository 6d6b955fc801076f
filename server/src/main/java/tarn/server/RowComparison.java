package tarn.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import tarn.core.lake.Node;

/**
 * Rows as a test expects them against rows as they are, in any order. An expected row names the
 * columns that matter. Values are equal as numbers, as truth values, or as texts; a blank between
 * date and time stands for the {@code T} of ISO 8601.
 */
final class RowComparison {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final List<String> columns;
  private final List<JsonNode> left;
  private final List<String> missing = new ArrayList<>();

  /**
   * @param rows arrays of values, in the order of the columns
   */
  RowComparison(List<String> columns, List<JsonNode> rows) {
    this.columns = columns.stream().map(c -> c.toLowerCase(Locale.ROOT)).toList();
    this.left = new ArrayList<>(rows);
  }

  /** Takes the first row that is as expected away, or notes that there is none. */
  void take(Node.Mapping expected) {
    for (int i = 0; i < left.size(); i++) {
      if (matches(expected, left.get(i))) {
        left.remove(i);
        return;
      }
    }
    missing.add(shown(expected));
  }

  /** Rows that were expected and are not there. */
  List<String> missing() {
    return missing;
  }

  /** Rows that are there and were not expected. */
  List<String> others() {
    return left.stream().map(this::shown).toList();
  }

  private boolean matches(Node.Mapping expected, JsonNode row) {
    for (Node.Entry entry : expected.entries()) {
      int column = columns.indexOf(entry.key().text().toLowerCase(Locale.ROOT));
      if (column < 0 || !equal(entry.value(), row.path(column))) {
        return false;
      }
    }
    return true;
  }

  private static boolean equal(Node expected, JsonNode actual) {
    if (expected instanceof Node.Sequence list) {
      if (!actual.isArray() || actual.size() != list.items().size()) {
        return false;
      }
      for (int i = 0; i < actual.size(); i++) {
        if (!equal(list.items().get(i), actual.get(i))) {
          return false;
        }
      }
      return true;
    } else if (expected instanceof Node.Mapping mapping) {
      return actual.isObject()
          && actual.size() == mapping.entries().size()
          && mapping.entries().stream()
              .allMatch(e -> equal(e.value(), actual.path(e.key().text())));
    }
    return equal((Node.Scalar) expected, actual);
  }

  private static boolean equal(Node.Scalar expected, JsonNode actual) {
    if (expected.isNull() || actual.isNull() || actual.isMissingNode()) {
      return expected.isNull() && actual.isNull();
    } else if (actual.isNumber() && !expected.isQuoted()) {
      try {
        return new BigDecimal(expected.text()).compareTo(actual.decimalValue()) == 0;
      } catch (NumberFormatException e) {
        return false;
      }
    }
    String text = actual.asText();
    return expected.text().equals(text)
        || text.matches("\\d{4}-\\d\\d-\\d\\dT.*")
            && expected.text().replace(' ', 'T').equals(text);
  }

  private static String shown(Node.Mapping row) {
    List<String> parts = new ArrayList<>();
    row.entries().forEach(e -> parts.add(e.key().text() + ": " + shown(e.value())));
    return "{" + String.join(", ", parts) + "}";
  }

  private static String shown(Node node) {
    if (node instanceof Node.Mapping mapping) {
      return shown(mapping);
    } else if (node instanceof Node.Sequence list) {
      return "["
          + String.join(", ", list.items().stream().map(RowComparison::shown).toList())
          + "]";
    }
    return ((Node.Scalar) node).text();
  }

  private String shown(JsonNode row) {
    ObjectNode object = JSON.createObjectNode();
    for (int i = 0; i < columns.size(); i++) {
      object.set(columns.get(i), row.path(i));
    }
    return object.toString();
  }
}
