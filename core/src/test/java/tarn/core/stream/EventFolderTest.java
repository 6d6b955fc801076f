package tarn.core.stream;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EventFolderTest {
  private static final Instant ARRIVED = Instant.parse("2026-11-21T00:30:00Z");
  private static final StreamRules.Fields ALL =
      new StreamRules.Fields(List.of("id"), List.of("t"), List.of("s"), List.of("at"));

  @ParameterizedTest
  @CsvSource({
    "2026-11-21T10:00:00Z, 2026-11-21T10:00:00Z",
    "2026-11-21T10:00:00.123456789+05:30, 2026-11-21T04:30:00.123456789Z",
    "2026-11-21T10:00:00+0200, 2026-11-21T08:00:00Z",
    "2026-11-21t10:00, 2026-11-21T10:00:00Z",
    "2026-11-21 10:00:00, 2026-11-21T10:00:00Z",
    "2026-11-21T10:00:00.5, 2026-11-21T10:00:00.500Z",
    "2026-02-28T23:59:59.999999999Z, 2026-02-28T23:59:59.999999999Z",
    "2024-02-29T00:00:00.000Z, 2024-02-29T00:00:00Z",
    "1969-12-31T23:59:59.25Z, 1969-12-31T23:59:59.250Z",
    "2026-11-21, 2026-11-21T00:00:00Z",
    "2026-10-25T02:30:00+02:00[Europe/Berlin], 2026-10-25T00:30:00Z",
    "2026-10-25T02:30:00+01:00[Europe/Berlin], 2026-10-25T01:30:00Z",
    "1795255800, 2026-11-21T10:10:00Z",
    "1795255800.25, 2026-11-21T10:10:00.250Z",
    "1795255800250, 2026-11-21T10:10:00.250Z",
    "1795255800250000, 2026-11-21T10:10:00.250Z",
    "1795255800250000001, 2026-11-21T10:10:00.250000001Z",
    "-1, 1969-12-31T23:59:59Z",
    "0, 1970-01-01T00:00:00Z"
  })
  void timesAreRead(String text, String instant) {
    assertThat(EventTime.parse(text)).contains(Instant.parse(instant));
  }

  @ParameterizedTest
  @CsvSource({
    "yesterday",
    "2026-02-30T10:00:00Z",
    "2026-11-21T25:00:00Z",
    "2026-11-21T10:60:00Z",
    "2026-11-21T10:00:0xZ",
    "2026-13-21T10:00:00Z",
    "2025-02-29T10:00:00Z",
    "2026-11-21T10:00:00+25:00",
    "2026-11-21T10:00:00+01:00[Mars/Base]",
    "21.11.2026",
    "1e400",
    "1e40",
    "--1",
    "1-2",
    "NaN",
    "."
  })
  void whatIsNoTimeIsNone(String text) {
    assertThat(EventTime.parse(text)).isEmpty();
  }

  @Test
  void anEventLiesInTheFolderOfItsTypeAndOfItsDayInUtc() {
    EventFolder folders = new EventFolder(ALL, StreamRules.Times.DEFAULT);
    assertThat(folders.of("view", "page", "2026-11-21T00:30:00+01:00", ARRIVED).folder())
        .isEqualTo("event_type=view/event_subtype=page/year=2026/month=11/day=20");
    assertThat(folders.of("a/b=c", null, null, ARRIVED).folder())
        .isEqualTo(
            "event_type=a%2Fb%3Dc/event_subtype=__HIVE_DEFAULT_PARTITION__/year=2026/month=11/day=21");
    assertThat(folders.of("..", "x".repeat(201), null, ARRIVED).folder())
        .isEqualTo("event_type=../event_subtype=__OTHER__/year=2026/month=11/day=21");
  }

  @Test
  void withoutSuchFieldsOnlyTheDayOfArrivalCounts() {
    StreamRules.Fields none = StreamRules.Fields.of(List.of("id"));
    assertThat(new EventFolder(none, StreamRules.Times.DEFAULT).of(null, null, null, ARRIVED))
        .isEqualTo(new EventFolder.Found("year=2026/month=11/day=21", ""));
  }

  @Test
  void whatIsOffIsFiledUnderItsArrivalOrRefused() {
    String late = "2026-10-01T00:00:00Z";
    String future = "2026-11-21T01:31:00Z";
    EventFolder kept = new EventFolder(ALL, StreamRules.Times.DEFAULT);
    EventFolder refused =
        new EventFolder(
            ALL, new StreamRules.Times(Duration.ofDays(30), true, Duration.ofHours(1), true, true));
    for (String time : List.of(late, future, "2026-02-30")) {
      assertThat(kept.of("v", "p", time, ARRIVED).folder()).endsWith("month=11/day=21");
    }
    assertThat(refused.of("v", "p", late, ARRIVED).problem()).startsWith("it is late");
    assertThat(refused.of("v", "p", future, ARRIVED).problem()).startsWith("it is of the future");
    assertThat(refused.of("v", "p", "2026-02-30", ARRIVED).problem()).contains("cannot be read");
    assertThat(refused.of("v", "p", null, ARRIVED).problem()).isEqualTo("it has no time");
    assertThat(refused.of("v", "p", "2026-11-21T01:30:00Z", ARRIVED).problem()).isEmpty();
  }

  @Test
  void othersOfADayShareAFolder() {
    assertThat(EventFolder.other("event_type=a/year=2026/month=11/day=21"))
        .isEqualTo("event_type=__OTHER__/year=2026/month=11/day=21");
    assertThat(EventFolder.other("year=2026/month=11/day=21"))
        .isEqualTo("year=2026/month=11/day=21");
  }
}
