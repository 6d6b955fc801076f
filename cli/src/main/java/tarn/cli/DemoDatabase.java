package tarn.cli;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import tarn.api.Failure;
import tarn.api.Fields;
import tarn.api.Json;
import tarn.api.WireException;

/**
 * The database of the demo: a process that runs a PostgreSQL for as long as this one is there, and
 * tells what its tables have.
 */
final class DemoDatabase implements AutoCloseable {
  private static final long STOP_SECONDS = 30;

  private final Process process;
  private final BufferedReader answers;
  private final BufferedWriter questions;
  private final Fields place;

  private DemoDatabase(Process process) {
    this.process = process;
    this.answers = process.inputReader(StandardCharsets.UTF_8);
    this.questions = process.outputWriter(StandardCharsets.UTF_8);
    this.place = answer();
  }

  /**
   * Returns when it has its tables and rows.
   *
   * @param programs where PostgreSQL's programs are
   * @param folder is made, and gone at the end
   */
  static DemoDatabase start(String programs, Path folder) {
    try {
      return new DemoDatabase(
          new ProcessBuilder(
                  ServerProcess.java(
                      OrderGeneration.PROGRAM,
                      List.of("database", "programs=" + programs, "folder=" + folder)))
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start());
    } catch (IOException e) {
      throw CommandFailed.external("cannot start PostgreSQL: " + e.getMessage());
    }
  }

  String version() {
    return place.text("version");
  }

  long port() {
    return place.number("port");
  }

  String readerPassword() {
    return place.text("reader_password");
  }

  /** How whoever writes to it is told of it. */
  Map<String, String> environment() {
    return Map.of(
        "PGHOST", "127.0.0.1",
        "PGPORT", Long.toString(port()),
        "PGDATABASE", place.text("database"),
        "PGUSER", "shop",
        "PGPASSWORD", place.text("owner_password"));
  }

  /**
   * What a table has now.
   *
   * @param hash of all its values
   * @param query that answers rows and hash of its copy
   */
  record Content(String table, long rows, String hash, String query) {}

  List<Content> content() {
    try {
      questions.write("\n");
      questions.flush();
    } catch (IOException e) {
      throw CommandFailed.external("the demo's PostgreSQL has ended: " + e.getMessage());
    }
    return answer()
        .objects(
            "tables",
            t -> new Content(t.text("table"), t.number("rows"), t.text("hash"), t.text("query")));
  }

  private Fields answer() {
    try {
      String line = answers.readLine();
      if (line == null) {
        throw CommandFailed.external("the demo's PostgreSQL has ended");
      }
      Fields fields = Json.readObject(line);
      if (fields.value("code") != null) {
        throw CommandFailed.told(Failure.from(fields));
      }
      return fields;
    } catch (IOException e) {
      throw CommandFailed.external("the demo's PostgreSQL has ended: " + e.getMessage());
    } catch (WireException e) {
      throw CommandFailed.internal("the demo's database answered nonsense: " + e.getMessage());
    }
  }

  /** Returns when nothing of it is left. */
  @Override
  public void close() {
    try {
      questions.close(); // it lives until its input ends
    } catch (IOException e) {
      process.destroy(); // it is gone, or about to
    }
    try {
      if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
        process.destroy();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      process.destroy();
    }
  }
}
