package tarn.testkit.bench;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.SplittableRandom;

/**
 * Writes events as newline JSON, about 330 bytes each, over five days: event_id (UUID), event_type,
 * event_subtype, user_id, session_id, occurred_at (ISO 8601, UTC), country, amount, and properties
 * (an object with text, numbers, a boolean and an array of tags). The same arguments give the same
 * bytes everywhere.
 */
public final class EventFiles {
  private static final int BUFFER_BYTES = 1 << 20;
  private static final int MAX_EVENT_BYTES = 1 << 10;
  private static final int DAYS = 5;
  private static final byte[] HEX = ascii("0123456789abcdef");

  /** Type and subtype with their JSON; eight types with three subtypes each. */
  private static final byte[][] TYPES =
      types(
          "page_view:home,product,search",
          "click:banner,button,link",
          "cart:add,remove,clear",
          "order:placed,paid,cancelled",
          "login:password,token,failed",
          "search:text,filter,voice",
          "review:created,edited,removed",
          "support:opened,answered,closed");

  private static final byte[][] COUNTRIES =
      texts("AT", "BE", "DE", "DK", "ES", "FR", "GB", "IE", "IT", "NL", "PL", "PT", "SE", "US");
  private static final byte[][] DEVICES = texts("desktop", "phone", "tablet", "watch");
  private static final byte[][] BROWSERS = texts("ember/12.4", "lynx/9.0", "osprey/141.2");
  private static final byte[][] TAGS =
      texts("\"new\"", "\"sale\"", "\"gift\",\"new\"", "\"vip\",\"sale\",\"test\"", "");

  private final byte[] buffer = new byte[BUFFER_BYTES + MAX_EVENT_BYTES];
  private final int dirtyPerMillion;
  private int at;
  private long events;
  private long badType;
  private long truncated;
  private long notUtf8;
  private long bytes;

  private EventFiles(double dirty) {
    this.dirtyPerMillion = (int) Math.round(dirty * 1_000_000);
  }

  /**
   * What was written; {@code events = good + badType + truncated + notUtf8}.
   *
   * @param bytes size of all files
   * @param events lines
   * @param badType lines whose amount is the text n/a
   * @param truncated lines cut in the middle
   * @param notUtf8 lines with a byte that no UTF-8 text has
   */
  public record Counts(
      int files, long bytes, long events, long badType, long truncated, long notUtf8) {

    /** Lines without damage. */
    public long good() {
      return events - badType - truncated - notUtf8;
    }
  }

  /**
   * Writes events-00000.jsonl and so on.
   *
   * @param folder created if need be; files of the same names are overwritten
   * @param totalBytes all files together, exceeded by at most one event per file
   * @param files number of files of equal size
   * @param dirty fraction of damaged lines, 0 to 1, the three kinds in equal parts
   * @throws UncheckedIOException when a file cannot be written; what was written stays
   */
  public static Counts write(Path folder, long totalBytes, int files, long seed, double dirty) {
    if (totalBytes < 1 || files < 1 || dirty < 0 || dirty > 1) {
      throw new IllegalArgumentException(
          "Not possible: " + totalBytes + " bytes in " + files + " files, dirty " + dirty);
    }
    EventFiles writer = new EventFiles(dirty);
    try {
      Files.createDirectories(folder);
      for (int file = 0; file < files; file++) {
        Path path = folder.resolve(String.format(Locale.ROOT, "events-%05d.jsonl", file));
        writer.file(path, totalBytes / files, new SplittableRandom(seed * 1_000_003 + file));
      }
    } catch (IOException e) {
      throw new UncheckedIOException("Events could not be written to " + folder, e);
    }
    return new Counts(
        files, writer.bytes, writer.events, writer.badType, writer.truncated, writer.notUtf8);
  }

  /** {@code EventFiles <out dir> <megabytes> <files> [<seed> [<dirty fraction>]]}. */
  public static void main(String[] args) {
    if (args.length < 3 || args.length > 5) {
      throw new IllegalArgumentException(
          "usage: EventFiles <out dir> <megabytes> <files> [<seed> [<dirty fraction>]]");
    }
    long seed = args.length > 3 ? Long.parseLong(args[3]) : 1;
    double dirty = args.length > 4 ? Double.parseDouble(args[4]) : 0;
    long size = Long.parseLong(args[1]) * 1_000_000;
    System.out.println(write(Path.of(args[0]), size, Integer.parseInt(args[2]), seed, dirty));
  }

  private void file(Path path, long wanted, SplittableRandom random) throws IOException {
    long end = bytes + wanted;
    try (OutputStream out = Files.newOutputStream(path)) {
      while (bytes < end) {
        int start = at;
        line(random);
        bytes += at - start;
        if (at >= BUFFER_BYTES) {
          flush(out);
        }
      }
      flush(out);
    }
  }

  private void flush(OutputStream out) throws IOException {
    out.write(buffer, 0, at);
    at = 0;
  }

  private void line(SplittableRandom random) {
    events++;
    int draw = dirtyPerMillion == 0 ? Integer.MAX_VALUE : random.nextInt(1_000_000);
    int damage = draw < dirtyPerMillion ? 1 + draw % 3 : 0;
    int start = at;
    event(random, damage == 1);
    damage(damage, start);
    buffer[at++] = '\n';
  }

