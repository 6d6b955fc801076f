package tarn.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
import tarn.api.Commit;
import tarn.api.QualityResult;
import tarn.api.QuarantineCount;
import tarn.api.QueryRequest;
import tarn.api.RunRequest;
import tarn.api.TableRun;
import tarn.core.errors.TarnException;
import tarn.core.ledger.SourceName;
import tarn.core.table.TableName;

/** Rules for a whole table hold up a load, or warn; rules for rows do not. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class QualityGateTest {
  private Path folder = Path.of("");
  private Operations lake = new MemoryOperations();

  @BeforeAll
  void open(@TempDir Path temp) throws IOException {
    folder = temp;
    Files.createDirectories(folder.resolve("tables"));
    Files.writeString(folder.resolve("lake.yaml"), "name: gates\nprefix: gates\n");
    lake = Wiring.open(Wiring.read(folder, null));
  }

  @AfterAll
  void close() {
    lake.close();
  }

  @Test
  void aRuleThatIsNotMetHoldsUpTheLoadUntilWhatLandsLaterMeetsIt() throws IOException {
    table("held", "quality: |\n  Rules = [ ColumnValues \"n\" > 0, RowCount > 2 ]\n");
    land("held", "id,n\n1,5\n2,-1\n3,6\n");

    TableRun refused = run("held");
    assertThat(refused.outcome()).isEqualTo("failed");
    assertThat(refused.message())
        .contains("the rule 'RowCount > 2' is not met: RowCount 2")
        .contains("ledger entries 1 to ");
    assertThat(rows("SELECT * FROM clean.held")).isEmpty();
    assertThat(quarantined("held")).isEmpty();
    assertThat(lake.describe(name("held")).properties()).doesNotContainKey("tarn.ledger-seq");
    assertThat(outcomes("held", 5))
        .containsExactly(
            "row quarantined ColumnValues \"n\" > 0: rows that fail 1",
            "table failed RowCount > 2: RowCount 2");

    List<Commit> history = lake.history(name("held")).commits();
    assertThat(history.get(0).summary()).contains("nothing committed");
    assertThat(run("held").outcome()).isEqualTo("failed");
    assertThat(lake.history(name("held")).commits()).as("told once").isEqualTo(history);

    table("held", "quality: ['ColumnValues \"n\" > 0', RowCount > 2, Sum \"n\" > 0]\n");
    assertThat(run("held").outcome()).isEqualTo("failed");
    assertThat(lake.history(name("held")).commits()).as("other rules").hasSize(history.size() + 1);

    land("held", "id,n\n4,7\n");
    TableRun passed = run("held");
    assertThat(passed.outcome()).isEqualTo("written");
    assertThat(passed.rowsRead()).isEqualTo(4);
    assertThat(rows("SELECT id FROM clean.held ORDER BY 1")).containsExactly("[1]", "[3]", "[4]");
    assertThat(quarantined("held"))
        .extracting(QuarantineCount::rule)
        .containsExactly("ColumnValues \"n\" > 0");
    assertThat(outcomes("held", 1))
        .containsExactly(
            "row quarantined ColumnValues \"n\" > 0: rows that fail 1",
            "table passed RowCount > 2: RowCount 3",
            "table passed Sum \"n\" > 0: Sum 18");
    assertThat(outcomes("held", 5)).hasSize(8);
  }

  @Test
  void aWarningCommitsAllTheSame() throws IOException {
    table("warned", "quality: [Completeness \"n\" > 0.5]\non_failure: warn\n");
    land("warned", "id,n\n1,\n2,\n");
    TableRun run = run("warned");
    assertThat(run.outcome()).isEqualTo("written");
    assertThat(run.message())
        .isEqualTo("the rule 'Completeness \"n\" > 0.5' is not met: Completeness 0");
    assertThat(rows("SELECT id FROM clean.warned")).hasSize(2);
    assertThat(outcomes("warned", 1))
        .containsExactly("table warned Completeness \"n\" > 0.5: Completeness 0");
  }

  @Test
  void theWholeTableIsJudgedAndNotTheBatch() throws IOException {
    table("whole", "key: [id]\nquality: [Mean \"n\" between 1 and 10, RowCount < 4]\n");
    land("whole", "id,n\n1,2\n2,4\n");
    assertThat(run("whole").outcome()).isEqualTo("written");
    land("whole", "id,n\n2,6\n3,100\n");
    assertThat(run("whole").message()).contains("Mean 36");
    land("whole", "id,n\n3,1\n");
    assertThat(run("whole").outcome()).isEqualTo("written");
    assertThat(rows("SELECT id, n FROM clean.whole ORDER BY 1"))
        .containsExactly("[1,2]", "[2,6]", "[3,1]");
    assertThat(outcomes("whole", 1))
        .contains(
            "table passed RowCount < 4: RowCount 3",
            "table passed Mean \"n\" between 1 and 10: Mean 3");
  }

  @Test
  void aTableIsLoadedAfterThoseThatItsRulesCompareWith() throws IOException {
    table(
        "a_orders",
        "quality: ['ReferentialIntegrity \"customer\" \"clean.z_customers.id\" = 1.0', 'RowCountMatch \"clean.z_customers\" > 0.4']\n");
    table("z_customers", "");
    land("a_orders", "id,customer\n1,7\n");
    land("z_customers", "id\n7\n8\n");
    assertThat(
            lake.run(new RunRequest(List.of("a_orders", "z_customers")), ExampleLake.work())
                .tables())
        .extracting(TableRun::table, TableRun::outcome)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple("clean.z_customers", "written"),
            org.assertj.core.groups.Tuple.tuple("clean.a_orders", "written"));
    land("a_orders", "id,customer\n2,9\n");
    assertThat(run("a_orders").message()).contains("ReferentialIntegrity 0.5");
  }

  /** As in Glue's documentation: keys and amounts that are called otherwise in the other table. */
  @Test
  void aTableIsMatchedWithAnotherAsItWouldBeAfterTheCommit() throws IOException {
    String rule =
        "DatasetMatch \"z_reference\" \"ID_1->ID_ref1,ID_2->ID_ref2\" \"Amount1->Amount2\" >= 0.9";
    table("a_primary", "quality: ['" + rule + "']\n");
    table("z_reference", "key: [ID_ref1, ID_ref2]\n");
    land("a_primary", "ID_1,ID_2,Amount1\n1,a,10.5\n1,b,20\n");
    land("z_reference", "ID_ref1,ID_ref2,Amount2\n1,a,10.50\n1,b,21\n2,a,3\n");
    List<TableRun> runs =
        lake.run(new RunRequest(List.of("a_primary", "z_reference")), ExampleLake.work()).tables();
    assertThat(runs).extracting(TableRun::table).first().isEqualTo("clean.z_reference");
    assertThat(runs.get(1).message())
        .contains("the rule '" + rule + "' is not met: DatasetMatch 0.5");

    land("z_reference", "ID_ref1,ID_ref2,Amount2\n1,b,20.0\n");
    assertThat(run("z_reference").outcome()).isEqualTo("written");
    assertThat(run("a_primary").outcome()).isEqualTo("written");
    assertThat(outcomes("a_primary", 1))
        .containsExactly("table passed " + rule + ": DatasetMatch 1");

    land("a_primary", "ID_1,ID_2,Amount1\n1,b,20\n");
    assertThat(run("a_primary").message()).contains("a key is null or comes twice");
    assertThat(rows("SELECT * FROM clean.a_primary")).hasSize(2);
  }

  @Test
  void aQueryIsARuleBehindTheSameWalls() throws IOException {
    table(
        "asked",
        "quality: ['CustomSql \"select count(*) from primary p join clean.asked a on p.id = a.id\" between 1 and 4', 'CustomSql \"select id from primary where n > 0\"']\n");
    land("asked", "id,n\n1,5\n2,-1\n3,6\n");
    assertThat(run("asked").outcome()).isEqualTo("written");
    assertThat(rows("SELECT id FROM clean.asked ORDER BY 1")).containsExactly("[1]", "[3]");
    assertThat(outcomes("asked", 1))
        .containsExactly(
            "row quarantined CustomSql \"select id from primary where n > 0\": rows that fail 1",
            "table passed CustomSql \"select count(*) from primary p join clean.asked a on p.id = a.id\" between 1 and 4: CustomSql 2");
    land("asked", "id,n\n4,5\n5,1\n");
    assertThat(run("asked").message()).contains("CustomSql 4");
    for (String refused :
        List.of(
            "select count(*) from read_csv('/etc/hosts')",
            "select count(*) from quarantine.asked",
            "select random()",
            "copy clean.asked to '/tmp/x'",
            "select count(*) from nothing")) {
      table("asked", "quality: ['CustomSql \"" + refused.replace("'", "''") + "\" > 0']\n");
      TableRun run = run("asked");
      assertThat(run.outcome()).as(refused).isEqualTo("failed");
      assertThat(run.message()).as(refused).contains("asked.yaml:3:");
    }
    table("asked", "quality: ['CustomSql \"select sum(missing) from primary\" > 0']\n");
    assertThat(run("asked").message()).contains("missing");
    assertThat(rows("SELECT id FROM clean.asked")).hasSize(2);
  }

  @Test
  void aTableMayPointIntoItself() throws IOException {
    table("tree", "quality: ['ReferentialIntegrity \"parent\" \"clean.tree.id\" = 1.0']\n");
    land("tree", "id,parent\n1,1\n2,1\n3,4\n");
    assertThat(run("tree").message()).contains("ReferentialIntegrity 0.666");
    land("tree", "id,parent\n4,3\n");
    assertThat(run("tree").outcome()).isEqualTo("written");
  }

  @Test
  void everySplitIntoBatchesEndsWithTheSameTable() throws IOException {
    List<String> truth = null;
    for (int split = 0; split < 8; split++) {
      String table = "split" + split;
      table(
          table,
          "quality: ['IsUnique \"n\" where \"n > 0\"', '(IsComplete \"id\") or (ColumnValues \"n\" = 3)', RowCount > 1]\n");
      String[] files = {"id,n\n1,0\n2,0\n", "id,n\n3,4\n", "id,n\n4,4\n,3\n", "id,n\n,5\n5,1\n"};
      for (int i = 0; i < files.length; i++) {
        land(table, files[i]);
        if ((split >> i & 1) == 1) {
          run(table);
        }
      }
      run(table);
      List<String> rows = rows("SELECT id, n FROM clean." + table + " ORDER BY ALL");
      truth = truth == null ? rows : truth;
      assertThat(rows).isEqualTo(truth).hasSize(5);
      assertThat(quarantined(table).stream().mapToLong(QuarantineCount::rows).sum()).isEqualTo(2);
    }
  }

  @Test
  void aConstantThatNeverFitsItsColumnIsAMistakeInTheRuleAndQuarantinesNothing()
      throws IOException {
    table("typed", "quality: ['ColumnValues \"n\" in [1, \"two\"]']\n");
    land("typed", "id,n\n1,5\n");
    assertThat(run("typed").message())
        .contains("typed.yaml:3:12: the column 'n' is of type long, and \"two\" is no such value");
    table("typed", "quality: ['IsComplete \"n\" where \"id > 0\"']\n");
    assertThat(run("typed").outcome()).isEqualTo("written");
  }

  @Test
  void onlyDefinedTablesHaveRules() {
    assertThatThrownBy(() -> lake.quality(name("nothing"), 1))
        .isInstanceOf(TarnException.class)
        .hasMessageContaining("clean.nothing");
  }

  // ---- the lake ----

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

  private TableRun run(String table) {
    return lake.run(new RunRequest(List.of(table)), ExampleLake.work()).tables().get(0);
  }

  private List<QuarantineCount> quarantined(String table) {
    return lake.quarantine(name(table), 10).counts();
  }

  private List<String> outcomes(String table, int loads) {
    return lake.quality(name(table), loads).results().stream().map(QualityGateTest::line).toList();
  }

  private static String line(QualityResult r) {
    return r.level() + " " + r.outcome() + " " + r.rule() + ": " + r.seen();
  }

  private static TableName name(String table) {
    return new TableName("clean", table);
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
