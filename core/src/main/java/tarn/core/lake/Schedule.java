package tarn.core.lake;

import com.cronutils.model.definition.CronConstraintsFactory;
import com.cronutils.model.definition.CronDefinition;
import com.cronutils.model.definition.CronDefinitionBuilder;
import com.cronutils.model.time.ExecutionTime;
import com.cronutils.parser.CronParser;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * When something is due, in the words of AWS EventBridge: {@code rate(2 hours)} or {@code
 * cron(minutes hours day-of-month month day-of-week year)}. A rate is due at the multiples of its
 * period since 1970-01-01T00:00Z, so that its times are the same wherever and whenever one asks. A
 * cron's times are those of a clock on the wall in a zone: an hour that a day does not have is
 * passed over, and one that it has twice counts once unless every hour is meant.
 */
public final class Schedule {
  private static final Pattern RATE =
      Pattern.compile("rate\\(\\s*([1-9][0-9]{0,5})\\s+(minute|hour|day)s?\\s*\\)");
  private static final Pattern CRON = Pattern.compile("cron\\(\\s*([^()]{1,200}?)\\s*\\)");
  private static final CronDefinition FIELDS = fields();

  private final String text;
  private final @Nullable Duration period;
  private final @Nullable ExecutionTime times;

  private Schedule(String text, @Nullable Duration period, @Nullable ExecutionTime times) {
    this.text = text;
    this.period = period;
    this.times = times;
  }

  private static CronDefinition fields() {
    return CronDefinitionBuilder.defineCron()
        .withMinutes()
        .withValidRange(0, 59)
        .withStrictRange()
        .and()
        .withHours()
        .withValidRange(0, 23)
        .withStrictRange()
        .and()
        .withDayOfMonth()
        .withValidRange(1, 31)
        .supportsL()
        .supportsW()
        .supportsLW()
        .supportsQuestionMark()
        .and()
        .withMonth()
        .withValidRange(1, 12)
        .and()
        .withDayOfWeek()
        .withValidRange(1, 7)
        .withMondayDoWValue(2)
        .supportsHash()
        .supportsL()
        .supportsQuestionMark()
        .and()
        .withYear()
        .withValidRange(1970, 2199)
        .and()
        .withCronValidation(CronConstraintsFactory.ensureEitherDayOfWeekOrDayOfMonth())
        .instance();
  }

  /** Reads one; IllegalArgumentException, with what is expected, if it is none. */
  public static Schedule parse(String text) {
    Matcher rate = RATE.matcher(text);
    if (rate.matches()) {
      long number = Long.parseLong(rate.group(1));
      Duration period =
          switch (rate.group(2)) {
            case "minute" -> Duration.ofMinutes(number);
            case "hour" -> Duration.ofHours(number);
            default -> Duration.ofDays(number);
          };
      return new Schedule(text, period, null);
    }
    Matcher cron = CRON.matcher(text);
    if (!cron.matches()) {
      throw expected("");
    }
    if (cron.group(1).split("\\s+").length != 6) {
      throw expected(
          "; cron(...) has six fields: minutes, hours, day of month, month, day of week, year");
    }
    try {
      return new Schedule(
          text, null, ExecutionTime.forCron(new CronParser(FIELDS).parse(cron.group(1))));
    } catch (IllegalArgumentException e) {
      throw expected("; " + reason(e));
    }
  }

  private static String reason(IllegalArgumentException e) {
    String message = String.valueOf(e.getMessage());
    return message.startsWith("Both, a day-of-week AND a day-of-month")
        ? "one of day of month and day of week is '?'"
        : message;
  }

  private static IllegalArgumentException expected(String why) {
    return new IllegalArgumentException("schedule like rate(2 hours) or cron(0 2 * * ? *)" + why);
  }

  /** The first time after another; empty if there is none any more. */
  public Optional<Instant> next(Instant after, ZoneId zone) {
    if (period != null) {
      return Optional.of(multiple(after, period).plus(period));
    }
    return cron().nextExecution(after.atZone(zone)).map(ZonedDateTime::toInstant);
  }

  /** The last time that is after one and not after another; empty if there is none. */
  public Optional<Instant> last(Instant after, Instant upTo, ZoneId zone) {
    Optional<Instant> last =
        period != null
            ? Optional.of(multiple(upTo, period))
            : cron().lastExecution(upTo.plusSeconds(1).atZone(zone)).map(ZonedDateTime::toInstant);
    return last.filter(time -> time.isAfter(after) && !time.isAfter(upTo));
  }

  private ExecutionTime cron() {
    if (times == null) {
      throw new IllegalStateException(text + " is no cron");
    }
    return times;
  }

  private static Instant multiple(Instant time, Duration period) {
    long seconds = period.toSeconds();
    return Instant.ofEpochSecond(Math.floorDiv(time.getEpochSecond(), seconds) * seconds);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Schedule that && text.equals(that.text);
  }

  @Override
  public int hashCode() {
    return text.hashCode();
  }

  /** As written. */
  @Override
  public String toString() {
    return text;
  }
}
