package tarn.duckdb;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class EngineMessagesTest {
  private static final Path WORK = Path.of("/lake/work");

  @Test
  void aFullDiskIsNamedByTheFileThatDidNotFit() {
    String said =
        "IO Error: Async write failed for range [offset=1]: {\"exception_message\":\"Could not write file \\\"/lake/zones/a.parquet\\\": No space left on device\"}";
    assertThat(EngineMessages.diskFull(said, WORK))
        .isEqualTo("the disk of '/lake/zones/a.parquet' is full: free some space, then retry");
    assertThat(EngineMessages.diskFull("No space left on device", WORK))
        .isEqualTo("the disk of '/lake/work' is full: free some space, then retry");
  }

  @Test
  void aBadCsvRecordIsNamedByItsFileAndLine() {
    String said =
        "Invalid Input Error: CSV Error on Line: 4\nOriginal Line: 7,8\nExpected Number of Columns: 3 Found: 2\nPossible fixes:\n* Disable the parser's strict mode\n\n  file = /tmp/c.csv\n  delimiter = ,\n";
    assertThat(EngineMessages.readable(said))
        .isEqualTo("file \"/tmp/c.csv\", line 4: Expected Number of Columns: 3 Found: 2 (7,8)");
  }
}
