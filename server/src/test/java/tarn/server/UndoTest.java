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
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tarn.api.Column;
import tarn.api.QueryRequest;
import tarn.api.RunRequest;
import tarn.api.UndoAnswer;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.ledger.SourceName;
import tarn.core.table.TableName;

/** One commit after the other is taken back, and done again by the next run. */
class UndoTest {
  private static final TableName THINGS = new TableName("clean", "things");

  @TempDir private Path folder;
  private Operations lake = new MemoryOperations();

  @BeforeEach
  void open() throws IOException {
    write("lake.yaml", "name: undone\n");
    write(
        "tables/things.yaml",
        "from: things\ncolumns: {id: long}\nkey: [id]\nquality:\n  - IsComplete \"name\"\n");
    write("models/counted.sql", "SELECT count(*) AS n FROM clean.things");
    lake = Wiring.open(Wiring.read(folder, null));
  }

  @AfterEach
  void close() {
    lake.close();
  }

  private void write(String file, String text) throws IOException {
    Path path = folder.resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, text);
  }

  private void land(String text) {
    lake.land(
        new Upload(
            new SourceName("things"), "", "t.csv", new ByteArrayInputStream(text.getBytes(UTF_8))));
    lake.run(new RunRequest(List.of()), ExampleLake.work());
  }

  private String rows(String sql) {
    List<String> rows = new ArrayList<>();
    lake.query(
        new QueryRequest(sql, 0, 0),
        new RowSink() {
          @Override
          public void columns(List<Column> columns) {}

          @Override
          public void rows(byte[] json, int count) {
            rows.add(new String(json, UTF_8).replaceAll("\\s", ""));
          }
        },
        ExampleLake.work());
    return String.join("", rows);
  }

  private String things() {
    return rows("SELECT id, name FROM clean.things ORDER BY id");
  }

  private long aside() {
    return lake.quarantine(THINGS, 100).counts().stream().mapToLong(c -> c.rows()).sum();
  }

  private void nothingIsLeftToUndo(TableName table) {
    assertThatThrownBy(() -> lake.undo(table))
        .isInstanceOfSatisfying(
            TarnException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.BAD_REQUEST));
  }

  @Test
  void loadsAndWhatTheyPutAsideAreTakenBackOneByOne() {
    land("id,name\n1,a\n2,b\n3,\n");
    land("id,name\n2,B\n4,\n");
    land("id,name\n5,e\n");
    assertThat(things()).isEqualTo("[[1,\"a\"],[2,\"B\"],[5,\"e\"]]");
    assertThat(aside()).isEqualTo(2);
    UndoAnswer last = lake.undo(THINGS);
    assertThat(last.operation()).isEqualTo("load");
    assertThat(last.seq()).isEqualTo(2L);
    assertThat(things()).isEqualTo("[[1,\"a\"],[2,\"B\"]]");
    assertThat(aside()).isEqualTo(2);
    assertThat(
            rows("SELECT id FROM clean.things AT (VERSION => " + last.undone() + ") WHERE id = 5"))
        .isEqualTo("[[5]]");
    lake.undo(THINGS);
    assertThat(things()).isEqualTo("[[1,\"a\"],[2,\"b\"]]");
    assertThat(aside()).isEqualTo(1);
    assertThat(lake.undo(THINGS).snapshot()).isNull();
    assertThat(things()).isEmpty();
    assertThat(aside()).isZero();
    nothingIsLeftToUndo(THINGS);
    lake.run(new RunRequest(List.of()), ExampleLake.work());
    assertThat(things()).isEqualTo("[[1,\"a\"],[2,\"B\"],[5,\"e\"]]");
    assertThat(aside()).isEqualTo(2);
    assertThat(rows("SELECT n FROM analytics.counted")).isEqualTo("[[3]]");
  }

  @Test
  void aModelFollowsAndIsMadeAnewWhenItsOwnCommitIsTakenBack() {
    land("id,name\n1,a\n");
    land("id,name\n2,b\n");
    TableName counted = new TableName("analytics", "counted");
    lake.undo(THINGS);
    lake.undo(counted);
    assertThat(rows("SELECT n FROM analytics.counted")).isEqualTo("[[1]]");
    lake.run(new RunRequest(List.of("counted")), ExampleLake.work());
    assertThat(rows("SELECT n FROM analytics.counted")).isEqualTo("[[2]]");
  }

  /** Its rows would be nowhere. */
  @Test
  void aQuarantineIsNotTakenBackAlone() {
    land("id,name\n1,a\n3,\n");
    nothingIsLeftToUndo(new TableName("quarantine", "things"));
    assertThat(aside()).isEqualTo(1);
  }

  @Test
  void aTableThatIsNotThereIsNamed() {
    assertThatThrownBy(() -> lake.undo(new TableName("clean", "nothing")))
        .hasMessageContaining("there is no table clean.nothing");
  }
}