  private void damage(int damage, int start) {
    switch (damage) {
      case 1 -> badType++;
      case 2 -> {
        truncated++;
        at = start + (at - start) / 2;
      }
      case 3 -> {
        notUtf8++;
        buffer[at - 3] = (byte) 0xfc;
      }
      default -> {}
    }
  }

  private static final byte[] EVENT_ID = ascii("{\"event_id\":\"");
  private static final byte[] USER_ID = ascii(",\"user_id\":\"u-");
  private static final byte[] SESSION_ID = ascii("\",\"session_id\":\"s-");
  private static final byte[] OCCURRED_AT = ascii("\",\"occurred_at\":\"2025-10-0");
  private static final byte[] COUNTRY = ascii("Z\",\"country\":\"");
  private static final byte[] AMOUNT = ascii("\",\"amount\":");
  private static final byte[] NOT_A_NUMBER = ascii("\"n/a\"");
  private static final byte[] DEVICE = ascii(",\"properties\":{\"device\":\"");
  private static final byte[] BROWSER = ascii("\",\"browser\":\"");
  private static final byte[] MILLIS = ascii("\",\"millis\":");
  private static final byte[] LOGGED_IN = ascii(",\"logged_in\":");
  private static final byte[] TRUE = ascii("true");
  private static final byte[] FALSE = ascii("false");
  private static final byte[] TAG_LIST = ascii(",\"tags\":[");
  private static final byte[] PATH = ascii("],\"path\":\"/p/");
  private static final byte[] END = ascii("\"}}");

  private void event(SplittableRandom random, boolean badAmount) {
    long bits = random.nextLong();
    put(EVENT_ID);
    uuid(random.nextLong(), random.nextLong());
    put(TYPES[pick(bits, 0, TYPES.length)]);
    put(USER_ID);
    digits(random.nextInt(2_000_000), 8);
    put(SESSION_ID);
    hex(random.nextLong(), 8);
    occurredAt(random.nextInt(DAYS * 86_400_000));
    put(COUNTRY);
    put(COUNTRIES[pick(bits, 8, COUNTRIES.length)]);
    put(AMOUNT);
    amount(random.nextInt(100_000), badAmount);
    properties(bits);
  }

  private void amount(int cents, boolean bad) {
    if (bad) {
      put(NOT_A_NUMBER);
      return;
    }
    number(cents / 100);
    buffer[at++] = '.';
    digits(cents % 100, 2);
  }

  private void properties(long bits) {
    put(DEVICE);
    put(DEVICES[pick(bits, 16, DEVICES.length)]);
    put(BROWSER);
    put(BROWSERS[pick(bits, 24, BROWSERS.length)]);
    put(MILLIS);
    number((int) (bits >>> 52));
    put(LOGGED_IN);
    put((bits >>> 51 & 1) == 0 ? FALSE : TRUE);
    put(TAG_LIST);
    put(TAGS[pick(bits, 32, TAGS.length)]);
    put(PATH);
    digits((int) (bits >>> 40 & 0x7ff), 5);
    put(END);
  }

  /** Eight bits of a draw as an index: not even for every length, which is welcome here. */
  private static int pick(long bits, int shift, int length) {
    return (int) ((bits >>> shift & 0xff) * length >>> 8);
  }

  /** A version 4 UUID and the quote after it. */
  private void uuid(long high, long low) {
    hex(high >>> 32, 8);
    buffer[at++] = '-';
    hex(high >>> 16, 4);
    buffer[at++] = '-';
    hex(high & 0x0fff | 0x4000, 4);
    buffer[at++] = '-';
    hex(low >>> 48 & 0x3fff | 0x8000, 4);
    buffer[at++] = '-';
    hex(low, 12);
    buffer[at++] = '"';
  }

  private void occurredAt(int millis) {
    put(OCCURRED_AT);
    int seconds = millis / 1000;
    number(1 + seconds / 86_400);
    buffer[at++] = 'T';
    digits(seconds % 86_400 / 3600, 2);
    buffer[at++] = ':';
    digits(seconds % 3600 / 60, 2);
    buffer[at++] = ':';
    digits(seconds % 60, 2);
    buffer[at++] = '.';
    digits(millis % 1000, 3);
  }

  private void put(byte[] text) {
    System.arraycopy(text, 0, buffer, at, text.length);
    at += text.length;
  }

  private void hex(long value, int width) {
    for (int shift = (width - 1) * 4; shift >= 0; shift -= 4) {
      buffer[at++] = HEX[(int) (value >>> shift & 0xf)];
    }
  }

  private void digits(int value, int width) {
    int rest = value;
    for (int i = width - 1; i >= 0; i--) {
      buffer[at + i] = (byte) ('0' + rest % 10);
      rest /= 10;
    }
    at += width;
  }

  private void number(int value) {
    int width = 1;
    for (int rest = value / 10; rest > 0; rest /= 10) {
      width++;
    }
    digits(value, width);
  }

  private static byte[][] types(String... types) {
    byte[][] all = new byte[types.length * 3][];
    int count = 0;
    for (String type : types) {
      String name = type.substring(0, type.indexOf(':'));
      for (String subtype : type.substring(type.indexOf(':') + 1).split(",")) {
        all[count++] =
            ascii(",\"event_type\":\"" + name + "\",\"event_subtype\":\"" + subtype + '"');
      }
    }
    return all;
  }

  private static byte[][] texts(String... texts) {
    byte[][] all = new byte[texts.length][];
    for (int i = 0; i < texts.length; i++) {
      all[i] = ascii(texts[i]);
    }
    return all;
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
