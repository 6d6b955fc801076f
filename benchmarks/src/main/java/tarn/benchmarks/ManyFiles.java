package tarn.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * {@code <out> <first> <count> <partitions>}: small files of 20 JSON records each, spread over hive
 * folders of days; their numbers begin at {@code first}.
 */
public final class ManyFiles {
  private static final int RECORDS = 20;

  private ManyFiles() {}

  public static void main(String[] args) throws IOException {
    Path out = Path.of(args[0]);
    int first = Integer.parseInt(args[1]);
    int count = Integer.parseInt(args[2]);
    int partitions = Integer.parseInt(args[3]);
    for (int i = first; i < first + count; i++) {
      int p = i % partitions;
      Path folder =
          out.resolve("year=" + (2020 + p / 336))
              .resolve("month=" + (1 + p / 28 % 12))
              .resolve("day=" + (1 + p % 28));
      Files.createDirectories(folder);
      StringBuilder text = new StringBuilder();
      for (int r = 0; r < RECORDS; r++) {
        text.append(
            String.format(
                "{\"id\": %d, \"kind\": \"k%d\", \"amount\": %d.5, \"at\": \"2025-01-01T00:00:%02dZ\"}%n",
                (long) i * RECORDS + r, r % 5, r, r));
      }
      Files.writeString(folder.resolve("part-" + i + ".json"), text);
    }
  }
}
