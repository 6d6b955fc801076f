package tarn.server.firehose;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The events of a delivery stream's record. Firehose writes records one after the other and adds
 * nothing, so producers end each event with a line end, or put several into a record. A record of
 * whole JSON objects, with any space between them or none, has these as events, whichever line ends
 * are in them; in any other every line is one, and the delivery says what is wrong with it.
 */
final class RecordEvents {
  private RecordEvents() {}

  /** At least one, as its bytes stand; a record of nothing but space is one event without bytes. */
  static List<byte[]> of(byte[] record) {
    List<byte[]> events = new ArrayList<>();
    if (!objects(record, events)) {
      events.clear();
      lines(record, events);
    }
    return events.isEmpty() ? List.of(new byte[0]) : events;
  }

  private static boolean objects(byte[] record, List<byte[]> events) {
    int at = 0;
    while (true) {
      while (at < record.length && isSpace(record[at])) {
        at++;
      }
      if (at == record.length) {
        return true;
      }
      int end = record[at] == '{' ? end(record, at) : -1;
      if (end < 0) {
        return false;
      }
      events.add(Arrays.copyOfRange(record, at, end));
      at = end;
    }
  }

  /** Behind the brace that closes the one at a place; -1 if none does. */
  private static int end(byte[] record, int from) {
    int depth = 0;
    boolean text = false;
    for (int at = from; at < record.length; at++) {
      byte b = record[at];
      if (text) {
        if (b == '\\') {
          at++;
        } else if (b == '"') {
          text = false;
        }
      } else if (b == '"') {
        text = true;
      } else if (b == '{') {
        depth++;
      } else if (b == '}' && --depth == 0) {
        return at + 1;
      }
    }
    return -1;
  }

  private static void lines(byte[] record, List<byte[]> events) {
    int start = 0;
    for (int at = 0; at <= record.length; at++) {
      if (at == record.length || record[at] == '\n') {
        int from = start;
        int to = at;
        while (from < to && isSpace(record[from])) {
          from++;
        }
        while (to > from && isSpace(record[to - 1])) {
          to--;
        }
        if (from < to) {
          events.add(Arrays.copyOfRange(record, from, to));
        }
        start = at + 1;
      }
    }
  }

  private static boolean isSpace(byte b) {
    return b == ' ' || b == '\n' || b == '\r' || b == '\t';
  }
}
