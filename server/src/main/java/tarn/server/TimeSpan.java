package tarn.server;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.regex.Pattern;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.stream.EventTime;

/**
 * A span of time as people write it.
 *
 * @param from included
 * @param to not included
 */
record TimeSpan(Instant from, Instant to) {
  private static final Pattern DAY = Pattern.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}");

  /**
   * Reads one, from times ({@code 2026-03-01T10:00}, UTC without an offset) or days, of which the
   * last belongs to it; empty texts for no bound. {@code BAD_REQUEST} for what is no time.
   */
  static TimeSpan of(String from, String to) {
    return new TimeSpan(
        from.isEmpty() ? Instant.MIN : time(from, false),
        to.isEmpty() ? Instant.MAX : time(to, true));
  }

  boolean has(Instant time) {
    return !time.isBefore(from) && time.isBefore(to);
  }

  /** A time; of a day its beginning, or its end. */
  private static Instant time(String text, boolean end) {
    boolean day = DAY.matcher(text).matches();
    return Optional.of(text)
        .filter(t -> t.indexOf('-') > 0)
        .flatMap(EventTime::parse)
        .map(at -> day && end ? at.plus(Duration.ofDays(1)) : at)
        .orElseThrow(
            () ->
                new TarnException(
                    ErrorCode.BAD_REQUEST,
                    "'"
                        + text
                        + "' is no time: write 2026-03-01, 2026-03-01T10:00 or 2026-03-01T10:00:00Z"));
  }
}
