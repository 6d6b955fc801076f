package tarn.server;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tarn.api.QualityResult;
import tarn.core.table.TableName;

/**
 * The same records, cut into other files that land in another order and are loaded in other
 * batches, end as the same rows, the same quarantine and the same verdicts, in every format. Types
 * that differ from file to file are declared or cast: an undeclared one is that of what came first.
 */
class ArrivalOrderTest {
  private static final int ROUNDS = 2;
  private static final int ARRANGEMENTS = 1;

  @TempDir Path folder;

  @Test
  void howRecordsArriveDoesNotMatterInAnyFormat() throws IOException {
    arriveInManyWays(20);
  }

  @Test
  @Tag("soak")
  void norInTwentyOtherWorlds() throws IOException {
    for (long seed = 1_000; seed < 1_020; seed++) {
      arriveInManyWays(seed);
    }
  }

  /** One lake; each format has a dataset that landed whole and some that landed in pieces. */
  private void arriveInManyWays(long seed) throws IOException {
    Random random = new Random(seed);
    Map<String, RecordFormat> formats = new TreeMap<>();
    for (RecordFormat format : RecordFormat.all(random, folder)) {
      formats.put(format.name(), format);
    }
    List<String> definitions = new ArrayList<>();
    List<List<Piece>> rounds = new ArrayList<>();
    for (int i = 0; i < ROUNDS; i++) {
      rounds.add(new ArrayList<>());
    }
    formats.forEach(
        (name, format) -> {
          rounds.get(0).add(new Piece(name + 0, format.file(format.records(), random)));
          for (int i = 0; i <= ARRANGEMENTS; i++) {
            define(definitions, format, name + i);
          }
          for (int i = 1; i <= ARRANGEMENTS; i++) {
            int round = 0;
            for (List<String> file : cut(format, random)) {
              rounds.get(round).add(new Piece(name + i, format.file(file, random)));
              round = random.nextInt(ROUNDS);
            }
          }
        });
    try (UntunedLake lake =
        UntunedLake.at(folder.resolve("lake-" + seed), definitions.toArray(String[]::new))) {
      Map<String, Long> failing = new TreeMap<>();
      for (int i = 0; i < ROUNDS; i++) {
        land(lake, rounds.get(i), i, random);
        lake.run();
        rulesForRows(lake, failing, rounds.get(i));
      }
      for (RecordFormat format : formats.values()) {
        List<String> whole = arrived(lake, format, 0, failing);
        for (String kind : List.of("row", "quarantined", "rule", "verdict")) {
          assertThat(whole).as(format.name()).anyMatch(line -> line.startsWith(kind + " "));
        }
        for (int i = 1; i <= ARRANGEMENTS; i++) {
          same(arrived(lake, format, i, failing), whole, format.name() + ", seed " + seed);
        }
      }
    }
  }

  /** A file of a dataset. */
  private record Piece(String dataset, byte[] bytes) {}

  private static void define(List<String> definitions, RecordFormat format, String dataset) {
    if (!format.dataset().isEmpty()) {
      definitions.addAll(List.of("datasets/" + dataset + ".yaml", format.dataset()));
    }
    for (String table : format.tables().keySet()) {
      definitions.add("tables/" + dataset + table + ".yaml");
      definitions.add(
          "table: clean.%s\nfrom: %s\non_failure: warn\n%s"
              .formatted(dataset + table, dataset, format.tables().get(table)));
    }
  }

  /** Files of some records each, of which each by itself can be told for what it is. */
  private static List<List<String>> cut(RecordFormat format, Random random) {
    while (true) {
      List<String> records = new ArrayList<>(format.records());
      Collections.shuffle(records, random);
      List<List<String>> files = new ArrayList<>();
      for (int from = 0; from < records.size(); ) {
        int to = Math.min(records.size(), from + 2 + random.nextInt(14));
        files.add(records.subList(from, to));
        from = to;
      }
      if (files.stream().allMatch(format::tells)) {
        return files;
      }
    }
  }

