package tarn.server;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import tarn.api.Column;
import tarn.api.QueryRequest;
import tarn.api.RunRequest;
import tarn.api.TableRun;
import tarn.api.TestAnswer;
import tarn.api.TestResult;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.lake.LakeDefinition;
import tarn.core.lake.LakeTest;
import tarn.core.ledger.SourceName;

/**
 * Runs the tests of a lake folder, each in a lake of its own below the system's temporary folder:
 * given rows land and are crawled, recipes and models run as they always do, and what they made is
 * compared. The lake itself is not touched.
 */
final class LakeTests {
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS);
  private static final int MOST_SHOWN = 5;

  private final LakeDefinition lake;
  private final Function<Lake, Operations> open;

  /** {@code open} opens a lake. */
  LakeTests(LakeDefinition lake, Function<Lake, Operations> open) {
    this.lake = lake;
    this.open = open;
  }

  /** Runs those whose name has a part; all for an empty one. */
  TestAnswer run(List<LakeTest> tests, String part) {
    try (TemporaryFolder engine = TemporaryFolder.make("tarn-test-engine-")) {
      return run(tests, part, engine.path());
    }
  }

  private TestAnswer run(List<LakeTest> tests, String part, Path engine) {
    List<TestResult> results = new ArrayList<>();
    for (LakeTest test : tests) {
      if (test.name().contains(part)) {
        long started = System.nanoTime();
        List<String> differences = differences(test, engine);
        results.add(
            new TestResult(
                test.name(),
                test.place().file(),
                test.place().line(),
                differences.isEmpty() ? "passed" : "failed",
                (System.nanoTime() - started) / 1_000_000,
                differences));
      }
    }
    return new TestAnswer(results);
  }

  private List<String> differences(LakeTest test, Path engine) {
    try (TemporaryFolder folder = TemporaryFolder.make("tarn-test-")) {
      TestLake.write(folder.path(), lake, test, engine);
      try (Operations operations = open.apply(Wiring.read(folder.path(), TestLake.ENVIRONMENT))) {
        return differences(test, operations);
      }
    } catch (TarnException e) {
      return List.of(e.line());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write a lake into a temporary folder", e);
    }
  }

  private static List<String> differences(LakeTest test, Operations operations) {
    for (LakeTest.Given given : test.given()) {
      SourceName source = new SourceName(TestLake.source(given.table()));
      byte[] file = given.file().getBytes(StandardCharsets.UTF_8);
      operations.land(new Upload(source, "", "given", new ByteArrayInputStream(file)));
    }
    List<String> wanted =
        test.expected().stream()
            .map(e -> e.table().replace("quarantine.", "clean."))
            .distinct()
            .toList();
    Work work = new Work((stage, name, done, total, unit) -> {}, new Cancellation());
    List<String> differences = new ArrayList<>();
    for (TableRun run : operations.run(new RunRequest(wanted), work).tables()) {
      if (!run.outcome().equals("written") && !run.outcome().equals("unchanged")) {
        differences.add(run.table() + " " + run.outcome() + ": " + run.message());
      }
    }
    if (differences.isEmpty()) {
      test.expected().forEach(e -> differences.addAll(compared(e, operations, work)));
    }
    return differences;
  }

  private static List<String> compared(
      LakeTest.Expected expected, Operations operations, Work work) {
    Rows rows = new Rows();
    try {
      operations.query(new QueryRequest("SELECT * FROM " + expected.table(), 0, 0), rows, work);
    } catch (TarnException e) {
      boolean nothingWasPutAside =
          e.code() == ErrorCode.NOT_FOUND && expected.table().startsWith("quarantine.");
      if (!nothingWasPutAside) {
        throw e;
      }
    }
    String at = expected.table() + " (line " + expected.place().line() + "): ";
    if (expected.count().isPresent()) {
      long count = expected.count().get();
      return count == rows.rows.size()
          ? List.of()
          : List.of(at + "has " + rows.rows.size() + " rows, expected " + count);
    }
    List<String> differences = new ArrayList<>();
    RowComparison comparison = new RowComparison(rows.columns, rows.rows);
    expected.rows().forEach(comparison::take);
    comparison.missing().stream()
        .limit(MOST_SHOWN)
        .forEach(row -> differences.add(at + "there is no row " + row));
    comparison.others().stream()
        .limit(MOST_SHOWN)
        .forEach(row -> differences.add(at + "nobody expected " + row));
    return differences;
  }

  /** A result in memory. */
  private static final class Rows implements RowSink {
    private final List<String> columns = new ArrayList<>();
    private final List<JsonNode> rows = new ArrayList<>();

    @Override
    public void columns(List<Column> found) {
      found.forEach(c -> columns.add(c.name()));
    }

    @Override
    public void rows(byte[] json, int count) {
      try {
        JSON.readTree(json).forEach(rows::add);
      } catch (IOException e) {
        throw new UncheckedIOException("the engine's rows are not JSON", e);
      }
    }
  }
}
