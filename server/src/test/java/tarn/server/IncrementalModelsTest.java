package tarn.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tarn.api.Column;
import tarn.api.Commit;
import tarn.api.Finding;
import tarn.api.MaintainRequest;
import tarn.api.QueryRequest;
import tarn.api.RunRequest;
import tarn.api.TableRun;
import tarn.core.errors.TarnException;
import tarn.core.ledger.SourceName;
import tarn.core.table.TableName;

/** A model that is refreshed incrementally has the rows that it would have if it were made anew. */
class IncrementalModelsTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String QUERY = "SELECT *, n * 2 AS twice FROM clean.%s WHERE n > 1\n";

  @TempDir private Path folder;
  private Operations lake = new MemoryOperations();
  private int files;

  @BeforeEach
  void open() throws IOException {
    write("lake.yaml", "name: incremental\n");
    write("tables/added.yaml", "from: added\ncolumns: {id: long, n: long}\n");
    write("tables/merged.yaml", "from: merged\ncolumns: {id: long, n: long}\nkey: [id]\n");
    for (String table : List.of("added", "merged")) {
      String sql = String.format(QUERY, table);
      write("models/" + table + "_full.sql", sql);
      write("models/" + table + "_new.sql", "---\nrefresh: incremental\n---\n" + sql);
    }
    write(
        "models/chain.sql",
        "---\nrefresh: incremental\n---\nSELECT id, unnest([n, twice]) AS v FROM analytics.added_new");
    write("models/total.sql", "SELECT count(*) AS n FROM clean.added");
    lake = Wiring.open(Wiring.read(folder, null));
  }

  @AfterEach
  void close() {
    lake.close();
  }

  @Test
  void onlyRowsThatCameAreRead() {
    land("added", "id,n\n1,1\n2,2\n");
    assertThat(run("added_new").message()).isEqualTo("made anew: it is new");
    land("added", "id,n\n3,3\n4,1\n");
    TableRun second = run("added_new");
    assertThat(second.message()).isEqualTo("incremental: 2 rows came to clean.added");
    assertThat(second.rowsWritten()).isEqualTo(1);
    assertThat(rows("analytics.added_new")).containsExactly("[2,2,4]", "[3,3,6]");
    assertThat(history("added_new").get(0).rowsAdded()).isEqualTo(1);
    assertThat(history("added_new").get(0).rowsDeleted()).isZero();
    assertThat(run("added_new").outcome()).isEqualTo("unchanged");
    assertThat(run("chain").message()).isEqualTo("made anew: it is new");
    land("added", "id,n\n5,5\n");
    assertThat(run("chain").message()).isEqualTo("incremental: 1 rows came to analytics.added_new");
    assertThat(rows("analytics.chain")).contains("[5,5]", "[5,10]").hasSize(6);
  }

  @Test
  void whatOnlyAddsRowsToATableWithAKeyIsReadAloneAndWhatReplacesThemMakesTheModelAnew() {
    land("merged", "id,n\n1,10\n2,20\n");
    run("merged_new");
    land("merged", "id,n\n3,30\n");
    assertThat(run("merged_new").message()).startsWith("incremental: 1 rows");
    land("merged", "id,n\n3,33\n");
    assertThat(run("merged_new").message())
        .isEqualTo("made anew: rows of clean.merged were replaced or removed");
    assertThat(rows("analytics.merged_new")).containsExactly("[1,10,20]", "[2,20,40]", "[3,33,66]");
  }

  @Test
  void compactionMakesNoModelStale() {
    land("added", "id,n\n1,1\n2,2\n");
    run("added_new");
    land("added", "id,n\n3,3\n");
    run("added_new");
    run("total");
    assertThat(compact()).isTrue();
    assertThat(run("added_new").outcome()).isEqualTo("unchanged");
    assertThat(run("total").outcome()).isEqualTo("unchanged");
    land("added", "id,n\n4,4\n");
    assertThat(run("added_new").message()).startsWith("incremental: 1 rows");
    assertThat(run("total").outcome()).isEqualTo("written");
    assertThat(rows("analytics.total")).containsExactly("[4]");
  }

  @Test
  void aChangedTextOrColumnOrAnUndoMakesItAnew() throws IOException {
    land("added", "id,n\n1,1\n2,2\n");
    run("added_new");
    write(
        "models/added_new.sql",
        "---\nrefresh: incremental\n---\nSELECT id, n AS v FROM clean.added WHERE n > 0");
    assertThat(run("added_new").message()).isEqualTo("made anew: its SQL has changed");
    assertThat(rows("analytics.added_new")).containsExactly("[1,1]", "[2,2]");
    assertThat(history("added_new").get(0).operation()).isEqualTo("model");
    assertThat(history("added_new").get(1).operation()).isEqualTo("model");
    land("added", "id,n,more\n3,3,x\n");
    assertThat(run("added_new").message())
        .isEqualTo("made anew: the columns of clean.added changed");
    lake.undo(name("clean.added"));
    lake.undo(name("analytics.added_new"));
    assertThat(run("added_new").message()).isEqualTo("made anew: it is not known what it has read");
    assertThat(rows("analytics.added_new")).hasSize(3);
  }

  @Test
  void anyOrderOfLoadsUndosAndCompactionsGivesTheSameTables() {
    Random random = new Random(Integer.getInteger("tarn.seed", 1));
    land("added", drawn(random));
    land("merged", drawn(random));
    for (int step = 0; step < Integer.getInteger("tarn.steps", 12); step++) {
      String table = random.nextBoolean() ? "added" : "merged";
      switch (random.nextInt(8)) {
        case 0, 1, 2, 3 -> land(table, drawn(random));
        case 4 -> compact();
        case 5 -> undo("clean." + table);
        case 6 -> undo("analytics." + table + "_new");
        default -> run(table + "_new");
      }
      if (random.nextInt(3) == 0) {
        compare("step " + step);
      }
    }
    compare("the end");
  }

  private static String drawn(Random random) {
    StringBuilder text = new StringBuilder("id,n\n");
    for (int i = 0; i < 1 + random.nextInt(3); i++) {
      text.append(random.nextInt(30) + "," + random.nextInt(5) + "\n");
    }
    return text.toString();
  }

  private void compare(String as) {
    assertThat(lake.run(new RunRequest(List.of()), ExampleLake.work()).tables())
        .allSatisfy(run -> assertThat(run.outcome()).isIn("written", "unchanged"));
    for (String table : List.of("added", "merged")) {
      assertThat(rows("analytics." + table + "_new"))
          .as("%s %s", as, table)
          .isEqualTo(rows("analytics." + table + "_full"));
    }
  }

  @Test
  void whatDoesNotGoRowByRowIsRefusedWithItsPlace() throws IOException {
    for (String table : List.of("added", "merged")) {
      Files.delete(folder.resolve("models/" + table + "_full.sql"));
      Files.delete(folder.resolve("models/" + table + "_new.sql"));
    }
    Files.delete(folder.resolve("models/chain.sql"));
    Files.delete(folder.resolve("models/total.sql"));
    incremental("m1", "SELECT n, count(*)\nFROM clean.added GROUP BY n");
    incremental("m2", "SELECT a.id FROM clean.added a JOIN clean.merged USING (id)");
    incremental("m3", "SELECT id,\n  sum(n) OVER (ORDER BY id) AS s FROM clean.added");
    incremental("m4", "SELECT id FROM clean.added\nLIMIT 3");
    incremental("m5", "SELECT list(n) AS l FROM clean.added");
    incremental("m6", "SELECT DISTINCT n FROM clean.added");
    incremental("m7", "SELECT id FROM clean.added WHERE n = (SELECT 3)");
    incremental("m8", "SELECT id FROM clean.added UNION ALL SELECT id FROM clean.merged");
    incremental("m9", "SELECT id FROM raw.added");
    incremental("ok", "SELECT id, upper(CAST(n AS VARCHAR)) AS u FROM clean.added WHERE n > 3");
    Map<String, String> found =
        Wiring.validate(folder, null).findings().stream()
            .collect(
                Collectors.toMap(
                    f -> f.file() + ":" + f.line() + ":" + f.column(), Finding::message));
    assertThat(found.keySet())
        .containsExactlyInAnyOrder(
            "models/m1.sql:5:27",
            "models/m2.sql:4:32",
            "models/m3.sql:5:3",
            "models/m4.sql:5:7",
            "models/m5.sql:4:8",
            "models/m6.sql:4:1",
            "models/m7.sql:4:38",
            "models/m8.sql:4:1",
            "models/m9.sql:4:1");
    assertThat(found.get("models/m1.sql:5:27"))
        .contains("analytics.m1 cannot be refreshed incrementally, because it has GROUP BY")
        .contains("refresh: full");
  }

  private void incremental(String name, String sql) throws IOException {
    write("models/" + name + ".sql", "---\nrefresh: incremental\n---\n" + sql);
  }

  // ---- quality ----

  @Test
  void aRuleThatIsNotMetLeavesTheTableAsItWas() throws IOException {
    judged("fail", "RowCount < 4", "ColumnValues \"n\" > 0");
    land("added", "id,n\n1,1\n2,2\n");
    assertThat(run("judged").outcome()).isEqualTo("written");
    land("added", "id,n\n3,0\n4,0\n");
    TableRun refused = run("judged");
    assertThat(refused.outcome()).isEqualTo("failed");
    assertThat(refused.message())
        .contains("the rule 'RowCount < 4' is not met: RowCount 4")
        .contains("the rule 'ColumnValues \"n\" > 0' is not met: rows that fail 2")
        .contains("the table is as it was");
    run("judged");
    assertThat(rows("analytics.judged")).containsExactly("[1,1]", "[2,2]");
    assertThat(history("judged")).filteredOn(c -> c.operation().equals("model-refused")).hasSize(1);
    assertThat(outcomes("judged"))
        .containsExactly(
            "failed RowCount < 4: RowCount 4",
            "failed ColumnValues \"n\" > 0: rows that fail 2",
            "passed RowCount < 4: RowCount 2",
            "passed ColumnValues \"n\" > 0: rows that fail 0");
    judged("warn", "RowCount < 4");
    TableRun warned = run("judged");
    assertThat(warned.outcome()).isEqualTo("written");
    assertThat(warned.message()).contains("the rule 'RowCount < 4' is not met: RowCount 4");
    assertThat(rows("analytics.judged")).hasSize(4);
  }

  /** A new column that the refused rows would have is not there either. */
  @Test
  void aRefusedChangeOfColumnsChangesNone() throws IOException {
    judged("fail", "RowCount < 3");
    land("added", "id,n\n1,1\n2,2\n");
    run("judged");
    write(
        "models/judged.sql",
        "---\nquality: ['RowCount < 1', 'IsUnique \"id\"']\n---\nSELECT id, 'x' AS n, 1 AS more FROM clean.added");
    assertThat(run("judged").message()).contains("RowCount 2").doesNotContain("IsUnique");
    assertThat(rows("analytics.judged")).containsExactly("[1,1]", "[2,2]");
  }

  @Test
  void anIncrementalModelIsJudgedWithTheRowsThatItHas() throws IOException {
    write(
        "models/judged.sql",
        "---\nrefresh: incremental\nquality: ['IsUnique \"id\"', 'ReferentialIntegrity \"id\" \"clean.added.id\" = 1.0']\n---\nSELECT id, n FROM clean.added");
    land("added", "id,n\n1,1\n2,2\n");
    assertThat(run("judged").outcome()).isEqualTo("written");
    land("added", "id,n\n2,1\n3,1\n");
    assertThat(run("judged").message())
        .contains("the rule 'IsUnique \"id\"' is not met: rows that fail 1");
    assertThat(rows("analytics.judged")).hasSize(2);
  }

  @Test
  void rulesAreCheckedBeforeAnythingRuns() throws IOException {
    write(
        "models/judged.sql",
        "---\nquality:\n  - IsComplet \"id\"\n  - RowCountMatch \"clean.nothing\" > 0.5\n---\nSELECT id FROM clean.added");
    assertThat(Wiring.validate(folder, null).findings())
        .extracting(f -> f.file() + ":" + f.line() + ":" + f.column())
        .containsExactlyInAnyOrder("models/judged.sql:3:5", "models/judged.sql:3:3");
  }

  private void judged(String onFailure, String... rules) throws IOException {
    StringBuilder text = new StringBuilder("---\non_failure: " + onFailure + "\nquality:\n");
    List.of(rules).forEach(rule -> text.append("  - " + rule + "\n"));
    write("models/judged.sql", text + "---\nSELECT id, n FROM clean.added\n");
  }

  private List<String> outcomes(String model) {
    return lake.quality(name("analytics." + model), 2).results().stream()
        .map(r -> r.outcome() + " " + r.rule() + ": " + r.seen())
        .toList();
  }

  // ---- description ----

  @Test
  void aChangedDescriptionReachesTheTableAndIsNoCommitToUndo() throws IOException {
    land("added", "id,n\n1,1\n");
    run("total");
    land("added", "id,n\n2,1\n");
    run("total");
    write(
        "models/total.sql",
        "---\ndescription: How many there are\nowner: ann\n---\nSELECT count(*) AS n FROM clean.added");
    assertThat(run("total").outcome()).isEqualTo("unchanged");
    assertThat(lake.tables().tables())
        .filteredOn(t -> t.name().equals("analytics.total"))
        .extracting(t -> t.description())
        .containsExactly("How many there are");
    int commits = history("total").size();
    run("total");
    assertThat(history("total")).hasSize(commits);
    lake.undo(name("analytics.total"));
    assertThat(rows("analytics.total")).containsExactly("[1]");
  }

  // ---- the lake ----

  private void write(String file, String text) throws IOException {
    Path path = folder.resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, text);
  }

  private void land(String source, String text) {
    lake.land(
        new Upload(
            new SourceName(source),
            "",
            source + files++ + ".csv",
            new ByteArrayInputStream(text.getBytes(UTF_8))));
  }

  private TableRun run(String model) {
    List<TableRun> runs =
        lake.run(new RunRequest(List.of("analytics." + model)), ExampleLake.work()).tables();
    return runs.stream()
        .filter(r -> r.table().equals("analytics." + model))
        .findFirst()
        .orElseThrow();
  }

  /** Whether there was something to compact. */
  private boolean compact() {
    return lake
        .maintain(new MaintainRequest(List.of("clean.added"), false), ExampleLake.work())
        .tables()
        .stream()
        .anyMatch(t -> t.filesAfter() < t.filesBefore());
  }

  private void undo(String table) {
    try {
      lake.undo(name(table));
    } catch (TarnException e) {
      assertThat(e.line()).containsAnyOf("no commit", "there is no table");
    }
  }

  private List<Commit> history(String model) {
    return lake.history(name("analytics." + model)).commits();
  }

  private static TableName name(String table) {
    return TableName.parse(table);
  }

  private List<String> rows(String table) {
    List<String> rows = new ArrayList<>();
    lake.query(
        new QueryRequest("FROM " + table + " ORDER BY ALL", 0, 0),
        new RowSink() {
          @Override
          public void columns(List<Column> columns) {}

          @Override
          public void rows(byte[] json, int count) {
            try {
              JSON.readTree(json).forEach(row -> rows.add(row.toString()));
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          }
        },
        ExampleLake.work());
    return rows;
  }
}
