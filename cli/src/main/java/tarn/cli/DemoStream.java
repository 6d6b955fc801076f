package tarn.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tarn.api.StreamStatus;
import tarn.api.StreamsAnswer;
import tarn.api.TableSummary;
import tarn.api.TablesAnswer;
import tarn.api.shop.EventPlan;
import tarn.api.shop.ShopEvents;

/** The part of the demo that streams events, and shows them arrive. */
final class DemoStream {
  private static final String STREAM = "clicks";
  private static final String TABLE = "clean.clicks";
  private static final int EVENTS = 4_000;
  private static final int ROUND = 1_000;
  private static final int BATCH = 200;
  private static final long PAUSE_MILLIS = 1_000;
  private static final long PATIENCE_NANOS = 60_000_000_000L;

  private final Session session;
  private final Connection connection;
  private final ShopEvents events =
      new ShopEvents(
          new EventPlan(
              2026,
              Instant.now().truncatedTo(ChronoUnit.MILLIS),
              Duration.ofMillis(1),
              new EventPlan.Shares(0.01, 0.02, 0, 0.002, 0.001)));
  private long began = System.nanoTime();

  DemoStream(Session session, Connection connection) {
    this.session = session;
    this.connection = connection;
  }

  /** Adds the stream, its table and its model to a lake folder. */
  static void define(Path example, Path folder) {
    try {
      for (String part : List.of("streams", "tables", "models")) {
        Files.createDirectories(folder.resolve(part));
        try (var files = Files.list(example.resolve(part))) {
          for (Path file : files.toList()) {
            Files.copy(file, folder.resolve(part).resolve(file.getFileName().toString()));
          }
        }
      }
    } catch (IOException e) {
      throw CommandFailed.external("cannot add the stream to " + folder + ": " + e);
    }
  }

  /** Puts events, and returns when all of them have arrived, or it takes too long. */
  void show() {
    StreamSender sender = new StreamSender(connection, session.notes(), STREAM);
    sender.send(List.of(events.at(0).bytes())); // starts the log, which is no part of the figures
    began = System.nanoTime();
    session.print("after         put  in the ledger  in the table\n");
    for (int from = 0; from < EVENTS; from += ROUND) {
      for (int at = Math.max(1, from); at < from + ROUND; at += BATCH) {
        sender.send(batch(at, Math.min(at + BATCH, from + ROUND)));
      }
      line(from + ROUND);
      StreamSender.pause(PAUSE_MILLIS);
    }
    while (!line(EVENTS) && System.nanoTime() - began < PATIENCE_NANOS) {
      StreamSender.pause(PAUSE_MILLIS);
    }
  }

  private List<byte[]> batch(int from, int to) {
    List<byte[]> batch = new ArrayList<>();
    for (int i = from; i < to; i++) {
      batch.add(events.at(i).bytes());
    }
    return batch;
  }

  /** Says how far events are; whether all that were put have arrived. */
  private boolean line(long put) {
    StreamStatus now = status();
    long read = now == null ? 0 : now.received();
    long rows = rows();
    session.print(
        "%5.1f s %8d %14d %13d%n".formatted((System.nanoTime() - began) / 1e9, put, read, rows));
    if (session.out() instanceof java.io.Flushable out) {
      Writing.flush(out);
    }
    return now != null && read == put && rows == now.stored();
  }

  private @Nullable StreamStatus status() {
    for (StreamStatus stream : StreamsAnswer.from(connection.get("/v1/streams")).streams()) {
      if (stream.stream().equals(STREAM)) {
        return stream;
      }
    }
    return null;
  }

  private long rows() {
    for (TableSummary table : TablesAnswer.from(connection.get("/v1/tables")).tables()) {
      if (table.name().equals(TABLE)) {
        return table.rows() == null ? 0 : table.rows();
      }
    }
    return 0;
  }
}
