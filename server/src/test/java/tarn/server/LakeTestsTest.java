package tarn.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tarn.api.TestResult;
import tarn.core.lake.LakeFolder;
import tarn.core.lake.Problem;
import tarn.core.lake.Problems;
import tarn.core.lake.TestReader;

class LakeTestsTest {
  @TempDir private Path folder;

  private static List<TestResult> run(Path lake, String part) {
    Lake read = Wiring.read(lake, null);
    return new LakeTests(read.definition(), Wiring::open).run(Wiring.tests(read), part).tests();
  }

  private void write(String file, String text) throws IOException {
    Path path = folder.resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, text);
  }

  @Test
  void theExamplesTestsPass() {
    assertThat(run(Path.of("../examples/ecommerce"), ""))
        .hasSizeGreaterThan(2)
        .allSatisfy(test -> assertThat(test.differences()).isEmpty());
  }

  @Test
  void whatIsNotAsExpectedIsNamedAndTheLakeIsNotTouched() throws IOException {
    write(
        "lake.yaml",
        "name: tested\ndatabase:\n  kind: postgresql\n  url: jdbc:postgresql://nowhere:1/x\nstorage: {kind: s3, region: nowhere}\n");
    write("tables/things.yaml", "from: things\nquality:\n  - IsComplete \"name\"\n");
    write("models/counted.sql", "SELECT count(*) AS n FROM clean.things");
    write(
        "tests/things.yaml",
        """
        - name: wrong
          given:
            raw.things:
              - {id: 1, name: a}
              - {id: 2, name: null}
          expect:
            clean.things:
              - {id: 2}
            quarantine.things: 3
            analytics.counted:
              - {n: 1}
        - name: right
          given:
            clean.things:
              - {id: 1, name: a, at: 2026-01-01 10:00:00, tags: [x, 1.50], empty: null}
          expect:
            analytics.counted: [{n: 1.0}]
            clean.things:
              - {name: "a", at: 2026-01-01 10:00:00, empty: ~}
        - name: no table
          given:
            raw.other: [{id: 1}]
          expect:
            clean.things: []
        """);
    List<TestResult> results = run(folder, "");
    assertThat(results)
        .extracting(TestResult::outcome)
        .containsExactly("failed", "passed", "failed");
    assertThat(results.get(0).differences())
        .containsExactly(
            "clean.things (line 7): there is no row {id: 2}",
            "clean.things (line 7): nobody expected {\"id\":1,\"name\":\"a\"}",
            "quarantine.things (line 9): has 1 rows, expected 3");
    assertThat(results.get(2).differences()).singleElement().asString().contains("raw.things");
    assertThat(run(folder, "rig")).hasSize(1);
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files.map(f -> f.getFileName().toString()))
          .containsExactlyInAnyOrder("lake.yaml", "tables", "models", "tests");
    }
  }

  @Test
  void whatCannotBeReadIsToldWithItsPlace() throws IOException {
    write("lake.yaml", "name: tested\n");
    write("tables/things.yaml", "from: things\n");
    write(
        "tests/bad.yaml",
        """
        - name: a
          gven: {}
          expect:
            clean.thing: []
        - given:
            things: [{id: 1}]
            clean.things: []
            raw.things: [1]
          expect:
            quarantine.things: many
        """);
    Problems problems = new Problems();
    TestReader.read(folder, LakeFolder.load(folder), problems);
    assertThat(problems.sorted())
        .extracting(Problem::toString)
        .containsExactly(
            "tests/bad.yaml:1:3: 'given' is missing: tables with their rows, like clean.orders: [{order_id: 1}]",
            "tests/bad.yaml:2:3: unknown key 'gven'; did you mean 'given'?",
            "tests/bad.yaml:4:5: the lake folder defines no table clean.thing; did you mean 'clean.things'?",
            "tests/bad.yaml:5:3: a test needs a name: what it claims",
            "tests/bad.yaml:6:5: 'things' stands here: a table's full name is expected, like raw.orders or clean.orders",
            "tests/bad.yaml:7:19: a list stands here: give at least one row: a table without rows has no columns",
            "tests/bad.yaml:8:18: '1' stands here: a row is a mapping: {column: value, …}",
            "tests/bad.yaml:10:24: 'many' stands here: a list of rows is expected, or a file's text as a block (|)");
    assertThat(Wiring.validate(folder, null).findings()).hasSize(8);
  }
}
