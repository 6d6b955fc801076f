package tarn.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tarn.core.database.Database;
import tarn.core.lake.Schedule;
import tarn.core.workflow.Counts;
import tarn.core.workflow.Outcome;
import tarn.core.workflow.Run;
import tarn.core.workflow.RunStore;
import tarn.core.workflow.RunStore.Hold;
import tarn.core.workflow.RunStore.Owner;
import tarn.core.workflow.Trigger;

/** What two servers on one database keep of runs. A test names where the database is. */
public abstract class RunStoreContract {
  private static final ZoneId UTC = ZoneOffset.UTC;
  private static final Duration LEASE = Duration.ofSeconds(60);
  private static final Schedule MINUTELY = Schedule.parse("rate(1 minute)");
  private static final Owner HERE = new Owner("here", "1");
  private static final Owner HERE_AGAIN = new Owner("here", "2");
  private static final Owner THERE = new Owner("there", "1");
  private static final Set<String> ALL = Set.of("a", "b");

  @TempDir protected Path temp;
  private final SetClock clock = new SetClock(Instant.parse("2026-01-31T12:00:30Z"));
  private Database database;
  private Database otherDatabase;
  private RunStore store;
  private RunStore other;

  /** A fresh place, with nothing in it. */
  protected abstract DatabasePlace place(Path temp);

  @BeforeEach
  void openTwice() {
    DatabasePlace place = place(temp);
    database = place.open();
    otherDatabase = place.open();
    store = new RunStore(database, clock, new Random(1));
    other = new RunStore(otherDatabase, clock, new Random(2));
  }

  @AfterEach
  void closeBoth() {
    database.close();
    otherDatabase.close();
  }

  // ---- due times ----

  @Test
  void aDueTimeIsEnteredOnceWhoeverLooks() {
    look(store);
    for (int minute = 0; minute < 5; minute++) {
      clock.advance(Duration.ofMinutes(1));
      Together.run(6, n -> look(n % 2 == 0 ? store : other));
      assertThat(store.history("a", 10)).hasSize(minute + 1);
      done(store, HERE, store.claim(HERE, ALL, Set.of(), LEASE).orElseThrow());
    }
    assertThat(store.history("a", 10).stream().map(Run::trigger).distinct()).hasSize(5);
  }

  @Test
  void whatWasDueBeforeOneLookedIsNotDue() {
    assertThat(look(store)).isEmpty();
    assertThat(look(store)).isEmpty();
    assertThat(store.history("a", 10)).isEmpty();
  }

  @Test
  void timesThatWereMissedAreMadeUpForOnce() {
    look(store);
    clock.advance(Duration.ofHours(5));
    assertThat(look(store)).isPresent();
    assertThat(look(store)).isEmpty();
    assertThat(store.history("a", 10))
        .extracting(Run::trigger)
        .containsExactly(new Trigger.Scheduled(Instant.parse("2026-01-31T17:00:00Z")));
  }

  @Test
  void aClockThatGoesBackRunsNothingTwice() {
    look(store);
    clock.advance(Duration.ofMinutes(10));
    look(store);
    clock.advance(Duration.ofMinutes(-10));
    for (int i = 0; i < 10; i++) {
      look(store);
      clock.advance(Duration.ofMinutes(1));
    }
    assertThat(store.history("a", 10)).hasSize(1);
  }

  @Test
  void aClockThatWasFarAheadDoesNotStopAScheduleForGood() {
    clock.advance(Duration.ofDays(400));
    look(store);
    clock.advance(Duration.ofDays(-400));
    look(store);
    clock.advance(Duration.ofMinutes(1));
    assertThat(look(store)).isPresent();
  }

  @Test
  void anotherScheduleBeginsWithoutThePast() {
    look(store);
    clock.advance(Duration.ofHours(1));
    assertThat(store.look("a", "other", MINUTELY, UTC)).isEmpty();
    clock.advance(Duration.ofMinutes(1));
    assertThat(store.look("a", "other", MINUTELY, UTC)).isPresent();
  }

  // ---- one at a time ----

  @Test
  void oneRunsAndOneWaitsAndMoreAreSkipped() {
    look(store);
    for (int i = 0; i < 4; i++) {
      clock.advance(Duration.ofMinutes(1));
      look(store);
      if (i == 0) {
        assertThat(store.claim(HERE, ALL, Set.of(), Duration.ofHours(1))).isPresent();
      }
      assertThat(other.claim(THERE, ALL, Set.of(), LEASE)).isEmpty();
    }
    assertThat(store.history("a", 10))
        .extracting(Run::state)
        .containsExactly(Run.State.SKIPPED, Run.State.SKIPPED, Run.State.QUEUED, Run.State.RUNNING);
    assertThat(store.history("a", 10).get(0).problem()).contains("waits already");
  }

