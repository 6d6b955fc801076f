package tarn.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import tarn.api.Column;
import tarn.api.Finding;
import tarn.api.QueryRequest;
import tarn.api.RunRequest;
import tarn.api.TableRun;
import tarn.core.ledger.SourceName;

/** A recipe that joins with another clean table. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class JoinedTablesTest {
  private static final String JOIN =
      "recipe:\n- JOIN: {secondaryDatasetName: %s, joinType: LEFT_JOIN, joinKeys: [{key: %s, value: code}], rightColumns: [name]}\n";

  private Path folder = Path.of("");
  private Operations lake = new MemoryOperations();

  @BeforeAll
  void open(@TempDir Path temp) throws IOException {
    folder = temp;
    Files.createDirectories(folder.resolve("tables"));
    Files.writeString(folder.resolve("lake.yaml"), "name: joins\nprefix: joins\n");
    lake = Wiring.open(Wiring.read(folder, null));
  }

  @AfterAll
  void close() {
    lake.close();
  }

  @Test
  void theJoinedTableIsLoadedFirstAndItsStateIsInTheHistory() throws IOException {
    table("orders", JOIN.formatted("z_countries", "country"));
    table("z_countries", "");
    land("orders", "id,country\n1,DE\n2,XX\n");
    land("z_countries", "code,name\nDE,Germany\nFR,France\nFR,Frankreich\n");
    assertThat(run("orders"))
        .extracting(TableRun::table, TableRun::outcome)
        .containsExactly(tuple("clean.z_countries", "written"), tuple("clean.orders", "written"));
    assertThat(rows("SELECT id, name FROM clean.orders ORDER BY 1"))
        .containsExactly("[1,\"Germany\"]", "[2,null]");

    land("z_countries", "code,name\nXX,Nowhere\n");
    land("orders", "id,country\n3,FR\n4,XX\n");
    TableRun second = run("orders").get(1);
    assertThat(second.rowsQuarantined()).isEqualTo(1);
    assertThat(rows("SELECT id, name FROM clean.orders ORDER BY 1"))
        .as("what was joined when it was loaded stays")
        .containsExactly("[1,\"Germany\"]", "[2,null]", "[4,\"Nowhere\"]");
  }

  @Test
  void whatJoinsWithATableThatFailedWaits() throws IOException {
    table("waiting", JOIN.formatted("z_broken", "code"));
    table("z_broken", "quality: [RowCount > 5]\n");
    land("waiting", "id,code\n1,a\n");
    land("z_broken", "code,name\na,b\n");
    assertThat(run("waiting"))
        .extracting(TableRun::outcome, TableRun::message)
        .endsWith(tuple("skipped", "it joins with clean.z_broken, which failed"));
  }

  @Test
  void typesThatAreNotEqualForSureAreRefused() throws IOException {
    table("numbered", JOIN.formatted("z_texts", "id"));
    table("z_texts", "");
    land("numbered", "id\n1\n");
    land("z_texts", "code,name\n01,one\nx,two\n");
    assertThat(run("numbered").get(1).message())
        .contains("JOIN cannot compare 'id' (long) with 'code' of clean.z_texts (string)");
  }

  @Test
  void circlesAndUnknownTablesAreFoundBeforeAnythingRuns(@TempDir Path other) throws IOException {
    Files.createDirectories(other.resolve("tables"));
    Files.writeString(other.resolve("lake.yaml"), "name: circles\nprefix: circles\n");
    for (String[] join : new String[][] {{"a", "b"}, {"b", "a"}, {"c", "c"}, {"d", "nowhere"}}) {
      Files.writeString(
          other.resolve("tables/" + join[0] + ".yaml"), "from: x\n" + JOIN.formatted(join[1], "k"));
    }
    assertThat(Wiring.validate(other, null).findings())
        .extracting(Finding::file, Finding::message)
        .containsExactly(
            tuple("tables/a.yaml", circle("clean.a joins clean.b joins clean.a")),
            tuple("tables/b.yaml", circle("clean.b joins clean.a joins clean.b")),
            tuple("tables/c.yaml", circle("clean.c joins clean.c")),
            tuple(
                "tables/d.yaml",
                "the recipe joins with the table clean.nowhere, which this lake does not define"));
  }

  private static String circle(String path) {
    return "recipes join in a circle: "
        + path
        + ": what a table has would depend on which is loaded first";
  }

  private void table(String name, String more) throws IOException {
    Files.writeString(
        folder.resolve("tables").resolve(name + ".yaml"),
        "table: clean." + name + "\nfrom: " + name + "\n" + more);
  }

  private void land(String source, String text) {
    lake.land(
        new Upload(
            new SourceName(source),
            "",
            source + "-" + text.hashCode() + ".csv",
            new ByteArrayInputStream(text.getBytes(UTF_8))));
  }

  private List<TableRun> run(String table) {
    return lake.run(new RunRequest(List.of(table)), ExampleLake.work()).tables();
  }

  private List<String> rows(String sql) {
    List<String> rows = new ArrayList<>();
    lake.query(
        new QueryRequest(sql, 0, 0),
        new RowSink() {
          @Override
          public void columns(List<Column> columns) {}

          @Override
          public void rows(byte[] json, int count) {
            try {
              new com.fasterxml.jackson.databind.ObjectMapper()
                  .readTree(json)
                  .forEach(row -> rows.add(row.toString()));
            } catch (IOException e) {
              throw new java.io.UncheckedIOException(e);
            }
          }
        },
        ExampleLake.work());
    return rows;
  }
}
