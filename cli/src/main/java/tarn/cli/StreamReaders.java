package tarn.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.Flushable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tarn.api.CommitRequest;
import tarn.api.EventsAnswer;
import tarn.api.Json;
import tarn.api.LagAnswer;
import tarn.api.ReaderLag;
import tarn.api.ReshardRequest;
import tarn.api.ShardStatus;
import tarn.api.StreamDetail;

/** {@code datalake stream describe|reshard|lag|tail|forget}: one stream, and who reads it. */
final class StreamReaders {
  private static final int PAGE = 1_000;
  private static final long PAUSE_MILLIS = 500;
  private static final List<String> LAG_COLUMNS =
      List.of("reader", "kind", "behind:BIGINT", "age_seconds:BIGINT", "last_minute:BIGINT");

  private StreamReaders() {}

  static int describe(Session session) {
    return show(session, StreamDetail.from(session.connect().get(path(session, "describe"))));
  }

  static int reshard(Session session) {
    String path = path(session, "reshard") + "/reshard";
    if (!session.line().has("--shards")) {
      throw CommandFailed.usage("say how many: datalake stream reshard STREAM --shards N");
    }
    ReshardRequest request = new ReshardRequest(session.line().number("--shards", 0));
    return show(session, StreamDetail.from(session.connect().post(path, request)));
  }

  private static int show(Session session, StreamDetail detail) {
    if (session.format().equals("json")) {
      session.print(Json.write(detail) + "\n");
      return 0;
    }
    if (session.format().equals("table")) {
      head(session, detail);
    }
    if (!detail.status().problem().isEmpty()) {
      session.notes().say(detail.status().stream() + ": " + detail.status().problem());
    }
    List<List<@Nullable Object>> rows = new ArrayList<>();
    for (ShardStatus shard : detail.shards()) {
      rows.add(
          Arrays.asList(
              shard.shard(),
              shard.state(),
              parents(shard),
              shard.hashFrom(),
              shard.hashTo(),
              shard.oldest(),
              shard.next(),
              shard.beyond(),
              shard.lastMinute()));
    }
    session.table(
        List.of(
            "shard:BIGINT",
            "state",
            "parents",
            "hash_from",
            "hash_to",
            "oldest:BIGINT",
            "next:BIGINT",
            "beyond:BIGINT",
            "last_minute:BIGINT"),
        rows);
    tellUnseen(session, detail.shards().stream().mapToLong(ShardStatus::beyond).sum());
    if (session.format().equals("table")) {
      session.print("\n");
      session.table(LAG_COLUMNS, lags(detail.readers()));
    }
    return 0;
  }

  private static void head(Session session, StreamDetail detail) {
    session.print(
        "%s: %s, %d received = %d stored + %d duplicate + %d conflict + %d rejected%n"
            .formatted(
                detail.status().stream(),
                detail.status().condition(),
                detail.status().received(),
                detail.status().stored(),
                detail.status().duplicate(),
                detail.status().conflict(),
                detail.status().rejected()));
    detail.settings().forEach((key, value) -> session.print("  " + key + ": " + value + "\n"));
    session.print("\n");
  }

  private static String parents(ShardStatus shard) {
    String first = shard.parent() == null ? "" : String.valueOf(shard.parent());
    return shard.adjacentParent() == null ? first : first + " " + shard.adjacentParent();
  }

  static int lag(Session session) {
    LagAnswer answer = LagAnswer.from(session.connect().get(path(session, "lag") + "/lag"));
    session.table(LAG_COLUMNS, lags(answer.readers()));
    tellUnseen(session, answer.unseen());
    return 0;
  }

  private static void tellUnseen(Session session, long events) {
    if (events > 0) {
      session
          .notes()
          .say(
              events
                  + " events lie beyond the ends of closed shards: tables have them, consumers do not see them."
                  + " Let producers that speak Kafka's protocol use the partitions of open shards, or"
                  + " put over HTTP; `datalake replay STREAM --into OTHER` puts what is stored into a"
                  + " stream that consumers can read");
    }
  }

