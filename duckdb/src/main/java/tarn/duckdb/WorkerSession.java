package tarn.duckdb;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tarn.core.engine.Column;
import tarn.core.errors.TarnException;
import tarn.duckdb.worker.Frames;

/** One piece of work's time with a worker: a fresh database, a work directory, a deadline. */
final class WorkerSession implements AutoCloseable {
  private final WorkerProcess worker;
  private final Path work;
  private final long deadline;
  private final Runnable release;

  WorkerSession(WorkerProcess worker, Path work, long deadline, Runnable release) {
    this.worker = worker;
    this.work = work;
    this.deadline = deadline;
    this.release = release;
  }

  /** A directory of its own, removed afterwards. */
  Path work() {
    return work;
  }

  JsonNode call(ObjectNode request) {
    return worker.call(request, deadline, null);
  }

  /** Runs a statement; the number of rows that it changed. */
  long execute(String sql) {
    return call(request("execute", sql)).path("count").asLong();
  }

  /** A small result. */
  JsonNode rows(String sql) {
    return call(request("rows", sql)).path("rows");
  }

  /** The columns that a SELECT would give; it is not run. */
  List<Column> columns(String select) {
    List<Column> columns = new ArrayList<>();
    for (JsonNode row : rows("DESCRIBE " + select)) {
      columns.add(new Column(row.path(0).asText(), SqlTypes.iceberg(row.path(1).asText())));
    }
    return columns;
  }

  /** The one value of a result. */
  JsonNode value(String sql) {
    return rows(sql).path(0).path(0);
  }

  /** The one text of a statement with text parameters. */
  String text(String sql, List<String> parameters) {
    ObjectNode request = request("text", sql);
    parameters.forEach(request.putArray("parameters")::add);
    return call(request).path("text").asText();
  }

  /** {@code COPY … RETURN_STATS}: the files written. */
  JsonNode copy(String sql) {
    return call(request("copy", sql)).path("files");
  }

  JsonNode stream(String sql, long maxRows, long maxBytes, WorkerProcess.@Nullable Rows sink) {
    ObjectNode request = request("stream", sql);
    request.put("maxRows", maxRows);
    request.put("maxBytes", maxBytes);
    return worker.call(request, deadline, sink);
  }

  static ObjectNode request(String op) {
    return Frames.MAPPER.createObjectNode().put("op", op);
  }

  @Override
  public void close() {
    try {
      if (worker.alive()) {
        worker.call(request("close"), System.nanoTime() + 5_000_000_000L, null);
      }
    } catch (TarnException e) {
      worker.kill();
    } finally {
      release.run();
    }
  }

  /** Stops the work at once, whatever it is at. */
  void kill() {
    worker.kill();
  }

  private static ObjectNode request(String op, String sql) {
    return request(op).put("sql", sql);
  }
}