  private static void land(UntunedLake lake, List<Piece> pieces, int round, Random random) {
    List<Piece> shuffled = new ArrayList<>(pieces);
    Collections.shuffle(shuffled, random);
    for (int i = 0; i < shuffled.size(); i++) {
      Piece piece = shuffled.get(i);
      byte[] bytes = piece.bytes();
      boolean packed = bytes[0] != 'P' && random.nextInt(3) == 0;
      lake.land(piece.dataset(), "r" + round + "-" + i, packed ? gzip(bytes) : bytes);
    }
  }

  private static byte[] gzip(byte[] bytes) {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
      out.write(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return packed.toByteArray();
  }

  // ---- what came of it ----

  private static void same(List<String> arrived, List<String> whole, String what) {
    List<String> different = new ArrayList<>();
    without(whole, arrived).forEach(line -> different.add("only of the whole: " + line));
    without(arrived, whole).forEach(line -> different.add("only of the pieces: " + line));
    assertThat(different).as(what).isEmpty();
  }

  private static List<String> without(List<String> all, List<String> others) {
    List<String> left = new ArrayList<>(all);
    others.forEach(left::remove);
    return left;
  }

  /**
   * All that is in a dataset's tables and of them: rows, quarantine, how many rows each rule for
   * rows kept out in all loads, and the newest verdicts of the rules for the table.
   */
  private static List<String> arrived(
      UntunedLake lake, RecordFormat format, int arrangement, Map<String, Long> failing) {
    List<String> all = new ArrayList<>();
    for (String suffix : format.tables().keySet()) {
      String table = format.name() + arrangement + suffix;
      lake.query("SELECT * FROM clean." + table)
          .forEach(row -> all.add("row " + suffix + sorted(row)));
      lake.query("SELECT reason, column_name, value, record FROM quarantine." + table)
          .forEach(row -> all.add("quarantined " + suffix + rejected(row)));
      failing.forEach(
          (rule, n) -> {
            if (rule.startsWith(table + ": ")) {
              all.add("rule " + suffix + rule.substring(table.length()) + " " + n);
            }
          });
      quality(lake, table).stream()
          .filter(r -> r.level().equals("table"))
          .forEach(r -> all.add("verdict " + suffix + r.outcome() + " " + rounded(r.seen())));
    }
    return all;
  }

  /** Sums of doubles differ in their last digits, as they are added in another order. */
  private static String rounded(String seen) {
    return seen.replaceAll("(\\.\\d{9})\\d+", "$1");
  }

  private static String rejected(JsonNode row) {
    byte[] record = Base64.getDecoder().decode(row.path("record").asText(""));
    return "%s of %s %s in %s"
        .formatted(
            row.path("reason").asText(),
            row.path("column_name").asText(),
            row.path("value").asText(),
            new String(record, ISO_8859_1));
  }

  private static void rulesForRows(
      UntunedLake lake, Map<String, Long> failing, List<Piece> landed) {
    for (String table : lake.operations().tables().tables().stream().map(t -> t.name()).toList()) {
      if (!table.startsWith("clean.")) {
        continue;
      }
      String name = table.substring("clean.".length());
      if (landed.stream().anyMatch(p -> name.startsWith(p.dataset()))) {
        for (QualityResult result : quality(lake, name)) {
          if (result.level().equals("row")) {
            long rows = Long.parseLong(result.seen().replaceAll("\\D+", ""));
            failing.merge(name + ": " + result.rule(), rows, Long::sum);
          }
        }
      }
    }
  }

  private static List<QualityResult> quality(UntunedLake lake, String table) {
    return lake.operations().quality(new TableName("clean", table), 1).results();
  }

  /** A row as text: columns come in another order where another file came first. */
  private static String sorted(JsonNode node) {
    if (node.isObject()) {
      Map<String, String> fields = new TreeMap<>();
      node.properties().forEach(f -> fields.put(f.getKey(), sorted(f.getValue())));
      return fields.toString();
    } else if (node.isArray()) {
      List<String> elements = new ArrayList<>();
      node.forEach(e -> elements.add(sorted(e)));
      return elements.toString();
    }
    return node.toString();
  }

  /** The bytes of a text, each as one character. */
  static String bytes(String text) {
    return new String(text.getBytes(UTF_8), ISO_8859_1);
  }
}