  @Test
  void whoAsksWhileOneWaitsGetsThatOne() {
    Run first = store.ask("a");
    assertThat(other.ask("a")).isEqualTo(first);
    assertThat(store.claim(HERE, ALL, Set.of(), LEASE).map(Run::id)).contains(first.id());
    assertThat(store.ask("a").id()).isNotEqualTo(first.id());
  }

  @Test
  void aRunIsClaimedByOneServer() {
    for (int i = 0; i < 5; i++) {
      store.ask("a");
      List<Optional<Run>> claims =
          Together.run(
              6,
              n ->
                  (n % 2 == 0 ? store : other)
                      .claim(new Owner("home" + n, "1"), ALL, Set.of(), LEASE));
      assertThat(claims.stream().filter(Optional::isPresent)).hasSize(1);
      for (int n = 0; n < 6; n++) {
        if (claims.get(n).isPresent()) {
          done(store, new Owner("home" + n, "1"), claims.get(n).get());
        }
      }
    }
  }

  @Test
  void onlyKnownWorkflowsAreClaimed() {
    store.ask("unknown");
    assertThat(store.claim(HERE, ALL, Set.of(), LEASE)).isEmpty();
    store.forget(ALL);
    assertThat(store.history("unknown", 1).get(0).state()).isEqualTo(Run.State.CANCELLED);
  }

  // ---- after a death ----

  @Test
  void aRunOfADeadServerGoesOnUnderItsIdWhenItsLeaseIsOver() {
    Run run = begun();
    assertThat(other.claim(THERE, ALL, Set.of(), LEASE)).isEmpty();
    clock.advance(LEASE);
    Run again = other.claim(THERE, ALL, Set.of(), LEASE).orElseThrow();
    assertThat(again.id()).isEqualTo(run.id());
    assertThat(again.attempt()).isEqualTo(2);
    assertThat(again.failures()).isZero();
    assertThat(store.renew(run, HERE, LEASE, "", false)).isEqualTo(Hold.LOST);
    assertThat(store.finish(run, HERE, succeeded(), List.of("b"), false)).isFalse();
    assertThat(store.history("b", 1)).isEmpty();
    assertThat(other.finish(again, THERE, succeeded(), List.of("b"), false)).isTrue();
    assertThat(store.history("b", 9)).hasSize(1);
  }

  @Test
  void theNextServerOfAHomeGoesOnAtOnce() {
    Run run = begun();
    assertThat(store.claim(HERE, ALL, Set.of(run.id()), LEASE)).isEmpty();
    assertThat(store.claim(HERE_AGAIN, ALL, Set.of(), LEASE).map(Run::attempt)).contains(2);
  }

  @Test
  void aRunThatWasLetGoIsNoDeath() {
    Run run = begun();
    for (int i = 0; i < RunStore.MOST_CRASHES + 5; i++) {
      store.release(run, HERE);
      run = store.claim(HERE, ALL, Set.of(), LEASE).orElseThrow();
    }
    assertThat(store.crashedTooOften(run.id())).isFalse();
    for (int i = 0; i <= RunStore.MOST_CRASHES; i++) {
      run = store.claim(HERE, ALL, Set.of(), LEASE).orElseThrow();
    }
    assertThat(store.crashedTooOften(run.id())).isTrue();
    assertThat(store.renew(run, HERE, LEASE, "", true)).isEqualTo(Hold.HELD);
    assertThat(store.crashedTooOften(run.id())).isFalse();
  }

  // ---- ends ----

  @Test
  void followersAreEnteredWithTheEndAndOnlyOnce() {
    Run run = begun();
    assertThat(store.finish(run, HERE, succeeded(), List.of("b"), false)).isTrue();
    assertThat(store.finish(run, HERE, succeeded(), List.of("b"), false)).isTrue();
    assertThat(store.history("b", 9))
        .extracting(Run::trigger)
        .containsExactly(new Trigger.After(run.id()));
    assertThat(store.find(run.id()).orElseThrow().counts()).isEqualTo(new Counts(3, 2, 1));
  }

  @Test
  void aFailureHasNoFollowers() {
    Run run = begun();
    store.finish(run, HERE, failed(null), List.of("b"), false);
    assertThat(store.history("b", 9)).isEmpty();
    assertThat(store.find(run.id()).orElseThrow().state()).isEqualTo(Run.State.FAILED);
  }

