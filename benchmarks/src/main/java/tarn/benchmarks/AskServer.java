package tarn.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * {@code <server.json> <folder of SQL files> <rounds>}: asks the server each query, reads the whole
 * answer, and prints what it took as {@code millis}, in order.
 */
public final class AskServer {
  private static final Pattern PORT = Pattern.compile("\"port\"\\s*:\\s*(\\d+)");
  private static final Pattern TOKEN = Pattern.compile("\"token\"\\s*:\\s*\"([^\"]+)\"");

  private AskServer() {}

  public static void main(String[] args) throws IOException {
    String server = Files.readString(Path.of(args[0]));
    List<Path> queries;
    try (var files = Files.list(Path.of(args[1]))) {
      queries = files.filter(f -> f.toString().endsWith(".sql")).sorted().toList();
    }
    for (int round = 0; round < Integer.parseInt(args[2]); round++) {
      for (Path query : queries) {
        long started = System.nanoTime();
        String last = ask(server, Files.readString(query));
        if (!last.contains("\"event\":\"result\"")) {
          throw new IOException("the query failed: " + last);
        }
        System.out.println("millis " + (System.nanoTime() - started) / 1_000_000);
      }
    }
  }

  /**
   * Asks a query and reads the whole answer.
   *
   * @param server what server.json says
   * @return the last event of the answer
   */
  static String ask(String server, String sql) throws IOException {
    URI door = URI.create("http://127.0.0.1:" + find(PORT, server) + "/v1/query");
    HttpURLConnection connection = (HttpURLConnection) door.toURL().openConnection();
    connection.setRequestMethod("POST");
    connection.setRequestProperty("Authorization", "Bearer " + find(TOKEN, server));
    connection.setRequestProperty("Content-Type", "application/json");
    connection.setDoOutput(true);
    String text = sql.strip().replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", " ");
    connection
        .getOutputStream()
        .write(("{\"sql\":\"" + text + "\"}").getBytes(StandardCharsets.UTF_8));
    String last = "";
    try (BufferedReader in =
        new BufferedReader(
            new InputStreamReader(connection.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        last = line.isBlank() ? last : line;
      }
    }
    return last;
  }

  private static String find(Pattern pattern, String text) {
    Matcher matcher = pattern.matcher(text);
    if (!matcher.find()) {
      throw new IllegalArgumentException("no " + pattern + " in the server's file");
    }
    return matcher.group(1);
  }
}
