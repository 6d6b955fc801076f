package tarn.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A retailer's invoice lines (see {@code retail/README.md}) in a lake of a dozen lines: a file
 * lands each day, the first one comes again corrected, and what the lake answers is what plain Java
 * sums.
 */
class RetailLakeTest {
  private static final List<String> DAYS =
      List.of("2010-12-01", "2010-12-02", "2010-12-03", "2010-12-05", "2010-12-06");

  private static final String TABLE =
      """
      table: clean.invoice_lines
      from: invoices
      columns: {UnitPrice: "decimal(12,2)"}
      key: [InvoiceNo, StockCode]
      quality:
        - IsComplete "CustomerID"
        - ColumnValues "UnitPrice" > 0
      """;

  private static final String MODEL =
      """
      ---
      table: analytics.revenue_by_country
      ---
      SELECT Country AS country, sum(Quantity * UnitPrice) AS revenue
      FROM clean.invoice_lines GROUP BY 1
      """;

  /** What should be in the table, by key: the last that landed. */
  private final Map<List<String>, List<String>> stored = new LinkedHashMap<>();

  private final List<String> aside = new ArrayList<>();

  @Test
  void revenuePerCountryIsWhatJavaSums(@TempDir Path folder) throws IOException {
    try (UntunedLake lake =
        UntunedLake.at(
            folder, "tables/invoice_lines.yaml", TABLE, "models/revenue_by_country.sql", MODEL)) {
      for (String day : DAYS) {
        land(lake, day + ".csv", read(day));
      }
      land(lake, "2010-12-01-corrected.csv", read(DAYS.get(0)).replace(",6,2010", ",60,2010"));
      assertThat(lake.number("SELECT count(*) FROM clean.invoice_lines")).isEqualTo(stored.size());
      assertThat(revenues(lake)).isEqualTo(expected());
      assertThat(quarantined(lake)).containsExactlyInAnyOrderElementsOf(aside);
      assertThat(aside).hasSizeGreaterThan(100);
    }
  }

  private void land(UntunedLake lake, String name, String text) {
    lake.land("invoices", name, text);
    lake.run();
    for (String line : text.lines().skip(1).toList()) {
      List<String> fields = fields(line);
      if (fields.get(6).isEmpty() || new BigDecimal(fields.get(5)).signum() <= 0) {
        aside.add(line);
      } else {
        stored.put(fields.subList(0, 2), fields);
      }
    }
  }

  private Map<String, BigDecimal> expected() {
    Map<String, BigDecimal> sums = new TreeMap<>();
    for (List<String> fields : stored.values()) {
      BigDecimal amount = new BigDecimal(fields.get(3)).multiply(new BigDecimal(fields.get(5)));
      sums.merge(fields.get(7), amount.setScale(2), BigDecimal::add);
    }
    return sums;
  }

  private static Map<String, BigDecimal> revenues(UntunedLake lake) {
    Map<String, BigDecimal> sums = new TreeMap<>();
    for (JsonNode row : lake.query("SELECT * FROM analytics.revenue_by_country")) {
      sums.put(row.path("country").asText(), new BigDecimal(row.path("revenue").asText()));
    }
    return sums;
  }

  private static List<String> quarantined(UntunedLake lake) {
    return lake.query("SELECT record FROM quarantine.invoice_lines").stream()
        .map(row -> new String(Base64.getDecoder().decode(row.path("record").asText()), UTF_8))
        .map(String::strip)
        .toList();
  }

  private static String read(String day) throws IOException {
    String name = "/retail/" + day + ".csv";
    try (InputStream in = Objects.requireNonNull(RetailLakeTest.class.getResourceAsStream(name))) {
      return new String(in.readAllBytes(), UTF_8);
    }
  }

  /** The fields of a line whose quotes stand for themselves when they are doubled. */
  private static List<String> fields(String line) {
    List<String> fields = new ArrayList<>();
    StringBuilder field = new StringBuilder();
    boolean quoted = false;
    for (char c : (line + ",").toCharArray()) {
      if (c == '"') {
        quoted = !quoted;
      } else if (c == ',' && !quoted) {
        fields.add(field.toString());
        field.setLength(0);
      } else {
        field.append(c);
      }
    }
    return fields;
  }
}
