package tarn.cli;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import tarn.api.PutAnswer;

/**
 * Puts batches of events into a stream. What may not have arrived is sent again, with longer and
 * longer pauses, for a minute: a stream finds by its id what arrived twice.
 */
final class StreamSender {
  private static final long FIRST_PAUSE_MILLIS = 50;
  private static final long LONGEST_PAUSE_MILLIS = 2_000;
  private static final long PATIENCE_NANOS = 60_000_000_000L;

  private final Connection connection;
  private final Notes notes;
  private final String stream;
  private long again;
  private long refused;

  StreamSender(Connection connection, Notes notes, String stream) {
    this.connection = connection;
    this.notes = notes;
    this.stream = stream;
  }

  String stream() {
    return stream;
  }

  /** How many events were sent more than once, once for each time. */
  long again() {
    return again;
  }

  /** How many events the stream did not take and never will. */
  long refused() {
    return refused;
  }

  /**
   * Returns when every event is in the log, or refused.
   *
   * @param events lines without their ends; the first does not begin with a bracket
   */
  void send(List<byte[]> events) {
    List<byte[]> left = events;
    long pause = FIRST_PAUSE_MILLIS;
    long deadline = System.nanoTime() + PATIENCE_NANOS;
    while (true) {
      String why;
      try {
        PutAnswer answer = PutAnswer.from(connection.postBytes(path(), lines(left)));
        left = failed(left, answer);
        if (left.isEmpty()) {
          return;
        }
        why = reason(answer);
      } catch (CommandFailed e) {
        if (!passes(e) || System.nanoTime() > deadline) {
          throw e;
        }
        why = e.getMessage();
      }
      if (System.nanoTime() > deadline) {
        throw CommandFailed.external(left.size() + " events were not taken for a minute: " + why);
      }
      if (pause == LONGEST_PAUSE_MILLIS) {
        notes.say("trying again: " + why);
      }
      again += left.size();
      pause(pause);
      pause = Math.min(2 * pause, LONGEST_PAUSE_MILLIS);
    }
  }

  private String path() {
    return "/v1/streams/" + Tables.encoded(stream) + "/events";
  }

  private static byte[] lines(List<byte[]> events) {
    ByteArrayOutputStream body = new ByteArrayOutputStream(events.size() * 400);
    for (byte[] event : events) {
      body.writeBytes(event);
      body.write('\n');
    }
    return body.toByteArray();
  }

  /** Those that may be taken later. */
  private List<byte[]> failed(List<byte[]> sent, PutAnswer answer) {
    List<byte[]> left = new ArrayList<>();
    if (answer.failed() == 0) {
      return left;
    }
    for (int i = 0; i < sent.size(); i++) {
      PutAnswer.Result result = answer.results().get(i);
      if (result.error() != null && result.retry()) {
        left.add(sent.get(i));
      } else if (result.error() != null) {
        refused++;
        notes.say("an event was refused: " + result.error());
      }
    }
    return left;
  }

  private static String reason(PutAnswer answer) {
    for (PutAnswer.Result result : answer.results()) {
      if (result.error() != null && result.retry()) {
        return result.error();
      }
    }
    return "";
  }

  /** Whether it is no fault of the request: no answer, or none that is for ever. */
  private static boolean passes(CommandFailed failure) {
    return (failure.exitCode() == 3 || failure.exitCode() == 4)
        && !failure.code().equals("LIMIT_EXCEEDED");
  }

  static void pause(long millis) {
    try {
      if (millis > 0) {
        Thread.sleep(millis);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw CommandFailed.external("interrupted");
    }
  }
}
