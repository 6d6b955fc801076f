package tarn.duckdb.worker;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLTimeoutException;
import java.sql.Statement;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.duckdb.DuckDBConnection;
import org.jspecify.annotations.Nullable;

/**
 * What a worker can do: a database in memory that is opened for one piece of work, statements in
 * it, and the byte-preserving reading of raw files.
 */
final class Session {
  private final DataOutputStream out;
  private final String memory;
  private final String threads;
  private @Nullable Connection connection;

  /** Reads no file and keeps nothing: for all that is only about SQL's text. */
  private @Nullable Connection texts;

  /**
   * Opens the next piece of work's database and closes the last one's, which takes longer than most
   * queries, beside the current one.
   */
  private final ExecutorService beside = Executors.newSingleThreadExecutor(Session::daemon);

  private Future<Connection> next;

  Session(DataOutputStream out, String memory, String threads) {
    this.out = out;
    this.memory = memory;
    this.threads = threads;
    this.next = beside.submit(this::database);
  }

  private static Thread daemon(Runnable work) {
    Thread thread = new Thread(work, "databases");
    thread.setDaemon(true);
    return thread;
  }

  /** Waits until the first database is open: DuckDB's library works on this machine. */
  void awaitFirst() {
    try {
      Connection first = opened(next);
      next = CompletableFuture.completedFuture(first);
    } catch (SQLException e) {
      throw new IllegalStateException("DuckDB cannot be started: " + e.getMessage(), e);
    }
  }

  private static Connection opened(Future<Connection> opening) throws SQLException {
    try {
      return opening.get();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof SQLException failure ? failure : new SQLException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SQLException("interrupted while a database was opened", e);
    }
  }

  /** The answer to a request; failures are answers too. */
  ObjectNode handle(JsonNode request) throws IOException {
    ObjectNode answer = Frames.MAPPER.createObjectNode();
    try {
      run(request, answer);
      answer.put("ok", true);
    } catch (SQLException e) {
      failed(answer, Failures.code(e), String.valueOf(e.getMessage()));
    } catch (FileSystemException e) {
      failed(answer, Failures.code(e), e.getFile() + ": " + e.getReason());
    } catch (IOException e) {
      failed(answer, Failures.code(e), String.valueOf(e.getMessage()));
    } catch (RowTooLarge e) {
      failed(answer, "LIMIT_EXCEEDED", String.valueOf(e.getMessage()));
    } catch (OutOfMemoryError e) {
      failed(answer, "OUT_OF_MEMORY", "the worker's own memory is used up");
    } catch (RuntimeException | StackOverflowError e) {
      failed(answer, "INTERNAL", e.toString());
    }
    return answer;
  }

  private void run(JsonNode request, ObjectNode answer) throws SQLException, IOException {
    switch (request.path("op").asText()) {
      case "open" -> open(request);
      case "texts" -> openTexts();
      case "close" -> close();
      case "execute" -> answer.put("count", execute(request.path("sql").asText()));
      case "rows" -> rows(request.path("sql").asText(), answer);
      case "text" -> text(request, answer);
      case "stream" -> stream(request, answer);
      case "copy" -> copy(request.path("sql").asText(), answer);
      case "split" -> RawRecords.split(request, duck(), answer);
      case "corrupt" -> RawRecords.corrupt(request, answer);
      case "decode" -> RawRecords.decode(request);
      case "good" -> RawRecords.copyGood(request, answer);
      case "witnesses" -> Witnesses.copy(request, answer);
      case "respell" -> Respelled.copy(request);
      case "bytes" -> RawRecords.quarantineBytes(request, duck());
      default -> throw new IllegalArgumentException("unknown request " + request.path("op"));
    }
  }

  private static void failed(ObjectNode answer, String code, String message) {
    answer.put("ok", false);
    answer.put("code", code);
    answer.put("message", message);
  }

  private void open(JsonNode request) throws SQLException {
    close();
    Future<Connection> opening = next;
    next = beside.submit(this::database);
    connection = opened(opening);
    execute("SET temp_directory = '" + request.path("temp").asText().replace("'", "''") + "'");
    // Given with the others it is shown but not kept to (2.0.0.1).
    execute("SET max_temp_directory_size = '" + request.path("spill").asText() + "'");
  }

  private Connection database() throws SQLException {
    Properties settings = new Properties();
    settings.setProperty("memory_limit", memory);
    settings.setProperty("threads", threads);
    settings.setProperty("autoload_known_extensions", "false");
    settings.setProperty("autoinstall_known_extensions", "false");
    settings.setProperty("allow_community_extensions", "false");
    settings.setProperty("jdbc_stream_results", "true");
    Connection opened = DriverManager.getConnection("jdbc:duckdb:", settings);
    try (Statement statement = opened.createStatement()) {
      statement.execute("SET TimeZone = 'UTC'");
    }
    Buckets.register(opened.unwrap(DuckDBConnection.class));
    return opened;
  }

  private void openTexts() throws SQLException {
    close();
    Connection open = texts;
    if (open == null) {
      open = database();
      try (Statement statement = open.createStatement()) {
        statement.execute("SET enable_external_access = false");
        statement.execute("SET lock_configuration = true");
      }
      texts = open;
    }
    connection = open;
  }

  private void close() throws SQLException {
    Connection open = connection;
    connection = null;
    if (open != null && open != texts) {
      beside.execute(() -> closed(open));
    }
  }

  private static void closed(Connection open) {
    try {
      open.close();
    } catch (SQLException e) {
      System.err.println("worker: a database was not closed: " + e);
    }
  }

