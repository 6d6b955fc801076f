package tarn.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * JSON of which nobody was told anything, whose schema is another one each day: every value that
 * landed is in a row of its table, or its record is in quarantine as it was written.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DriftingLakeTest {
  private static final int DAYS = 5;
  private static final int A_DAY = 25;

  private @Nullable UntunedLake opened;
  private final Map<String, List<ObjectNode>> landed = new HashMap<>();

  @BeforeAll
  void landDayByDay(@TempDir Path folder) throws IOException {
    List<String> sources = List.of("soft", "all");
    List<String> definitions = new ArrayList<>();
    for (String source : sources) {
      definitions.add("tables/" + source + ".yaml");
      definitions.add("table: clean." + source + "\nfrom: " + source + "\n");
    }
    UntunedLake lake = UntunedLake.at(folder, definitions.toArray(String[]::new));
    Random random = new Random(11);
    for (int day = 1; day <= DAYS; day++) {
      for (String source : sources) {
        land(lake, source, day, random);
      }
      lake.run();
    }
    opened = lake;
  }

  private UntunedLake lake() {
    return Objects.requireNonNull(opened);
  }

  @AfterAll
  void close() {
    lake().close();
  }

  private void land(UntunedLake lake, String source, int day, Random random) {
    List<ObjectNode> records = new ArrayList<>();
    for (int i = 0; i < A_DAY; i++) {
      ObjectNode record = UntunedLake.JSON.createObjectNode().put("id", day * 1000 + i);
      for (String drift :
          source.equals("all")
              ? List.of("field", "kind", "shape", "late", "spelling", "nested", "inner")
              : List.of("field", "late", "spelling", "deeper")) {
        drift(record, drift, day, random);
      }
      records.add(record);
    }
    landed.computeIfAbsent(source, s -> new ArrayList<>()).addAll(records);
    String lines = String.join("\n", records.stream().map(JsonNode::toString).toList()) + "\n";
    lake.land(source, "day" + day + ".json", day % 2 == 0 ? lines : array(records));
  }

  private static String array(List<ObjectNode> records) {
    ArrayNode array = UntunedLake.JSON.createArrayNode();
    records.forEach(array::add);
    return array.toString();
  }

  private static void drift(ObjectNode record, String drift, int day, Random random) {
    int n = random.nextInt(1_000_000);
    switch (drift) {
      case "field" -> record.put("field" + (day < 4 ? day : 4), n);
      case "kind" -> {
        if (day < 4) {
          record.put("kind", n);
        } else if (n % 2 == 0) {
          record.put("kind", "text " + n);
        } else {
          record.put("kind", new BigDecimal(n + ".5"));
        }
      }
      case "shape" -> {
        if (day < 4 || n % 3 == 0) {
          record.putObject("shape").put("city", "c" + n).put("zip", n);
        } else if (n % 3 == 1) {
          record.putArray("shape").add(n).add("x" + n);
        } else {
          record.put("shape", "plain " + n);
        }
      }
      case "late" -> {
        if (day < 3) {
          record.putNull("late");
        } else if (day < 4) {
          record.put("late", n);
        } else {
          record.putObject("late").put("at", "2025-01-0" + day).put("n", n);
        }
      }
      case "spelling" -> {
        record.put(List.of("name", "Name", "NAME").get(n % Math.min(day, 3)), "n" + n);
        if (day > 3 && n % 5 == 0) {
          record.put("name", "first " + n).put("Name", "second " + n);
        }
      }
      case "deeper" -> {
        ObjectNode list = record.putObject("deeper").putArray("list").addObject().put("x", n);
        list.putObject("in" + Math.min(day, 3)).put("y", "y" + n).put("on" + day, day);
      }
      case "nested" -> {
        ObjectNode nested = record.putObject("nested").put("a", n);
        if (day > 2) {
          nested.put("b", "b" + n).putArray("list").addObject().put("x", n).put("y" + day, n);
        }
        if (day > 3) {
          nested.put("a", new BigDecimal(n + ".25")).putObject("deep").put("er", n);
        }
      }
      case "inner" ->
          record.putObject("inner").put(day < 3 ? "key" : n % 2 == 0 ? "KEY" : "key", "k" + n);
      default -> throw new IllegalArgumentException(drift);
    }
  }

  @ParameterizedTest
  @CsvSource({"soft, 4", "all, 64"})
  void noValueIsLost(String source, int inQuarantine) {
    Map<Integer, JsonNode> rows = new HashMap<>();
    for (JsonNode row : lake().query("SELECT * FROM clean." + source)) {
      assertThat(rows.put(row.path("id").asInt(), row)).as("%s twice", row).isNull();
    }
    List<JsonNode> aside = quarantined(source);
    assertThat(aside).hasSize(inQuarantine);
    List<String> lost = new ArrayList<>();
    for (ObjectNode record : landed.getOrDefault(source, List.of())) {
      JsonNode row = rows.remove(record.path("id").asInt());
      boolean isAside = aside.remove(record);
      if (row == null && !isAside
          || row != null && (isAside || !values(row).equals(values(record)))) {
        lost.add(record + " is " + row);
      }
    }
    assertThat(lost).isEmpty();
    assertThat(rows).isEmpty();
    assertThat(aside).isEmpty();
  }

  private List<JsonNode> quarantined(String source) {
    List<JsonNode> records = new ArrayList<>();
    for (JsonNode row : lake().query("SELECT record FROM quarantine." + source)) {
      records.add(UntunedLake.read(Base64.getDecoder().decode(row.path("record").asText())));
    }
    return records;
  }

  /** All that is said, wherever it stands: numbers by their worth, texts that are JSON as such. */
  private static TreeSet<String> values(JsonNode node) {
    TreeSet<String> values = new TreeSet<>();
    collect("", node, values);
    return values;
  }

  private static void collect(String path, JsonNode node, TreeSet<String> values) {
    if (node.isObject()) {
      node.properties()
          .forEach(
              f -> collect(path + "." + f.getKey().toLowerCase(Locale.ROOT), f.getValue(), values));
    } else if (node.isArray()) {
      node.forEach(element -> collect(path + "[]", element, values));
    } else if (node.isNumber()) {
      values.add(path + "=" + node.decimalValue().stripTrailingZeros().toPlainString());
    } else if (node.isTextual() && node.asText().matches("(?s)[\\[{].*")) {
      collect(path, UntunedLake.read(node.asText().getBytes(UTF_8)), values);
    } else if (node.isTextual() && node.asText().matches("-?[0-9]+(\\.[0-9]+)?")) {
      values.add(path + "=" + new BigDecimal(node.asText()).stripTrailingZeros().toPlainString());
    } else if (!node.isNull()) {
      values.add(path + "=" + node.asText().replace(" 00:00:00", ""));
    }
  }
}
