package tarn.cli;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tarn.api.DeadLettersAnswer;
import tarn.api.Event;
import tarn.api.KafkaAnswer;
import tarn.api.PutAnswer;
import tarn.api.RedriveAnswer;
import tarn.api.RedriveRequest;
import tarn.api.StreamStatus;
import tarn.api.StreamsAnswer;

/** {@code datalake stream}. */
final class EventStreams {
  private static final int REQUEST_BYTES = 4 << 20;
  private static final int LARGEST_REQUEST_BYTES = 16 << 20;

  private EventStreams() {}

  static int stream(Session session) {
    List<String> arguments = session.line().arguments();
    String action = arguments.isEmpty() ? "list" : arguments.get(0);
    return switch (action) {
      case "list" -> list(session, session.connect());
      case "put" -> put(session, arguments);
      case "dead" -> dead(session, arguments);
      case "kafka" -> kafka(session, arguments);
      case "redrive" -> redrive(session, arguments);
      case "describe" -> StreamReaders.describe(session);
      case "reshard" -> StreamReaders.reshard(session);
      case "tail" -> StreamReaders.tail(session);
      case "lag" -> StreamReaders.lag(session);
      case "forget" -> StreamReaders.forget(session);
      default ->
          throw CommandFailed.usage(
              "unknown action '"
                  + action
                  + "'; it is list, describe, put, dead, redrive, kafka, tail, lag, reshard or forget: `datalake help stream`");
    };
  }

  static int list(Session session, Connection connection) {
    StreamsAnswer answer = StreamsAnswer.from(connection.get("/v1/streams"));
    List<List<@Nullable Object>> rows = new ArrayList<>();
    for (StreamStatus stream : answer.streams()) {
      rows.add(
          Arrays.asList(
              stream.stream(),
              stream.condition(),
              stream.shards(),
              stream.received(),
              stream.stored(),
              stream.duplicate(),
              stream.conflict(),
              stream.rejected(),
              stream.waiting(),
              stream.deliveredAt()));
      if (!stream.problem().isEmpty()) {
        session.notes().say(stream.stream() + ": " + stream.problem());
      }
    }
    session.table(
        List.of(
            "stream",
            "condition",
            "shards:BIGINT",
            "received:BIGINT",
            "stored:BIGINT",
            "duplicate:BIGINT",
            "conflict:BIGINT",
            "rejected:BIGINT",
            "waiting:BIGINT",
            "delivered_at"),
        rows);
    return 0;
  }

  /** Returns 1 if an event was not accepted. */
  private static int put(Session session, List<String> arguments) {
    if (arguments.size() < 2) {
      throw CommandFailed.usage("name the stream: datalake stream put STREAM [FILE|-]");
    }
    String stream = arguments.get(1);
    String from = arguments.size() > 2 ? arguments.get(2) : "-";
    Sent sent = new Sent(session, stream, session.connect());
    try (InputStream in = open(session, from)) {
      send(in, sent);
    } catch (IOException e) {
      throw CommandFailed.external("cannot read " + from + ": " + e);
    }
    session.table(
        List.of("stream", "accepted:BIGINT", "failed:BIGINT"),
        List.of(Arrays.asList(stream, sent.accepted, sent.failed)));
    return sent.failed == 0 ? 0 : 1;
  }

  private static int dead(Session session, List<String> arguments) {
    if (arguments.size() != 2) {
      throw CommandFailed.usage("name the stream: datalake stream dead STREAM");
    }
    String limit = session.line().option("--limit");
    String path =
        "/v1/streams/"
            + Tables.encoded(arguments.get(1))
            + "/dead"
            + (limit == null ? "" : "?limit=" + Tables.encoded(limit));
    DeadLettersAnswer answer = DeadLettersAnswer.from(session.connect().get(path));
    List<List<@Nullable Object>> rows = new ArrayList<>();
    for (DeadLettersAnswer.Letter letter : answer.letters()) {
      rows.add(
          Arrays.asList(
              letter.arrived(),
              letter.shard(),
              letter.offset(),
              letter.reason(),
              letter.text(),
              letter.base64()));
    }
    session.table(
        List.of("arrived", "shard:BIGINT", "offset:BIGINT", "reason", "text", "base64"), rows);
    return 0;
  }

