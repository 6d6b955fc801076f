package tarn.core.stream;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import tarn.core.stream.EventType.Match;

class EventTypeTest {
  private static final String DAY = "year=2026/month=03/day=01";

  @Test
  void aFolderTellsOrLeavesItToItsEvents() {
    EventType type = new EventType("a/b", Optional.empty());
    assertThat(type.of("event_type=a%2Fb/event_subtype=x/" + DAY)).isEqualTo(Match.ALL);
    assertThat(type.of("event_type=a/" + DAY)).isEqualTo(Match.NONE);
    assertThat(type.of("event_type=__OTHER__/" + DAY)).isEqualTo(Match.SOME);
    assertThat(type.of(DAY)).isEqualTo(Match.SOME);
    EventType both = new EventType("a", Optional.of("x"));
    assertThat(both.of("event_type=a/event_subtype=x/" + DAY)).isEqualTo(Match.ALL);
    assertThat(both.of("event_type=a/event_subtype=y/" + DAY)).isEqualTo(Match.NONE);
    assertThat(both.of("event_type=a/" + DAY)).isEqualTo(Match.SOME);
    assertThat(both.of("event_type=b/" + DAY)).isEqualTo(Match.NONE);
    assertThat(new EventType("x".repeat(201), Optional.empty()).of("event_type=__OTHER__/" + DAY))
        .isEqualTo(Match.SOME);
  }
}
