package tarn.server;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.BiFunction;
import java.util.function.Predicate;

/**
 * Records of one format, good, bad and twice there, that can stand in any file of it.
 *
 * @param name of its datasets, to which a number is added
 * @param dataset what {@code datasets/*.yaml} says; empty for nothing
 * @param tables the ends of its tables' names, and their definitions
 * @param records each its bytes, one as one character; or a row of SQL
 * @param tells whether a file of these records is known for what it is by its first bytes
 * @param writer makes a file of records
 */
record RecordFormat(
    String name,
    String dataset,
    Map<String, String> tables,
    List<String> records,
    Predicate<List<String>> tells,
    BiFunction<List<String>, Random, byte[]> writer) {

  private static final int RECORDS = 40;

  /** Each kind of file that a crawl knows, with records of one seed. */
  static List<RecordFormat> all(Random random, Path scratch) {
    return List.of(
        json(random),
        documents(random),
        parquet(random, scratch),
        log("combined", " \"%s\" \"Mozilla/5.0 (X11; %d)\"", random),
        log("common", "", random),
        grok(random));
  }

  boolean tells(List<String> file) {
    return tells.test(file);
  }

  byte[] file(List<String> file, Random random) {
    return writer.apply(file, random);
  }

  // ---- JSON ----

  private static final String OF_OBJECTS =
      """
      columns: {score: long, name: string}
      recipe:
        - CHANGE_DATA_TYPE: {sourceColumn: n, columnDataType: long}
        - UPPER_CASE: {sourceColumn: name}
        - REMOVE_VALUES: {sourceColumn: name, condition: IS, value: GONE}
        - FLAG_COLUMN_FROM_NULL: {sourceColumn: score, targetColumn: unscored}
      """;

  private static final String ROWS_OF_OBJECTS =
      OF_OBJECTS
          + """
          quality:
            - IsUnique "id"
            - ColumnValues "n" < 900
            - (ColumnLength "name" < 30) or (IsComplete "score")
            - RowCount > 20
            - Mean "n" between 1 and 400
            - Completeness "score" > 0.9
            - Uniqueness "name" > 0.5
            - Entropy "name" > 1
            - ColumnValues "score" > 10 with threshold > 0.99
            - CustomSql "select count(distinct name) from primary" > 0
          """;

  private static final String NEWEST_OF_OBJECTS =
      OF_OBJECTS
          + """
          key: [part]
          ordering: id
          quality:
            - ColumnValues "n" < 900
            - RowCount = 8
            - Sum "n" > 0
            - DistinctValuesCount "score" > 3
            - StandardDeviation "n" > 1
          """;

  private static RecordFormat json(Random random) {
    List<String> records = new ArrayList<>();
    for (int i = 0; i < RECORDS; i++) {
      records.add(ArrivalOrderTest.bytes(object(i, random, " ")));
    }
    broken(records);
    return new RecordFormat(
        "json",
        "format: json\n",
        Map.of("", ROWS_OF_OBJECTS),
        List.copyOf(records),
        file -> file.get(0).startsWith("{"),
        (file, r) -> r.nextBoolean() ? lines(file) : latin("[" + String.join(",\n ", file) + "]"));
  }

  private static RecordFormat documents(Random random) {
    List<String> records = new ArrayList<>();
    for (int i = 0; i < RECORDS; i++) {
      records.add(ArrivalOrderTest.bytes(object(i, random, "\n  ")));
    }
    broken(records);
    records.add("{\n  \"id\": 950,\n  \"name\": \"not closed\n}");
    return new RecordFormat(
        "documents",
        "",
        Map.of("", ROWS_OF_OBJECTS, "newest", NEWEST_OF_OBJECTS),
        List.copyOf(records),
        file -> file.get(0).startsWith("{\n"),
        (file, r) ->
            r.nextBoolean() ? lines(file) : latin("[\n" + String.join(",\n", file) + "\n]\n"));
  }

  private static void broken(List<String> records) {
    records.add(records.get(3));
    records.add(records.get(5));
    records.add(records.get(5));
    records.add("5");
    records.add("\"a text\"");
    records.add("[1, 2]");
    records.add("{\"id\": 901, \"n\": 1,}");
    records.add("{\"id\": 902, \"n\": tru}");
    records.add("{\"id\": 903, \"n\": 1, \"name\": \"\u00ff\u00fe\"}");
  }

  private static String object(int id, Random random, String space) {
    List<String> fields = new ArrayList<>();
    fields.add("\"id\": " + id);
    fields.add("\"part\": \"p" + random.nextInt(8) + "\"");
    fields.add("\"n\": " + n(random));
    if (random.nextInt(5) > 0) {
      fields.add("\"score\": " + (random.nextInt(3) > 0 ? random.nextInt(100) : "null"));
    }
    fields.add("\"name\": \"" + name(random) + "\"");
    fields.add("\"who\": " + who(random));
    return "{" + space + String.join("," + space, fields) + space.stripTrailing() + "}";
  }

  private static String n(Random random) {
    return switch (random.nextInt(10)) {
      case 0 -> "\"x" + random.nextInt(3) + "\"";
      case 1 -> "1.5";
      case 2 -> "\"" + random.nextInt(50) + "\"";
      case 3 -> Integer.toString(900 + random.nextInt(9));
      default -> Integer.toString(random.nextInt(800));
    };
  }

  private static String name(Random random) {
    return List.of("ann", "bo", "gone", "zo\u00eb", "a, \\\"b\\\"", "longer than thirty characters")
            .get(random.nextInt(6))
        + (random.nextBoolean() ? "" : " " + random.nextInt(9));
  }

  /** Says its type each time: fields may be missing, and have no null and no empty list only. */
  private static String who(Random random) {
    String more =
        switch (random.nextInt(3)) {
          case 0 -> ", \"zip\": {\"code\": \"" + random.nextInt(9) + "a\"}";
          case 1 -> ", \"since\": " + random.nextInt(9);
          default -> "";
        };
    String tags = "{\"t\": " + random.nextInt(9) + "}" + (random.nextBoolean() ? ", {}" : "");
    return "{\"city\": \"c" + random.nextInt(5) + "\", \"tags\": [" + tags + "]" + more + "}";
  }

  // ---- Parquet ----

  private static RecordFormat parquet(Random random, Path scratch) {
    List<String> records = new ArrayList<>();
    for (int i = 0; i < RECORDS; i++) {
      records.add(
          "(%d, 'p%d', %s, %s, '%s', %s)"
              .formatted(
                  i,
                  random.nextInt(8),
                  "'" + n(random).replace("\"", "") + "'",
                  random.nextInt(3) > 0 ? random.nextInt(100) : "NULL",
                  name(random).replace("\\", ""),
                  "{'city': 'c" + random.nextInt(5) + "', 'tags': [{'t': 1}]}"));
    }
    records.add(records.get(3));
    records.add(records.get(5));
    records.add(records.get(5));
    return new RecordFormat(
        "parquet",
        "",
        Map.of("", ROWS_OF_OBJECTS),
        List.copyOf(records),
        file -> true,
        (file, r) -> parquet(file, r, scratch.resolve("file.parquet")));
  }

  /** With types that differ from file to file, as far as the values allow. */
  private static byte[] parquet(List<String> records, Random random, Path file) {
    boolean whole = records.stream().allMatch(r -> r.matches("(?s)\\(\\d+, 'p\\d', '\\d+',.*"));
    String select =
        "SELECT id::%s AS id, part, n::%s AS n, score::%s AS score, name, who FROM (VALUES %s) t(id, part, n, score, name, who)"
            .formatted(
                random.nextBoolean() ? "INTEGER" : "BIGINT",
                whole ? "SMALLINT" : "VARCHAR",
                random.nextBoolean() ? "TINYINT" : "BIGINT",
                String.join(", ", records));
    try (Connection duck = DriverManager.getConnection("jdbc:duckdb:")) {
      duck.createStatement().execute("COPY (" + select + ") TO '" + file + "' (FORMAT parquet)");
      return Files.readAllBytes(file);
    } catch (SQLException e) {
      throw new AssertionError(select, e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  // ---- lines ----

  private static final String LOG =
      """
      recipe:
        - CHANGE_DATA_TYPE: {sourceColumn: bytes, columnDataType: long}
        - LOWER_CASE: {sourceColumn: verb}
        - REMOVE_VALUES: {sourceColumn: verb, condition: IS, value: head}
      quality:
        - IsUnique "request"
        - ColumnValues "response" < 500
        - Mean "bytes" > 10
        - Completeness "bytes" > 0.5
        - DistinctValuesCount "clientip" > 3
      """;

  private static RecordFormat log(String name, String more, Random random) {
    List<String> records = new ArrayList<>();
    for (int i = 0; i < RECORDS; i++) {
      records.add(
          "10.0.0.%d - %s [%02d/Jan/2026:08:%02d:00 +0%d00] \"%s /p/%d?q=%d HTTP/1.1\" %d %s"
                  .formatted(
                      random.nextInt(9),
                      random.nextInt(3) > 0 ? "-" : "ann",
                      1 + random.nextInt(28),
                      random.nextInt(60),
                      random.nextInt(3),
                      List.of("GET", "POST", "HEAD").get(random.nextInt(3)),
                      i,
                      random.nextInt(100),
                      random.nextInt(9) == 0 ? 503 : 200,
                      switch (random.nextInt(8)) {
                        case 0 -> "-";
                        case 1 -> "12.5";
                        default -> Integer.toString(random.nextInt(5000));
                      })
              + more.formatted("http://shop.example/" + random.nextInt(9), random.nextInt(9)));
    }
    badLines(records);
    return new RecordFormat(
        name,
        "",
        Map.of("", LOG),
        List.copyOf(records),
        file ->
            file.stream().limit(20).filter(l -> l.startsWith("10.")).count() * 2
                >= Math.min(20, file.size()),
        (file, r) -> lines(file));
  }

  private static RecordFormat grok(Random random) {
    List<String> records = new ArrayList<>();
    for (int i = 0; i < RECORDS; i++) {
      records.add(
          ArrivalOrderTest.bytes(
              "%d %s n=%s %s"
                  .formatted(
                      i,
                      List.of("LOW", "HIGH").get(random.nextInt(2)),
                      n(random).replace("\"", ""),
                      name(random))));
    }
    badLines(records);
    return new RecordFormat(
        "grok",
        """
        classifier: grok
        pattern: '%{INT:id:long} %{LEVEL:level} n=%{NOTSPACE:n} %{GREEDYDATA:name}'
        patterns:
          LEVEL: LOW|HIGH
        """,
        Map.of(
            "",
            """
            recipe:
              - CHANGE_DATA_TYPE: {sourceColumn: n, columnDataType: long}
              - REMOVE_VALUES: {sourceColumn: name, condition: IS, value: gone}
            quality:
              - IsPrimaryKey "id"
              - ColumnValues "n" < 900
              - UniqueValueRatio "name" > 0.2
              - Sum "n" > 0
            """),
        List.copyOf(records),
        file -> true,
        (file, r) -> lines(file));
  }

  private static void badLines(List<String> records) {
    records.add(records.get(3));
    records.add(records.get(5));
    records.add(records.get(5));
    records.add("no such line");
    records.add("10.0.0.1 - - [");
    records.add("no text \u00ff\u00fe");
  }

  private static byte[] lines(List<String> records) {
    return latin(String.join("\n", records) + "\n");
  }

  private static byte[] latin(String bytes) {
    return bytes.getBytes(ISO_8859_1);
  }
}
