package tarn.benchmarks;

import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;

/**
 * {@code <out> <rows> <updates>}: a CSV of rows with keys 1 to n, and one of new versions of random
 * keys.
 */
public final class KeyedFiles {
  private static final long SEED = 42;

  private KeyedFiles() {}

  public static void main(String[] args) throws IOException {
    Path out = Path.of(args[0]);
    int rows = Integer.parseInt(args[1]);
    int updates = Integer.parseInt(args[2]);
    Files.createDirectories(out);
    SplittableRandom random = new SplittableRandom(SEED);
    try (BufferedWriter writer = Files.newBufferedWriter(out.resolve("base.csv"))) {
      writer.write("id,version,amount,label\n");
      for (int id = 1; id <= rows; id++) {
        write(writer, id, 1, random);
      }
    }
    try (BufferedWriter writer = Files.newBufferedWriter(out.resolve("updates.csv"))) {
      writer.write("id,version,amount,label\n");
      for (int i = 0; i < updates; i++) {
        write(writer, 1 + random.nextInt(rows), 2, random);
      }
    }
  }

  private static void write(BufferedWriter writer, int id, int version, SplittableRandom random)
      throws IOException {
    writer.write(Integer.toString(id));
    writer.write(',');
    writer.write(Integer.toString(version));
    writer.write(',');
    writer.write(Integer.toString(random.nextInt(1_000_000)));
    writer.write(",label ");
    writer.write(Integer.toString(random.nextInt(1_000)));
    writer.write('\n');
  }
}