  private static List<List<@Nullable Object>> lags(List<ReaderLag> readers) {
    List<List<@Nullable Object>> rows = new ArrayList<>();
    for (ReaderLag lag : readers) {
      rows.add(
          Arrays.asList(
              lag.reader(), lag.kind(), lag.behind(), lag.ageSeconds(), lag.lastMinute()));
    }
    return rows;
  }

  static int forget(Session session) {
    String consumer = session.line().option("--consumer");
    if (consumer == null) {
      throw CommandFailed.usage("name it: datalake stream forget STREAM --consumer NAME");
    }
    session.connect().delete(path(session, "forget") + "/consumers/" + Tables.encoded(consumer));
    session.notes().say("the consumer " + consumer + " is forgotten");
    return 0;
  }

  /** Prints events as they are; those that are printed are committed for the consumer. */
  static int tail(Session session) {
    Tail tail = new Tail(session, session.connect(), path(session, "tail"));
    long left = session.line().number("--limit", Long.MAX_VALUE);
    boolean follow = session.line().has("--follow");
    while (left > 0) {
      int read = tail.next((int) Math.min(PAGE, left));
      left -= Math.max(0, read);
      if (read == Tail.NOTHING) {
        if (!follow) {
          return 0;
        }
        pause();
      }
    }
    return 0;
  }

  private static void pause() {
    try {
      Thread.sleep(PAUSE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw CommandFailed.notRead();
    }
  }

  private static String path(Session session, String action) {
    List<String> arguments = session.line().arguments();
    if (arguments.size() != 2) {
      throw CommandFailed.usage("name the stream: datalake stream " + action + " STREAM");
    }
    return "/v1/streams/" + Tables.encoded(arguments.get(1));
  }

  /** A reader, and where it is. */
  private static final class Tail {
    static final int NOTHING = -1;

    private final Session session;
    private final Connection connection;
    private final String path;
    private final @Nullable String consumer;
    private final String from;
    private String at = "";

    Tail(Session session, Connection connection, String stream) {
      this.session = session;
      this.connection = connection;
      this.consumer = session.line().option("--consumer");
      String given = session.line().option("--from");
      boolean onlyNew = consumer == null && session.line().has("--follow");
      this.from = given != null ? given : onlyNew ? "latest" : "oldest";
      this.path = consumer == null ? stream : stream + "/consumers/" + Tables.encoded(consumer);
    }

    /** How many events there were; {@link #NOTHING} if there is no use in asking again at once. */
    int next(int most) {
      EventsAnswer answer =
          EventsAnswer.from(
              connection.get(
                  path
                      + "/events?limit="
                      + most
                      + "&from="
                      + Tables.encoded(from)
                      + "&at="
                      + Tables.encoded(at)));
      answer.lost().forEach(session.notes()::say);
      answer.events().forEach(this::print);
      if (session.out() instanceof Flushable buffered) {
        Writing.flush(buffered);
      }
      boolean moved = !answer.offsets().isEmpty();
      if (consumer != null && moved) {
        connection.post(path + "/offsets", new CommitRequest(answer.offsets()));
      }
      at = answer.at();
      return moved ? answer.events().size() : NOTHING;
    }

    private void print(EventsAnswer.Item item) {
      String text = item.text();
      String base64 = item.base64();
      if (session.format().equals("json")) {
        session.print(Json.write(item) + "\n");
      } else if (text != null) {
        session.print(text + "\n");
      } else if (base64 != null) {
        printBytes(Base64.getDecoder().decode(base64));
      }
    }

    /** What is no text goes out as it is. */
    private void printBytes(byte[] bytes) {
      if (session.out() instanceof Flushable buffered) {
        Writing.flush(buffered);
      }
      try {
        // Not closed: it is the process's own.
        FileOutputStream out = new FileOutputStream(FileDescriptor.out);
        out.write(bytes);
        out.write('\n');
      } catch (IOException e) {
        throw CommandFailed.notRead();
      }
    }
  }
}
