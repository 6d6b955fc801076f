package tarn.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tarn.api.Finding;
import tarn.api.RunRequest;
import tarn.api.TableRun;
import tarn.core.ledger.SourceName;

/** What is wrong with one model holds up only what reads it, and is told before anything runs. */
class ModelFailuresTest {
  @TempDir private Path folder;

  private void write(String file, String text) throws IOException {
    Path path = folder.resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, text);
  }

  private void writeAll() throws IOException {
    write("lake.yaml", "name: models\n");
    write("tables/things.yaml", "from: things\n");
    write("models/good.sql", "SELECT count(*) AS n FROM clean.things");
    write("models/later.sql", "SELECT n + 1 AS n FROM analytics.good");
    write(
        "models/broken.sql",
        "---\ndescription: broken\n---\n\nSELECT id,\n  FROM\n clean.things WHER x\n");
    write("models/random.sql", "SELECT *,\n  random() AS r\nFROM clean.things");
    write("models/nowhere.sql", "SELECT * FROM clean.thing");
    write("models/of_raw.sql", "SELECT count(*) AS n FROM raw.things");
    write("models/one.sql", "SELECT * FROM analytics.two");
    write("models/two.sql", "SELECT * FROM one");
    write("models/reader.sql", "SELECT * FROM analytics.one");
  }

  @Test
  void validationNamesThePlaceInTheFile() throws IOException {
    writeAll();
    Map<String, String> found =
        Wiring.validate(folder, null).findings().stream()
            .collect(
                Collectors.toMap(
                    f -> f.file() + ":" + f.line() + ":" + f.column(), Finding::message));
    assertThat(found.keySet())
        .containsExactlyInAnyOrder(
            "models/broken.sql:7:20",
            "models/random.sql:2:3",
            "models/nowhere.sql:1:1",
            "models/one.sql:1:1",
            "models/two.sql:1:1");
    assertThat(found.get("models/nowhere.sql:1:1")).contains("did you mean clean.things");
    assertThat(found.get("models/two.sql:1:1"))
        .contains("analytics.one reads analytics.two reads analytics.one");
  }

  @Test
  void theOthersAreMade() throws IOException {
    writeAll();
    try (Operations lake = Wiring.open(Wiring.read(folder, null))) {
      byte[] file = "id,name\n1,a\n2,b\n".getBytes(UTF_8);
      lake.land(
          new Upload(new SourceName("things"), "", "things.csv", new ByteArrayInputStream(file)));
      List<TableRun> runs = lake.run(new RunRequest(List.of()), ExampleLake.work()).tables();
      assertThat(runs.stream().filter(r -> r.outcome().equals("written")).map(TableRun::table))
          .containsExactlyInAnyOrder(
              "clean.things", "analytics.good", "analytics.later", "analytics.of_raw");
      assertThat(run(runs, "analytics.broken").message())
          .startsWith("models/broken.sql: ")
          .contains("syntax error");
      assertThat(run(runs, "analytics.one").message()).contains("in a circle");
      assertThat(run(runs, "analytics.reader").outcome()).isEqualTo("skipped");
    }
  }

  private static TableRun run(List<TableRun> runs, String table) {
    return runs.stream().filter(r -> r.table().equals(table)).findFirst().orElseThrow();
  }
}
