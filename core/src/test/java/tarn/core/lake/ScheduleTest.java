package tarn.core.lake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ScheduleTest {
  private static final ZoneId UTC = ZoneId.of("UTC");
  private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");
  private static final ZoneId NEW_YORK = ZoneId.of("America/New_York");

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "rate(1 minute)|2026-01-31T23:59:30|2026-02-01T00:00:00",
        "rate(2 hours)|2026-01-31T23:59:30|2026-02-01T00:00:00",
        "rate(2 hours)|2026-02-01T00:00:00|2026-02-01T02:00:00",
        "cron(0 2 * * ? *)|2026-02-27T02:00:00|2026-02-28T02:00:00",
        "cron(0 2 * * ? *)|2026-02-28T01:59:59|2026-02-28T02:00:00",
        "cron(0/15 8-17 ? * MON-FRI *)|2026-01-30T17:45:00|2026-02-02T08:00:00",
        "cron(0 0 L * ? *)|2026-02-01T00:00:00|2026-02-28T00:00:00",
        "cron(0 0 L * ? *)|2028-02-01T00:00:00|2028-02-29T00:00:00",
        "cron(0 0 31 * ? *)|2026-01-31T00:00:00|2026-03-31T00:00:00",
        "cron(0 9 15W * ? *)|2026-08-01T00:00:00|2026-08-14T09:00:00",
        "cron(0 9 15W * ? *)|2026-11-01T00:00:00|2026-11-16T09:00:00",
        "cron(0 9 1W * ? *)|2026-08-01T00:00:00|2026-08-03T09:00:00",
        "cron(30 6 ? * 6#2 *)|2026-01-01T00:00:00|2026-01-09T06:30:00",
        "cron(30 6 ? * FRI#2 *)|2026-01-01T00:00:00|2026-01-09T06:30:00",
        "cron(30 6 ? * 6#5 *)|2026-02-01T00:00:00|2026-05-29T06:30:00",
        "cron(0 18 ? * 1 *)|2026-01-01T00:00:00|2026-01-04T18:00:00",
        "cron(0 18 ? * SUN *)|2026-01-01T00:00:00|2026-01-04T18:00:00",
        "cron(0 18 ? * 7 *)|2026-01-01T00:00:00|2026-01-03T18:00:00",
        "cron(0 18 ? * 6L *)|2026-01-01T00:00:00|2026-01-30T18:00:00",
        "cron(0 0 29 2 ? *)|2026-01-01T00:00:00|2028-02-29T00:00:00",
        "cron(0 12 1 JAN ? 2030-2031)|2026-01-01T00:00:00|2030-01-01T12:00:00",
      })
  void theNextTimeIsAsOnACalendar(String schedule, LocalDateTime after, LocalDateTime next) {
    assertThat(Schedule.parse(schedule).next(after.atZone(UTC).toInstant(), UTC))
        .contains(next.atZone(UTC).toInstant());
  }

  @Test
  void aScheduleOfThePastIsNeverDueAgain() {
    assertThat(
            Schedule.parse("cron(0 0 1 1 ? 2020)").next(Instant.parse("2026-01-01T00:00:00Z"), UTC))
        .isEmpty();
  }

  @Test
  void anHourThatADayDoesNotHaveIsPassedOverOrComesOnce() {
    Schedule nightly = Schedule.parse("cron(30 2 * * ? *)");
    assertThat(times(nightly, "2026-03-27T12:00:00Z", "2026-03-31T00:00:00Z", BERLIN))
        .containsExactly("2026-03-28T01:30:00Z", "2026-03-30T00:30:00Z");
  }

  @Test
  void anHourThatADayHasTwiceCountsOnce() {
    Schedule nightly = Schedule.parse("cron(30 2 * * ? *)");
    assertThat(times(nightly, "2026-10-24T12:00:00Z", "2026-10-27T00:00:00Z", BERLIN))
        .containsExactly("2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z");
    Schedule american = Schedule.parse("cron(30 1 * * ? *)");
    assertThat(times(american, "2026-10-31T12:00:00Z", "2026-11-03T00:00:00Z", NEW_YORK))
        .containsExactly("2026-11-01T05:30:00Z", "2026-11-02T06:30:00Z");
  }

  @Test
  void everyHourIsEveryHourAlsoOnDaysOf23And25() {
    Schedule hourly = Schedule.parse("cron(0 * * * ? *)");
    assertThat(times(hourly, "2026-03-28T23:30:00Z", "2026-03-29T22:30:00Z", BERLIN)).hasSize(23);
    assertThat(times(hourly, "2026-10-24T22:30:00Z", "2026-10-25T23:30:00Z", BERLIN)).hasSize(25);
  }

  /** Both ways to the same times: what was missed is what would have been next. */
  @Test
  void theLastTimeIsTheLastOfTheNextOnes() {
    Random random = new Random(11);
    List<String> schedules =
        List.of(
            "rate(7 minutes)",
            "rate(3 days)",
            "cron(0 2 * * ? *)",
            "cron(30 2 * * ? *)",
            "cron(0/20 * * * ? *)",
            "cron(0 9 15W * ? *)",
            "cron(0 0 L * ? *)",
            "cron(30 6 ? * 6#2 *)",
            "cron(0 18 ? * 6L *)");
    for (String text : schedules) {
      Schedule schedule = Schedule.parse(text);
      for (ZoneId zone : List.of(UTC, BERLIN, NEW_YORK)) {
        for (int i = 0; i < 30; i++) {
          Instant after =
              Instant.parse("2026-01-01T00:00:00Z").plusSeconds(random.nextInt(400 * 86_400));
          Instant upTo = after.plusSeconds(random.nextInt(text.contains("*/") ? 86_400 : 200_000));
          Instant expected = null;
          for (Optional<Instant> next = schedule.next(after, zone);
              next.isPresent() && !next.get().isAfter(upTo);
              next = schedule.next(next.get(), zone)) {
            expected = next.get();
          }
          assertThat(schedule.last(after, upTo, zone))
              .as("%s in %s, after %s up to %s", text, zone, after, upTo)
              .isEqualTo(Optional.ofNullable(expected));
        }
      }
    }
  }

  @Test
  void aRatesTimesAreTheSameWheneverOneAsks() {
    Schedule rate = Schedule.parse("rate(5 minutes)");
    Instant base = Instant.parse("2026-01-01T00:00:00Z");
    for (int s = 0; s < 300; s += 17) {
      assertThat(rate.next(base.plusSeconds(s), UTC)).contains(base.plus(Duration.ofMinutes(5)));
    }
    assertThat(rate.last(base, base, UTC)).isEmpty();
    assertThat(rate.last(base.minusSeconds(1), base, UTC)).contains(base);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "daily",
        "rate(0 minutes)",
        "rate(5 seconds)",
        "rate(-1 hours)",
        "cron()",
        "cron(0 2 * * *)",
        "cron(0 2 * * * *)",
        "cron(0 2 ? * ? *)",
        "cron(60 2 * * ? *)",
        "cron(0 24 * * ? *)",
        "cron(0 2 32 * ? *)",
        "cron(0 2 * 13 ? *)",
        "cron(0 2 ? * 8 *)",
        "cron(0 2 ? * FRO *)",
        "cron(0 0 2 * * ? *)",
        "0 2 * * ? *",
      })
  void whatIsNoScheduleIsRefused(String text) {
    assertThatThrownBy(() -> Schedule.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("schedule like rate(2 hours) or cron(0 2 * * ? *)");
  }

  private static List<String> times(Schedule schedule, String after, String upTo, ZoneId zone) {
    List<String> times = new ArrayList<>();
    Instant end = Instant.parse(upTo);
    for (Optional<Instant> next = schedule.next(Instant.parse(after), zone);
        next.isPresent() && !next.get().isAfter(end);
        next = schedule.next(next.get(), zone)) {
      times.add(next.get().toString());
    }
    return times;
  }
}
