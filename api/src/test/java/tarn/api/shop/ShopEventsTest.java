package tarn.api.shop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import tarn.api.Fields;
import tarn.api.Json;
import tarn.api.WireException;
import tarn.api.shop.Generated.Kind;

class ShopEventsTest {
  private static final EventPlan.Shares SHARES = new EventPlan.Shares(0.05, 0.05, 0.02, 0.02, 0.02);
  private static final EventPlan PLAN =
      new EventPlan(7, ShopEvents.START, Duration.ofMillis(1), SHARES);
  private static final int COUNT = 5_000;

  @Test
  void aPlanMakesTheSameBytesEverywhere() {
    assertThat(text(new ShopEvents(PLAN).at(0)))
        .isEqualTo(
            "{\"event_id\":\"6e9d6ac4-e339-49fe-b10a-b1709d42ba89\",\"event_type\":\"order\",\"event_subtype\":\"placed\","
                + "\"event_time\":\"2026-01-01T00:00:00.000Z\",\"user_id\":\"user2066\",\"session_id\":\"sndqn0xb1y3rb\","
                + "\"page\":null,\"product_id\":null,\"quantity\":null,\"amount\":6.99,\"country\":\"JP\",\"city\":\"京都\","
                + "\"device\":{\"type\":\"desktop\",\"os\":\"macos\",\"app\":false}}");
    List<String> forth = texts(PLAN, LongStream.range(0, 500));
    List<String> back = texts(PLAN, LongStream.range(0, 500).map(i -> 499 - i));
    java.util.Collections.reverse(back);
    assertThat(back).isEqualTo(forth);
    EventPlan other = new EventPlan(8, PLAN.start(), PLAN.spacing(), SHARES);
    assertThat(text(new ShopEvents(other).at(0))).isNotEqualTo(forth.get(0));
  }

  /** However a stream orders them, as many are stored, duplicate, conflict and rejected. */
  @Test
  void whatAStreamMakesOfThemDoesNotDependOnTheirOrder() throws WireException {
    Map<Kind, Long> made = new EnumMap<>(Kind.class);
    Map<String, List<String>> byId = new HashMap<>();
    Set<String> stored = new HashSet<>();
    ShopEvents events = new ShopEvents(PLAN);
    for (int i = 0; i < COUNT; i++) {
      Generated event = events.at(i);
      made.merge(event.kind(), 1L, Long::sum);
      if (event.kind() != Kind.POISON) {
        String id = Json.readObject(text(event)).text("event_id");
        byId.computeIfAbsent(id, x -> new ArrayList<>()).add(text(event));
        assertThat(event.isStored()).isEqualTo(stored.add(id));
      }
    }
    assertThat(byId).hasSize(stored.size());
    long duplicates = 0;
    long conflicts = 0;
    for (List<String> same : byId.values()) {
      int contents = new HashSet<>(same).size();
      assertThat(contents == 1 || contents == same.size()).isTrue();
      duplicates += contents == 1 ? same.size() - 1 : 0;
      conflicts += contents - 1;
    }
    assertThat(made)
        .containsEntry(Kind.DUPLICATE, duplicates)
        .containsEntry(Kind.CONFLICT, conflicts);
    assertThat(duplicates).isBetween(200L, 300L);
    assertThat(conflicts).isBetween(70L, 130L);
    assertThat(made.get(Kind.POISON)).isBetween(70L, 130L);
    assertThat(made.get(Kind.LATE)).isBetween(200L, 300L);
    assertThat(made.get(Kind.FUTURE)).isBetween(70L, 130L);
  }

  @Test
  void lateAndFutureOnesAreMinutesToWeeksAway() throws WireException {
    ShopEvents events = new ShopEvents(PLAN);
    for (int i = 0; i < COUNT; i++) {
      Generated event = events.at(i);
      if (event.isStored()) {
        Fields fields = Json.readObject(text(event));
        Duration away =
            Duration.between(PLAN.start().plusMillis(i), Instant.parse(fields.text("event_time")));
        switch (event.kind()) {
          case LATE -> assertThat(away).isBetween(Duration.ofDays(-7), Duration.ofMinutes(-1));
          case FUTURE -> assertThat(away).isBetween(Duration.ofHours(1), Duration.ofDays(30));
          default -> assertThat(away).isZero();
        }
      }
    }
  }

  /** Else a request of lines would be taken for an array, or a line for two. */
  @Test
  void everyoneIsOneLineThatNoRequestMistakes() {
    ShopEvents events = new ShopEvents(PLAN);
    for (int i = 0; i < 200; i++) {
      byte[] event = events.at(i).bytes();
      assertOneLine(event);
      for (Poison poison : Poison.values()) {
        assertOneLine(poison.of(event));
        assertThat(poison.of(event)).as(poison.name()).isNotEqualTo(event);
      }
    }
  }

  private static void assertOneLine(byte[] bytes) {
    assertThat(new String(bytes, StandardCharsets.ISO_8859_1))
        .isNotBlank()
        .doesNotContain("\n", "\r")
        .doesNotStartWith("[");
  }

  @Test
  void sharesAreBounded() {
    assertThatThrownBy(() -> new EventPlan.Shares(0.5, 0.4, 0.1, 0.1, 0))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new EventPlan.Shares(-0.1, 0, 0, 0, 0)).hasMessageContaining("-0.1");
    EventPlan all =
        new EventPlan(1, ShopEvents.START, Duration.ZERO, new EventPlan.Shares(1, 0, 0, 0, 0));
    assertThat(new ShopEvents(all).at(0).kind()).isEqualTo(Kind.FRESH);
  }

  private static List<String> texts(EventPlan plan, LongStream indexes) {
    ShopEvents events = new ShopEvents(plan);
    return new ArrayList<>(indexes.mapToObj(i -> text(events.at(i))).toList());
  }

  private static String text(Generated event) {
    return new String(event.bytes(), StandardCharsets.UTF_8);
  }
}
