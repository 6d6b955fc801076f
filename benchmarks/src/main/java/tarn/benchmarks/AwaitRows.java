package tarn.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;

/**
 * {@code <server.json> <pause>}: asks the server the query in each line of its input until the
 * answer has a row, with so many milliseconds between two tries, and answers how many that took, a
 * line each. One process for all, so that waiting costs little.
 */
public final class AwaitRows {
  private static final Pattern NO_ROWS = Pattern.compile("\"rows\"\\s*:\\s*0\\b");

  private AwaitRows() {}

  public static void main(String[] args) throws IOException, InterruptedException {
    try (BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        long started = System.nanoTime();
        while (!hasRows(Path.of(args[0]), line)) {
          Thread.sleep(Long.parseLong(args[1]));
        }
        System.out.println((System.nanoTime() - started) / 1_000_000);
      }
    }
  }

  /** False also while the server or the table is not there. */
  private static boolean hasRows(Path server, String sql) {
    try {
      String last = AskServer.ask(Files.readString(server), sql);
      return last.contains("\"event\":\"result\"") && !NO_ROWS.matcher(last).find();
    } catch (IOException e) {
      return false;
    }
  }
}
