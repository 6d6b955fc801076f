package tarn.testkit.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BenchmarkFilesTest {
  @TempDir Path dir;

  @Test
  void eventFilesHaveTheSizeAndCountsTheyClaim() throws IOException {
    EventFiles.Counts counts = EventFiles.write(dir, 2_000_000, 3, 1, 0.01);

    long bytes = 0;
    long lines = 0;
    for (int i = 0; i < 3; i++) {
      byte[] content = Files.readAllBytes(dir.resolve("events-0000" + i + ".jsonl"));
      bytes += content.length;
      lines += new String(content, StandardCharsets.ISO_8859_1).lines().count();
    }
    assertThat(counts.bytes()).isEqualTo(bytes).isCloseTo(2_000_000, within(2_000L));
    assertThat(counts.events()).isEqualTo(lines);
    assertThat((double) bytes / lines).isBetween(315.0, 345.0);
    assertThat(counts.events() - counts.good()).isBetween(lines / 200, lines / 50);
    assertThat(counts.badType()).isPositive();
    assertThat(counts.truncated()).isPositive();
    assertThat(counts.notUtf8()).isPositive();
  }

  @Test
  void eventFilesDependOnTheSeedAlone() throws IOException {
    EventFiles.write(dir.resolve("a"), 100_000, 1, 5, 0.1);
    EventFiles.write(dir.resolve("b"), 100_000, 1, 5, 0.1);
    EventFiles.write(dir.resolve("c"), 100_000, 1, 6, 0.1);

    assertThat(dir.resolve("a/events-00000.jsonl"))
        .hasSameBinaryContentAs(dir.resolve("b/events-00000.jsonl"));
    assertThat(
            Files.mismatch(
                dir.resolve("a/events-00000.jsonl"), dir.resolve("c/events-00000.jsonl")))
        .isNotNegative();
  }

  /**
   * The library first builds a text pool of 300 MB, whatever the scale: too slow for every build.
   */
  @Test
  @Tag("soak")
  void tpchRowsAreThoseOfTheSpecification() throws IOException {
    assertThat(TpchFiles.write(dir, 0.01, 2))
        .containsEntry("region", 5L)
        .containsEntry("nation", 25L)
        .containsEntry("orders", 15_000L)
        .containsEntry("lineitem", 60_175L);
    assertThat(Files.readAllLines(dir.resolve("lineitem/lineitem-00001.csv")))
        .hasSizeBetween(29_000, 31_500)
        .element(1)
        .isEqualTo(
            "1,1552,93,1,17.00,24710.35,0.04,0.02,N,O,1996-03-13,1996-02-12,1996-03-22,"
                + "DELIVER IN PERSON,TRUCK,egular courts above the");
  }
}