  /** Prints a producer's properties, as they are kept in a file. */
  private static int kafka(Session session, List<String> arguments) {
    if (arguments.size() != 2) {
      throw CommandFailed.usage("name the stream: datalake stream kafka STREAM");
    }
    KafkaAnswer answer =
        KafkaAnswer.from(
            session.connect().get("/v1/streams/" + Tables.encoded(arguments.get(1)) + "/kafka"));
    session.notes().say("the topic of " + answer.stream() + " is " + answer.topic());
    List<List<@Nullable Object>> rows = new ArrayList<>();
    for (String property : answer.properties()) {
      int equals = property.indexOf('=');
      rows.add(Arrays.asList(property.substring(0, equals), property.substring(equals + 1)));
    }
    rows.add(Arrays.asList("topic", answer.topic()));
    session.table(List.of("property", "value"), rows);
    return 0;
  }

  private static int redrive(Session session, List<String> arguments) {
    if (arguments.size() != 2) {
      throw CommandFailed.usage("name the stream: datalake stream redrive STREAM");
    }
    RedriveRequest request =
        new RedriveRequest(
            Objects.requireNonNullElse(session.line().option("--from"), ""),
            Objects.requireNonNullElse(session.line().option("--to"), ""));
    String path = "/v1/streams/" + Tables.encoded(arguments.get(1)) + "/redrive";
    RedriveAnswer answer = RedriveAnswer.from(session.connect().post(path, request));
    session.table(
        List.of(
            "stream", "stored:BIGINT", "duplicate:BIGINT", "conflict:BIGINT", "rejected:BIGINT"),
        List.of(
            Arrays.asList(
                answer.stream(),
                answer.stored(),
                answer.duplicate(),
                answer.conflict(),
                answer.rejected())));
    return 0;
  }

  private static InputStream open(Session session, String from) throws IOException {
    if (from.equals("-")) {
      return new BufferedInputStream(System.in);
    }
    Path file = session.folder().resolve(from);
    if (!Files.isRegularFile(file)) {
      throw CommandFailed.usage("there is no file " + file);
    }
    return new BufferedInputStream(Files.newInputStream(file));
  }

  /** Sends whole lines, so many at a time as a request should have; an array in one request. */
  private static void send(InputStream in, Sent sent) throws IOException {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    boolean array = false;
    boolean begun = false;
    for (int b = in.read(); b >= 0; b = in.read()) {
      if (!begun && !Character.isWhitespace(b)) {
        begun = true;
        array = b == '[';
      }
      body.write(b);
      if (array && body.size() > LARGEST_REQUEST_BYTES) {
        throw CommandFailed.usage(
            "an array of more than 16 MiB cannot be sent in one request: give one event a line");
      }
      if (!array && b == '\n' && body.size() >= REQUEST_BYTES) {
        sent.send(body.toByteArray());
        body.reset();
      }
    }
    if (begun && body.size() > 0) {
      sent.send(body.toByteArray());
    }
  }

  /** Requests to one stream, and what became of them. */
  private static final class Sent {
    private final Session session;
    private final String stream;
    private final Connection connection;
    private long accepted;
    private long failed;
    private boolean told;

    Sent(Session session, String stream, Connection connection) {
      this.session = session;
      this.stream = stream;
      this.connection = connection;
    }

    void send(byte[] body) {
      if (new String(body, java.nio.charset.StandardCharsets.UTF_8).isBlank()) {
        return;
      }
      PutAnswer answer =
          PutAnswer.from(
              connection.postBytes("/v1/streams/" + Tables.encoded(stream) + "/events", body));
      accepted += answer.accepted();
      failed += answer.failed();
      for (PutAnswer.Result result : answer.results()) {
        if (result.error() != null && !told) {
          session.notes().say("an event was not accepted: " + result.error());
          told = true;
        }
      }
      session.notes().progress(new Event.Progress("put", stream, accepted, -1, "events"));
    }
  }
}
