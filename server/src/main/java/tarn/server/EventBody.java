package tarn.server;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.github.luben.zstd.ZstdInputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;

/**
 * The events of a request: lines, or the elements of a JSON array, each as its bytes stand. A line
 * need not be JSON: what it is decides the delivery.
 */
final class EventBody {
  static final int MOST_BYTES = 16 << 20;
  private static final int MOST_EVENTS = 100_000;
  private static final JsonFactory JSON = new JsonFactory();

  private EventBody() {}

  /**
   * Reads a body to its end.
   *
   * @param encoding {@code Content-Encoding}: gzip, zstd or none
   * @throws TarnException {@code BAD_REQUEST} for an array that is none, an encoding that is not
   *     known and a body without events, {@code LIMIT_EXCEEDED} beyond 16 MiB; nothing is taken
   */
  static List<byte[]> events(InputStream body, @Nullable String encoding) {
    byte[] bytes = bytes(body, encoding);
    int start = 0;
    while (start < bytes.length && isSpace(bytes[start])) {
      start++;
    }
    List<byte[]> events =
        start < bytes.length && bytes[start] == '[' ? elements(bytes) : lines(bytes);
    if (events.isEmpty()) {
      throw new TarnException(ErrorCode.BAD_REQUEST, "there are no events in the request");
    }
    return events;
  }

  private static byte[] bytes(InputStream body, @Nullable String encoding) {
    try {
      return decoded(bounded(body), encoding);
    } catch (IOException e) {
      throw new TarnException(
          ErrorCode.BAD_REQUEST, "the events of the request cannot be read: " + e.getMessage(), e);
    }
  }

  private static byte[] bounded(InputStream in) throws IOException {
    byte[] bytes = in.readNBytes(MOST_BYTES + 1);
    if (bytes.length > MOST_BYTES) {
      throw new TarnException(
          ErrorCode.LIMIT_EXCEEDED,
          "the events of the request have more than "
              + MOST_BYTES
              + " bytes: send them in several requests");
    }
    return bytes;
  }

  private static byte[] decoded(byte[] sent, @Nullable String encoding) throws IOException {
    return switch (encoding == null ? "identity" : encoding.toLowerCase(Locale.ROOT)) {
      case "identity", "" -> sent;
      case "gzip" -> GzipMembers.bytes(sent);
      case "zstd" -> {
        try (InputStream in =
            new ZstdInputStream(new ByteArrayInputStream(sent)).setContinuous(false)) {
          yield bounded(in);
        }
      }
      default ->
          throw new TarnException(
              ErrorCode.BAD_REQUEST,
              "Content-Encoding is " + encoding + "; it is gzip, zstd, or left out");
    };
  }

  /**
   * Members of gzip that follow each other. By itself the class ends without a word at the first
   * bytes that begin no member, and where a member ends with what the network has brought so far;
   * so it is given all bytes at once, and asked at its end whether it has seen all of them.
   */
  private static final class GzipMembers extends GZIPInputStream {
    /** Checksum and length, which end a member. */
    private static final int TRAILER_BYTES = 8;

    private GzipMembers(byte[] sent) throws IOException {
      super(new ByteArrayInputStream(sent), Math.max(1, sent.length));
    }

    static byte[] bytes(byte[] sent) throws IOException {
      try (GzipMembers in = new GzipMembers(sent)) {
        byte[] bytes = bounded(in);
        if (in.inf.getRemaining() != TRAILER_BYTES) {
          throw new IOException("something that is not gzip follows");
        }
        return bytes;
      }
    }
  }

  private static List<byte[]> lines(byte[] bytes) {
    List<byte[]> lines = new ArrayList<>();
    int start = 0;
    for (int i = 0; i <= bytes.length; i++) {
      if (i == bytes.length || bytes[i] == '\n') {
        int from = start;
        int to = i;
        while (from < to && isSpace(bytes[from])) {
          from++;
        }
        while (to > from && isSpace(bytes[to - 1])) {
          to--;
        }
        if (from < to) {
          lines.add(Arrays.copyOfRange(bytes, from, to));
          bounded(lines);
        }
        start = i + 1;
      }
    }
    return lines;
  }

  private static List<byte[]> elements(byte[] bytes) {
    List<byte[]> elements = new ArrayList<>();
    try (JsonParser parser = JSON.createParser(bytes)) {
      parser.nextToken();
      for (JsonToken token = parser.nextToken();
          token != JsonToken.END_ARRAY;
          token = parser.nextToken()) {
        int from = (int) parser.currentTokenLocation().getByteOffset();
        parser.skipChildren();
        parser.finishToken();
        int to = (int) parser.currentLocation().getByteOffset();
        if (from < 0 || to < from) {
          throw new TarnException(
              ErrorCode.BAD_REQUEST, "the array of events is not UTF-8: send it as UTF-8");
        }
        elements.add(Arrays.copyOfRange(bytes, from, to));
        bounded(elements);
      }
      if (parser.nextToken() != null) {
        throw new TarnException(ErrorCode.BAD_REQUEST, "something follows the array of events");
      }
      return elements;
    } catch (IOException e) {
      String message = String.valueOf(e.getMessage());
      int end = message.indexOf('\n');
      throw new TarnException(
          ErrorCode.BAD_REQUEST,
          "the request begins as an array of events and is none: "
              + (end < 0 ? message : message.substring(0, end)),
          e);
    }
  }

  private static void bounded(List<byte[]> events) {
    if (events.size() > MOST_EVENTS) {
      throw new TarnException(
          ErrorCode.BAD_REQUEST,
          "the request has more than " + MOST_EVENTS + " events: send them in several");
    }
  }

  private static boolean isSpace(byte b) {
    return b == ' ' || b == '\n' || b == '\r' || b == '\t';
  }
}
