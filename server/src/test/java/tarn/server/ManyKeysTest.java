package tarn.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every record brings keys of its own: so many columns, and no value is lost. */
class ManyKeysTest {
  private static final int FILES = 1;
  private static final int RECORDS = 40;

  @TempDir Path folder;

  @Test
  void twoThousandKeysAreTwoThousandColumns() throws IOException {
    everyKeyIsAColumn(50);
  }

  @Test
  @Tag("soak")
  void tenThousandKeysAreTenThousandColumns() throws IOException {
    everyKeyIsAColumn(250);
  }

  private void everyKeyIsAColumn(int ownKeys) throws IOException {
    try (UntunedLake lake = UntunedLake.at(folder, "tables/wide.yaml", "from: wide\n")) {
      TreeMap<Integer, ObjectNode> sent = new TreeMap<>();
      for (int file = 0; file < FILES; file++) {
        List<String> lines = new ArrayList<>();
        for (int i = file * RECORDS; i < (file + 1) * RECORDS; i++) {
          ObjectNode record = UntunedLake.JSON.createObjectNode().put("id", i);
          for (int key = i * ownKeys; key < (i + 1) * ownKeys; key++) {
            record = key % 2 == 0 ? record.put("k" + key, key) : record.put("k" + key, "v" + key);
          }
          sent.put(i, record);
          lines.add(record.toString());
        }
        lake.land("wide", "part" + file + ".json", String.join("\n", lines) + "\n");
        lake.crawl();
        lake.run();
      }
      List<JsonNode> rows = lake.query("SELECT * FROM clean.wide ORDER BY id");
      assertThat(rows).hasSize(FILES * RECORDS);
      for (JsonNode row : rows) {
        ObjectNode present = UntunedLake.JSON.createObjectNode();
        row.properties().stream()
            .filter(field -> !field.getValue().isNull())
            .forEach(field -> present.set(field.getKey(), field.getValue()));
        assertThat(row).hasSize(FILES * RECORDS * ownKeys + 1);
        assertThat(present).isEqualTo(sent.get(row.path("id").asInt()));
      }
    }
  }
}
