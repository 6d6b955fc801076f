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
}