  private Connection connection() {
    Connection open = connection;
    if (open == null) {
      throw new IllegalStateException("no database is open");
    }
    return open;
  }

  private DuckDBConnection duck() throws SQLException {
    return connection().unwrap(DuckDBConnection.class);
  }

  private long execute(String sql) throws SQLException {
    try (Statement statement = connection().createStatement()) {
      boolean hasRows = statement.execute(sql);
      return hasRows ? 0 : Math.max(0, statement.getLargeUpdateCount());
    }
  }

  /** A small result, whole. */
  private void rows(String sql, ObjectNode answer) throws SQLException, IOException {
    try (Statement statement = connection().createStatement();
        ResultSet result = statement.executeQuery(sql)) {
      RowWriter writer = new RowWriter(result);
      while (result.next()) {
        writer.add(Long.MAX_VALUE);
      }
      answer.set("rows", Frames.MAPPER.readTree(writer.take()));
    }
  }

  /** The one text that a statement with text parameters returns. */
  private void text(JsonNode request, ObjectNode answer) throws SQLException {
    try (PreparedStatement statement =
        connection().prepareStatement(request.path("sql").asText())) {
      int i = 1;
      for (JsonNode parameter : request.path("parameters")) {
        statement.setString(i++, parameter.asText());
      }
      try (ResultSet result = statement.executeQuery()) {
        answer.put("text", result.next() ? result.getString(1) : null);
      }
    }
  }

  private void stream(JsonNode request, ObjectNode answer) throws SQLException, IOException {
    long maxRows = request.path("maxRows").asLong();
    long maxBytes = request.path("maxBytes").asLong();
    long bytes = 0;
    long rows = 0;
    boolean truncated = false;
    try (Statement statement = connection().createStatement();
        ResultSet result = statement.executeQuery(request.path("sql").asText())) {
      RowWriter writer = new RowWriter(result);
      ObjectNode header = Frames.MAPPER.createObjectNode();
      header.set("columns", writer.columns());
      Frames.write(out, Frames.JSON, Frames.MAPPER.writeValueAsBytes(header));
      while (result.next()) {
        if (rows == maxRows || !writer.add(maxBytes - bytes)) {
          truncated = true;
          break;
        }
        rows++;
        if (writer.full()) {
          bytes += send(writer);
        }
      }
      send(writer);
    }
    if (truncated && rows == 0 && maxRows > 0) {
      throw new RowTooLarge(maxBytes);
    }
    answer.put("rows", rows);
    answer.put("truncated", truncated);
  }

  private static final class RowTooLarge extends RuntimeException {
    private static final long serialVersionUID = 1L;

    RowTooLarge(long limit) {
      super(
          "the result's first row alone has more than "
              + limit
              + " bytes, the most that a query returns: ask for fewer columns or parts of them");
    }
  }

  private long send(RowWriter writer) throws IOException {
    if (writer.count() == 0) {
      return 0;
    }
    int count = writer.count();
    byte[] rows = writer.take();
    ObjectNode header = Frames.MAPPER.createObjectNode();
    header.put("count", count);
    Frames.write(out, Frames.JSON, Frames.MAPPER.writeValueAsBytes(header));
    Frames.write(out, Frames.ROWS, rows);
    return rows.length;
  }

  /** {@code COPY … RETURN_STATS}: a row for each file written. */
  private void copy(String sql, ObjectNode answer) throws SQLException {
    ArrayNode files = answer.putArray("files");
    try (Statement statement = connection().createStatement();
        ResultSet result = statement.executeQuery(sql)) {
      while (result.next()) {
        ObjectNode file = files.addObject();
        file.put("filename", Path.of(result.getString("filename")).toAbsolutePath().toString());
        file.put("count", result.getLong("count"));
        file.put("bytes", result.getLong("file_size_bytes"));
        file.set("partition", Frames.MAPPER.valueToTree(result.getObject("partition_keys")));
        ObjectNode columns = file.putObject("columns");
        for (Map.Entry<?, ?> column :
            ((Map<?, ?>) result.getObject("column_statistics")).entrySet()) {
          columns.set(
              String.valueOf(column.getKey()), Frames.MAPPER.valueToTree(column.getValue()));
        }
      }
    }
  }

  /** Names for DuckDB's failures, in the terms of Tarn's error codes. */
  private static final class Failures {
    private static final String NO_SPACE = "No space left on device";

    /** Of our own reading of raw files and writing of work files. */
    static String code(IOException e) {
      return String.valueOf(e.getMessage()).contains(NO_SPACE)
          ? "DISK_FULL"
          : "STORAGE_UNAVAILABLE";
    }

    static String code(SQLException e) {
      String message = String.valueOf(e.getMessage());
      if (e instanceof SQLTimeoutException || message.startsWith("INTERRUPT")) {
        return "TIMEOUT";
      } else if (message.contains(NO_SPACE)) {
        return "DISK_FULL";
      } else if (message.startsWith("Out of Memory")
          || message.contains("max_temp_directory_size")) {
        return "OUT_OF_MEMORY";
      } else if (message.startsWith("INTERNAL") || message.startsWith("FATAL")) {
        return "ENGINE_CRASHED";
      } else if (message.startsWith("Permission")) {
        return "SQL_REFUSED";
      } else if (message.contains("Parallel CSV Reader")) {
        return "DATA_INVALID"; // says "Not implemented", means a record longer than its buffer
      } else if (message.startsWith("Parser")
          || message.startsWith("Binder")
          || message.startsWith("Catalog")
          || message.startsWith("Not implemented")) {
        return "SQL_INVALID";
      }
      return "DATA_INVALID";
    }
  }
}
