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
    try {
      return Optional.of(isNumber(text) ? number(text) : iso(text));
    } catch (DateTimeException | ArithmeticException | NumberFormatException e) {
      return Optional.empty();
    }
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
