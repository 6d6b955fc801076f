package tarn.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tarn.core.database.Database;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.lake.Schedule;
import tarn.core.workflow.Body;
import tarn.core.workflow.Counts;
import tarn.core.workflow.Run;
import tarn.core.workflow.RunStore;
import tarn.core.workflow.Scheduler;
import tarn.core.workflow.Trigger;
import tarn.core.workflow.Workflow;
import tarn.testkit.faults.Crash;
import tarn.testkit.faults.Faults;
import tarn.testkit.faults.FaultyDatabase;

/**
 * Two servers on one database that die before or after any write, and a clock that also goes back.
 * Chance comes from one seed.
 */
class SchedulerSimulationTest {
  private static final Instant START = Instant.parse("2026-01-31T00:00:00Z");
  private static final int STEPS = 120;

  @TempDir private Path temp;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void everyDueTimeHasOneRunAndEverySuccessItsFollowers(long seed) {
    try (Database database = DatabasePlace.sqlite(temp).open()) {
      new World(database, seed).play();
    }
  }

  /** The same world on the same seed is the same history. */
  private static final class World {
    private final Database database;
    private final Random random;
    private final SetClock clock = new SetClock(START);
    private final RunStore truth;
    private final Map<String, Life> lives = new HashMap<>();
    private final Set<String> told = new HashSet<>();
    private final Map<String, Integer> completed = new HashMap<>();
    private Instant latest = START;
    private int deaths;
    private boolean calm;

    World(Database database, long seed) {
      this.database = database;
      this.random = new Random(seed);
      this.truth = new RunStore(database, clock, random);
    }

    private record Life(Scheduler scheduler, Faults faults) {}

    private Life life(String home, boolean mortal) {
      Faults faults =
          mortal ? Faults.at(1 + random.nextInt(40), random.nextBoolean()) : Faults.none();
      Scheduler scheduler =
          new Scheduler(
              new RunStore(new FaultyDatabase(database, faults), clock, random),
              () -> workflows(faults),
              (workflow, run) -> tell(run),
              clock,
              home,
              Long.toHexString(random.nextLong()),
              Runnable::run);
      return new Life(scheduler, faults);
    }

    private String tell(Run run) {
      told.add(run.id());
      return "";
    }

    private List<Workflow> workflows(Faults faults) {
      return List.of(
          workflow("minutely", Optional.of("rate(1 minute)"), List.of("second", "flaky"), 0),
          workflow("second", Optional.empty(), List.of("third"), 0),
          workflow("third", Optional.empty(), List.of(), 0),
          workflow("flaky", Optional.of("cron(0/5 * * * ? *)"), List.of("third"), 2));
    }

    private Workflow workflow(
        String name, Optional<String> schedule, List<String> next, int retries) {
      return new Workflow(
          name,
          "1",
          true,
          schedule.map(Schedule::parse),
          ZoneOffset.UTC,
          next,
          Optional.of(Duration.ofHours(1)),
          retries,
          true,
          this::body);
    }

    private Counts body(Body.Context context) {
      clock.advance(Duration.ofSeconds(random.nextInt(20)));
      if (!calm && context.run().workflow().equals("flaky") && random.nextInt(3) == 0) {
        throw new TarnException(ErrorCode.SOURCE_UNAVAILABLE, "it broke");
      }
      completed.merge(context.run().id(), 1, Integer::sum);
      return Counts.NONE;
    }

    void play() {
      for (int step = 0; step < STEPS; step++) {
        String home = random.nextBoolean() ? "here" : "there";
        clock.advance(Duration.ofSeconds(random.nextInt(50) == 0 ? -600 : random.nextInt(45)));
        tick(home, true);
      }
      calm = true;
      for (int step = 0; step < 20; step++) {
        clock.advance(Duration.ofSeconds(90));
        lives.clear();
        tick("here", false);
      }
      assertThat(deaths).isGreaterThan(8);
      check();
    }

    private void tick(String home, boolean mortal) {
      Life life = lives.computeIfAbsent(home, h -> life(h, mortal));
      Instant now = clock.instant();
      try {
        life.scheduler().tick();
      } catch (Crash e) {
        deaths++;
        lives.remove(home);
        return;
      }
      if (now.isAfter(latest)) {
        if (latest.isAfter(START)) {
          missedNothing(now);
        }
        latest = now;
      }
    }

    /**
     * Who looked at a time beyond all before has entered the last one that was due, or a later one.
     */
    private void missedNothing(Instant now) {
      Instant due = Schedule.parse("rate(1 minute)").last(latest, now, ZoneOffset.UTC).orElse(null);
      if (due != null) {
        assertThat(truth.history("minutely", 20))
            .as("due at %s", due)
            .anyMatch(
                run ->
                    run.trigger() instanceof Trigger.Scheduled scheduled
                        && !scheduled.due().isBefore(due));
      }
    }

    private void check() {
      List<Run> minutely = ended("minutely");
      List<Run> second = ended("second");
      List<Run> third = ended("third");
      List<Run> flaky = ended("flaky");
      follows(minutely, second);
      follows(minutely, flaky);
      follows(second, third);
      follows(flaky, third);
      flaky.stream()
          .filter(run -> run.state() == Run.State.FAILED)
          .forEach(
              run -> {
                assertThat(told).contains(run.id());
                assertThat(run.failures()).isEqualTo(3);
              });
    }

    /** All runs of a workflow: over, each for a reason of its own, and done if they succeeded. */
    private List<Run> ended(String workflow) {
      List<Run> runs = truth.history(workflow, 10_000);
      assertThat(runs)
          .as(workflow)
          .isNotEmpty()
          .allMatch(run -> run.state().isEnd())
          .extracting(Run::trigger)
          .doesNotHaveDuplicates();
      runs.stream()
          .filter(run -> run.state() == Run.State.SUCCEEDED)
          .forEach(run -> assertThat(completed).containsKey(run.id()));
      return runs;
    }

    /** Each success has exactly one follower, and nothing else has one. */
    private static void follows(List<Run> first, List<Run> second) {
      Set<String> ids = first.stream().map(Run::id).collect(Collectors.toSet());
      List<String> followed =
          second.stream()
              .map(Run::trigger)
              .filter(Trigger.After.class::isInstance)
              .map(t -> ((Trigger.After) t).run())
              .filter(ids::contains)
              .toList();
      assertThat(followed)
          .containsExactlyInAnyOrderElementsOf(
              first.stream()
                  .filter(run -> run.state() == Run.State.SUCCEEDED)
                  .map(Run::id)
                  .toList());
    }
  }
}
