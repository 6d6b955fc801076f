package tarn.server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import tarn.core.lake.LakeDefinition;
import tarn.core.lake.LakeFolder;
import tarn.core.lake.LakeTest;
import tarn.core.lake.ModelDefinition;
import tarn.core.lake.TableDefinition;

/**
 * A lake folder for one test: the lake's own definitions, but what the test gives stands in the
 * place of what would make it, and everything is kept below the folder.
 */
final class TestLake {
  static final String ENVIRONMENT = "lake-test";

  /** Keys of lake.yaml that say where the real lake is. */
  private static final Set<String> PLACES =
      Set.of("environment", "home", "database", "storage", "engine", "durability", "gateway");

  private static final String SETTINGS =
      """
      home: .datalake
      durability: none
      engine: {workers: 1, memory: 1GB}
      """;

  private TestLake() {}

  /** Writes it. {@code engine} is where tests share what the engine unpacks. */
  static void write(Path folder, LakeDefinition lake, LakeTest test, Path engine)
      throws IOException {
    Files.createDirectories(folder.resolve(".datalake"));
    Files.createSymbolicLink(folder.resolve(".datalake/cache"), engine);
    Files.createDirectories(folder.resolve("environments"));
    Files.createDirectories(folder.resolve("tables"));
    Files.createDirectories(folder.resolve("models"));
    Files.writeString(
        folder.resolve(LakeFolder.LAKE_FILE),
        withoutPlaces(Files.readAllLines(lake.dir().resolve(LakeFolder.LAKE_FILE))));
    Files.writeString(folder.resolve("environments/" + ENVIRONMENT + ".yaml"), SETTINGS);
    Set<String> given =
        test.given().stream().map(LakeTest.Given::table).collect(Collectors.toSet());
    Set<String> made = new HashSet<>();
    for (TableDefinition table : lake.tables()) {
      made.add(table.table());
      if (given.contains(table.table())) {
        Files.writeString(folder.resolve(table.file()), standIn(table));
      } else {
        Files.copy(lake.dir().resolve(table.file()), folder.resolve(table.file()));
      }
    }
    for (ModelDefinition model : lake.models()) {
      if (given.contains(model.table())) {
        Files.writeString(folder.resolve(model.file()), standIn(model));
      } else {
        Files.copy(lake.dir().resolve(model.file()), folder.resolve(model.file()));
      }
    }
  }

  /** The source in which a given table's rows land. */
  static String source(String table) {
    return table.startsWith("raw.")
        ? table.substring("raw.".length())
        : "given_" + table.replace('.', '_');
  }

  private static String standIn(TableDefinition table) {
    String types =
        table.columns().entrySet().stream()
            .map(c -> "  \"" + c.getKey() + "\": \"" + c.getValue() + "\"\n")
            .collect(Collectors.joining());
    return "table: "
        + table.table()
        + "\nfrom: "
        + source(table.table())
        + "\n"
        + (types.isEmpty() ? "" : "columns:\n" + types);
  }

  private static String standIn(ModelDefinition model) {
    return "---\ntable: "
        + model.table()
        + "\n---\nSELECT * FROM raw."
        + source(model.table())
        + "\n";
  }

  /** A key in the first column begins a block; what is indented behind it belongs to it. */
  private static String withoutPlaces(List<String> lines) {
    StringBuilder text = new StringBuilder();
    boolean dropped = false;
    for (String line : lines) {
      if (!line.isEmpty() && !Character.isWhitespace(line.charAt(0)) && line.charAt(0) != '#') {
        String key = line.split(":", 2)[0].strip();
        dropped = PLACES.contains(key.replace("\"", "").replace("'", ""));
      }
      if (!dropped) {
        text.append(line).append('\n');
      }
    }
    return text.toString();
  }
}
