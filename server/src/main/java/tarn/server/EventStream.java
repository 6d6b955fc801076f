package tarn.server;

import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tarn.api.Column;
import tarn.api.Event;
import tarn.api.Json;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;

/**
 * An answer of many lines. As long as no line has gone out, a failure still gets its own HTTP
 * status; afterwards it is the last line. A line that cannot be written cancels the operation. Safe
 * for use by several threads.
 */
final class EventStream implements RowSink, Work.Progress, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(EventStream.class);

  /** Progress is told at most so often; people read no faster. */
  private static final long PROGRESS_NANOS = 100_000_000;

  /** As {@link Event.Rows} writes them. */
  private static final byte[] ROWS_BEFORE =
      "{\"event\":\"rows\",\"rows\":".getBytes(StandardCharsets.US_ASCII);

  private static final byte[] ROWS_AFTER = "}\n".getBytes(StandardCharsets.US_ASCII);

  private final HttpServletResponse response;
  private final Cancellation cancellation;
  private final ReentrantLock writing = new ReentrantLock();
  private long lastWrite = System.nanoTime();
  private String lastName = "";

  EventStream(HttpServletResponse response, Cancellation cancellation) {
    this.response = response;
    this.cancellation = cancellation;
    response.setContentType("application/x-ndjson;charset=utf-8");
  }

  @Override
  public void columns(List<Column> columns) {
    write(new Event.Columns(columns));
  }

  /** The rows go out as they came: they are not looked into. */
  @Override
  public void rows(byte[] json, int count) {
    cancellation.check();
    byte[] line = new byte[ROWS_BEFORE.length + json.length + ROWS_AFTER.length];
    System.arraycopy(ROWS_BEFORE, 0, line, 0, ROWS_BEFORE.length);
    System.arraycopy(json, 0, line, ROWS_BEFORE.length, json.length);
    System.arraycopy(ROWS_AFTER, 0, line, ROWS_BEFORE.length + json.length, ROWS_AFTER.length);
    write(line);
  }

  @Override
  public void report(String stage, String name, long done, long total, String unit) {
    writing.lock();
    try {
      boolean worthIt = done == total || !lastName.equals(stage + name);
      if (worthIt || System.nanoTime() - lastWrite > PROGRESS_NANOS) {
        lastName = stage + name;
        write(new Event.Progress(stage, name, done, total, unit));
      }
    } finally {
      writing.unlock();
    }
  }

  void write(Event event) {
    write(line(event));
  }

  private void write(byte[] line) {
    writing.lock();
    try {
      send(line);
    } catch (IOException e) {
      cancellation.cancel("the client is gone");
      throw new TarnException(ErrorCode.CANCELLED, "cancelled: the client is gone", e);
    } finally {
      writing.unlock();
    }
  }

  /** Ends the stream with a failure; one that nobody is there to hear ends with the log. */
  void fail(Throwable thrown) {
    byte[] line = line(new Event.Failed(Failures.told(thrown)));
    writing.lock();
    try {
      if (!response.isCommitted()) {
        response.setStatus(Failures.code(thrown).httpStatus());
      }
      send(line);
    } catch (IOException e) {
      LOG.info("nobody is there to hear: {}", thrown.getMessage());
    } finally {
      writing.unlock();
    }
  }

  /** Finds out whether the client is still there, if nothing was written for that long. */
  void probe(long idleMillis) {
    if (!writing.tryLock()) {
      return;
    }
    try {
      if (System.nanoTime() - lastWrite >= idleMillis * 1_000_000) {
        send(new byte[] {'\n'});
      }
    } catch (IOException e) {
      cancellation.cancel("the client is gone");
    } finally {
      writing.unlock();
    }
  }

  /** Nothing follows: the client has the whole answer before the operation counts as ended. */
  @Override
  public void close() {
    writing.lock();
    try {
      response.getOutputStream().close();
    } catch (IOException e) {
      LOG.info("nobody is there to hear the end: {}", e.getMessage());
    } finally {
      writing.unlock();
    }
  }

  private static byte[] line(Event event) {
    return (Json.write(event) + "\n").getBytes(StandardCharsets.UTF_8);
  }

  private void send(byte[] line) throws IOException {
    OutputStream out = response.getOutputStream();
    out.write(line);
    out.flush();
    lastWrite = System.nanoTime();
  }
}