  @Test
  void aRetryWaitsForItsTimeAndKeepsItsPlace() {
    Run run = begun();
    store.finish(run, HERE, failed(clock.instant().plusSeconds(10)), List.of(), true);
    store.ask("a");
    assertThat(store.claim(HERE, ALL, Set.of(), LEASE)).isEmpty();
    assertThat(store.claimNotice()).isEmpty();
    clock.advance(Duration.ofSeconds(10));
    Run again = other.claim(THERE, ALL, Set.of(), LEASE).orElseThrow();
    assertThat(again.id()).isEqualTo(run.id());
    assertThat(again.failures()).isEqualTo(1);
    assertThat(other.crashedTooOften(run.id())).isFalse();
  }

  @Test
  void whatIsStoppedIsToldSoAndWhatWaitsIsCancelled() {
    Run run = begun();
    Run waiting = store.ask("a");
    assertThat(other.stop("a")).extracting(Run::id).containsExactly(run.id(), waiting.id());
    assertThat(store.renew(run, HERE, LEASE, "half", false)).isEqualTo(Hold.STOP);
    assertThat(store.find(run.id()).orElseThrow().progress()).isEqualTo("half");
    assertThat(store.find(waiting.id()).orElseThrow().state()).isEqualTo(Run.State.CANCELLED);
  }

  @Test
  void aRetryThatIsStoppedIsClaimedAtOnceToEnd() {
    Run run = begun();
    store.finish(run, HERE, failed(clock.instant().plusSeconds(600)), List.of(), true);
    store.stop("a");
    assertThat(store.claim(HERE, ALL, Set.of(), LEASE).map(Run::stopAsked)).contains(true);
  }

  @Test
  void othersAreToldOfAFailureAndOfTheNextSuccess() {
    store.finish(begun(), HERE, succeeded(), List.of(), true);
    assertThat(store.claimNotice()).isEmpty();
    Run failed = begun();
    store.finish(failed, HERE, failed(null), List.of(), true);
    List<Optional<Run>> takers = Together.run(4, n -> (n % 2 == 0 ? store : other).claimNotice());
    assertThat(takers.stream().flatMap(Optional::stream).map(Run::id)).containsExactly(failed.id());
    clock.advance(Duration.ofMinutes(5));
    assertThat(store.claimNotice().map(Run::id)).contains(failed.id());
    store.told(failed, "told");
    clock.advance(Duration.ofMinutes(5));
    assertThat(store.claimNotice()).isEmpty();
    Run well = begun();
    store.finish(well, HERE, succeeded(), List.of(), true);
    assertThat(store.claimNotice().map(Run::id)).contains(well.id());
  }

  @Test
  void historyIsBounded() {
    RunStore small = new RunStore(database, clock, new Random(3), 5);
    for (int i = 0; i < 12; i++) {
      small.finish(begun(), HERE, succeeded(), List.of(), false);
      clock.advance(Duration.ofSeconds(1));
    }
    assertThat(store.history("a", 100)).hasSize(5);
    assertThat(store.history("a", 1).get(0).createdAt()).isEqualTo(clock.instant().minusSeconds(1));
  }

  // ---- what is remembered ----

  @Test
  void aSwitchHoldsAsLongAsTheDefinition() {
    look(store);
    store.switchTo("a", "v1", false);
    store.override("a", Map.of("retries", "3"));
    RunStore.Kept kept = Objects.requireNonNull(other.kept().get("a"));
    assertThat(kept.switched()).isFalse();
    assertThat(kept.switchedFor()).isEqualTo("v1");
    assertThat(kept.overrides()).containsExactly(Map.entry("retries", "3"));
    clock.advance(Duration.ofMinutes(1));
    assertThat(look(store)).isPresent();
    assertThat(other.kept()).hasEntrySatisfying("a", k -> assertThat(k.overrides()).hasSize(1));
  }

  @Test
  void theNewestRunIsTheOneThatRunsAndNeverASkippedOne() {
    Run run = begun();
    store.ask("a");
    clock.advance(Duration.ofSeconds(1));
    assertThat(store.newest())
        .hasEntrySatisfying("a", newest -> assertThat(newest.id()).isEqualTo(run.id()));
  }

  // ---- ways ----

  private Optional<Run> look(RunStore by) {
    return by.look("a", "minutely", MINUTELY, UTC);
  }

  private Run begun() {
    clock.advance(Duration.ofSeconds(1));
    store.ask("a");
    return store.claim(HERE, Set.of("a"), Set.of(), LEASE).orElseThrow();
  }

  private static void done(RunStore by, Owner owner, Run run) {
    assertThat(by.finish(run, owner, succeeded(), List.of(), false)).isTrue();
  }

  private static Outcome succeeded() {
    return new Outcome(Run.State.SUCCEEDED, new Counts(3, 2, 1), "", "", null);
  }

  private static Outcome failed(@Nullable Instant retryAt) {
    return new Outcome(Run.State.FAILED, Counts.NONE, "it broke", "", retryAt);
  }
}
