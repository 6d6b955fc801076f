package tarn.core.stream;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.format.ResolverStyle;
import java.time.temporal.TemporalAccessor;
import java.util.Locale;
import java.util.Optional;

/**
 * When an event says that it happened: ISO 8601 ({@code 2026-11-21T17:50:03.5+01:00}, with a space
 * for the T, without an offset in UTC, with {@code [Europe/Berlin]}, or a date alone), or a number
 * since 1970-01-01T00:00Z, whose size tells its unit: up to 10^11 seconds, then milli-, micro- and
 * nanoseconds.
 */
public final class EventTime {
  private static final int LONGEST = 64;
  private static final BigDecimal SECONDS = new BigDecimal("1e11");
  private static final int NANO_DIGITS = 9;

  /** The length of 2026-11-21T17:50:03. */
  private static final int SECOND_ENDS = 19;

  /** From one unit to the next smaller one. */
  private static final int STEP = 3;

  private static final DateTimeFormatter ISO =
      new DateTimeFormatterBuilder()
          .parseCaseInsensitive()
          .append(DateTimeFormatter.ISO_LOCAL_DATE)
          .optionalStart()
          .appendPattern("['T'][ ]")
          .append(DateTimeFormatter.ISO_LOCAL_TIME)
          .optionalStart()
          .appendPattern("[XXX][XX][X]")
          .optionalStart()
          .appendLiteral('[')
          .appendZoneRegionId()
          .appendLiteral(']')
          .toFormatter(Locale.ROOT)
          .withResolverStyle(ResolverStyle.STRICT);

  private EventTime() {}

  /** Empty if it is none. */
  public static Optional<Instant> parse(String text) {
    if (text.isEmpty() || text.length() > LONGEST) {
      return Optional.empty();
    }
    Optional<Instant> common = common(text);
    if (common.isPresent()) {
      return common;
    }
    try {
      return Optional.of(isNumber(text) ? number(text) : iso(text));
    } catch (DateTimeException | ArithmeticException | NumberFormatException e) {
      return Optional.empty();
    }
  }

  /**
   * Date and time to the second or a part of it, in UTC: what most events have, read without a
   * formatter, which takes fifty times as long. Empty for all else.
   */
  private static Optional<Instant> common(String text) {
    int length = text.length();
    boolean shaped =
        length >= SECOND_ENDS
            && text.charAt(4) == '-'
            && text.charAt(7) == '-'
            && (text.charAt(10) == 'T' || text.charAt(10) == ' ')
            && text.charAt(13) == ':'
            && text.charAt(16) == ':';
    if (!shaped) {
      return Optional.empty();
    }
    int end = text.charAt(length - 1) == 'Z' ? length - 1 : length;
    int nanos = 0;
    if (end > SECOND_ENDS) {
      int digits = end - SECOND_ENDS - 1;
      int fraction = digits(text, SECOND_ENDS + 1, end);
      if (text.charAt(SECOND_ENDS) != '.' || digits > NANO_DIGITS || fraction < 0) {
        return Optional.empty();
      }
      nanos = fraction;
      for (int i = digits; i < NANO_DIGITS; i++) {
        nanos *= 10;
      }
    }
    int year = digits(text, 0, 4);
    int month = digits(text, 5, 7);
    int day = digits(text, 8, 10);
    int hour = digits(text, 11, 13);
    int minute = digits(text, 14, 16);
    int second = digits(text, 17, SECOND_ENDS);
    boolean known =
        year > 0
            && month >= 1
            && month <= 12
            && day >= 1
            && day <= 28 // every month has these
            && hour >= 0
            && hour <= 23
            && minute >= 0
            && minute <= 59
            && second >= 0
            && second <= 59;
    if (!known) {
      return Optional.empty();
    }
    long seconds = LocalDate.of(year, month, day).toEpochDay() * 86_400L;
    return Optional.of(
        Instant.ofEpochSecond(seconds + hour * 3600L + minute * 60L + second, nanos));
  }

  /** The number that digits stand for, at most nine; -1 if there are none, or something else. */
  private static int digits(String text, int from, int to) {
    int value = from < to && to - from <= NANO_DIGITS ? 0 : -1;
    for (int i = from; i < to && value >= 0; i++) {
      char c = text.charAt(i);
      value = c >= '0' && c <= '9' ? value * 10 + (c - '0') : -1;
    }
    return value;
  }

  private static boolean isNumber(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if ((c < '0' || c > '9') && c != '.' && c != '+' && c != 'e' && c != 'E') {
        return c == '-' && i == 0 && text.indexOf('-', 1) < 0;
      }
    }
    return true;
  }

  private static Instant number(String text) {
    BigDecimal value = new BigDecimal(text);
    if (value.abs().precision() - value.scale() > LONGEST) {
      throw new ArithmeticException("too large");
    }
    int digits = 0;
    while (digits < NANO_DIGITS && value.abs().movePointLeft(digits).compareTo(SECONDS) >= 0) {
      digits += STEP;
    }
    BigDecimal nanos = value.movePointRight(NANO_DIGITS - digits).setScale(0, RoundingMode.FLOOR);
    long[] parts = parts(nanos);
    return Instant.ofEpochSecond(parts[0], parts[1]);
  }

  private static long[] parts(BigDecimal nanos) {
    BigDecimal seconds = nanos.movePointLeft(NANO_DIGITS).setScale(0, RoundingMode.FLOOR);
    return new long[] {
      seconds.longValueExact(), nanos.subtract(seconds.movePointRight(NANO_DIGITS)).longValueExact()
    };
  }

  private static Instant iso(String text) {
    TemporalAccessor read =
        ISO.parseBest(
            text, ZonedDateTime::from, OffsetDateTime::from, LocalDateTime::from, LocalDate::from);
    if (read instanceof ZonedDateTime zoned) {
      return zoned.toInstant();
    } else if (read instanceof OffsetDateTime offset) {
      return offset.toInstant();
    } else if (read instanceof LocalDateTime local) {
      return local.toInstant(ZoneOffset.UTC);
    }
    return ((LocalDate) read).atStartOfDay(ZoneOffset.UTC).toInstant();
  }
}
