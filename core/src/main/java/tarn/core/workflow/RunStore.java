package tarn.core.workflow;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import tarn.core.database.Database;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.lake.Schedule;

/**
 * The runs of workflows, what they wait for and what became of them, in the lake's SQL database.
 * One run of a workflow at a time runs and one more waits; a run that is due belongs to one due
 * time, and no due time, and no run that others follow, has two. It is a history and a queue, and
 * no truth: a lake that lost it has the same tables. Safe for use by many threads and servers.
 */
public final class RunStore {
  /** Ended runs of a workflow that are kept, and as many that were skipped. */
  public static final int KEPT = 1_000;

  /** How often in a row the server may die with a run before the run has failed. */
  public static final int MOST_CRASHES = 10;

  private static final Duration WRONG_CLOCK = Duration.ofDays(1);
  private static final Duration TELLING = Duration.ofMinutes(5);
  private static final int LONGEST_TEXT = 16_384;
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final TypeReference<LinkedHashMap<String, String>> TEXTS =
      new TypeReference<>() {};
  private static final DateTimeFormatter STAMP =
      DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss", Locale.ROOT).withZone(ZoneOffset.UTC);

  private final Database database;
  private final Clock clock;
  private final RandomGenerator random;
  private final int most;

  public RunStore(Database database, Clock clock, RandomGenerator random) {
    this(database, clock, random, KEPT);
  }

  /**
   * One with another bound.
   *
   * @param most ended runs of a workflow that are kept, and as many that were skipped
   */
  public RunStore(Database database, Clock clock, RandomGenerator random, int most) {
    this.database = database;
    this.clock = clock;
    this.random = random;
    this.most = most;
  }

  /**
   * Who runs something: a server's home, which one server has at a time, and that server's life.
   *
   * @param home without {@code /}
   */
  public record Owner(String home, String life) {
    @Override
    public String toString() {
      return home + "/" + life;
    }
  }

  /**
   * What is remembered of a workflow beside its definition.
   *
   * @param basis what {@code lookedAt} is about
   * @param lookedAt up to when due times were looked for
   * @param switched whether it was enabled or disabled by command; null if it was not
   * @param switchedFor the version of the definition that this is about
   * @param overrides settings by command
   */
  public record Kept(
      String basis,
      Instant lookedAt,
      @Nullable Boolean switched,
      String switchedFor,
      Map<String, String> overrides) {
    public Kept {
      overrides = Map.copyOf(overrides);
    }

    public static final Kept NOTHING = new Kept("", Instant.EPOCH, null, "", Map.of());

    /** Whether times and other runs start a workflow, after all. */
    public boolean enabled(Workflow workflow) {
      return switched != null && switchedFor.equals(workflow.version())
          ? switched
          : workflow.enabled();
    }
  }

  /** Whether a run is still one's own. */
  public enum Hold {
    HELD,
    /** Held, and somebody wants it to stop. */
    STOP,
    LOST
  }

  // ---- what is remembered of workflows ----

  /** Of all workflows that something is remembered of, by name. */
  public Map<String, Kept> kept() {
    return database.read(
        handle -> {
          Map<String, Kept> all = new TreeMap<>();
          handle
              .createQuery("SELECT * FROM workflow")
              .map((row, context) -> Map.entry(row.getString("name"), kept(row)))
              .forEach(one -> all.put(one.getKey(), one.getValue()));
          return all;
        });
  }

  private static Kept kept(ResultSet row) throws SQLException {
    String switched = row.getString("switched");
    return new Kept(
        row.getString("basis"),
        instant(row.getLong("looked_at")),
        switched == null ? null : switched.equals("enabled"),
        Objects.requireNonNullElse(row.getString("switched_for"), ""),
        texts(row.getString("overrides")));
  }

  private static Optional<Kept> kept(Handle handle, String workflow) {
    return handle
        .createQuery("SELECT * FROM workflow WHERE name = :name")
        .bind("name", workflow)
        .map((row, context) -> kept(row))
        .findOne();
  }

  private static void keep(Handle handle, String workflow, Kept kept) {
    handle
        .createUpdate(
            """
            INSERT INTO workflow (name, basis, looked_at, switched, switched_for, overrides)
            VALUES (:name, :basis, :looked, :switched, :for, :overrides)
            ON CONFLICT (name) DO UPDATE SET basis = excluded.basis, looked_at = excluded.looked_at,
              switched = excluded.switched, switched_for = excluded.switched_for,
              overrides = excluded.overrides""")
        .bind("name", workflow)
        .bind("basis", kept.basis())
        .bind("looked", micros(kept.lookedAt()))
        .bind("switched", kept.switched() == null ? null : kept.switched() ? "enabled" : "disabled")
        .bind("for", kept.switchedFor())
        .bind("overrides", text(kept.overrides()))
        .execute();
  }

  /** Enables or disables a workflow as long as its definition is of this version. */
  public void switchTo(String workflow, String version, boolean enabled) {
    database.write(
        handle -> {
          Kept was = kept(handle, workflow).orElse(Kept.NOTHING);
          keep(
              handle,
              workflow,
              new Kept(was.basis(), was.lookedAt(), enabled, version, was.overrides()));
          return enabled;
        });
  }

  /** Replaces a workflow's settings by command. */
  public void override(String workflow, Map<String, String> settings) {
    database.write(
        handle -> {
          Kept was = kept(handle, workflow).orElse(Kept.NOTHING);
          keep(
              handle,
              workflow,
              new Kept(was.basis(), was.lookedAt(), was.switched(), was.switchedFor(), settings));
          return settings;
        });
  }

  // ---- what starts runs ----

  /** Enters a run that somebody asks for; one that waits already is that run. */
  public Run ask(String workflow) {
    return database.write(handle -> enter(handle, workflow, new Trigger.Manual()));
  }

  /**
   * Enters the last time that a workflow was due since one looked, if there is one: of several that
   * were missed, the last. Each time is entered once, whoever looks. The first look with a basis
   * only remembers that one looked, so that no time of before is due.
   *
   * @param basis what one looks for; the schedule and all that it depends on
   */
  public Optional<Run> look(
      String workflow, String basis, Schedule schedule, java.time.ZoneId zone) {
    Instant now = clock.instant();
    return database.write(
        handle -> {
          Kept was = kept(handle, workflow).orElse(Kept.NOTHING);
          if (!was.basis().equals(basis) || was.lookedAt().isAfter(now.plus(WRONG_CLOCK))) {
            looked(handle, workflow, was, basis, now);
            return Optional.empty();
          }
          Optional<Instant> due = schedule.last(was.lookedAt(), now, zone);
          due.ifPresent(at -> looked(handle, workflow, was, basis, at));
          return due.map(at -> enter(handle, workflow, new Trigger.Scheduled(at)));
        });
  }

  /** Remembers that nothing is looked for. */
  public void lookAway(String workflow, String basis) {
    Instant now = clock.instant();
    database.write(
        handle -> {
          looked(handle, workflow, kept(handle, workflow).orElse(Kept.NOTHING), basis, now);
          return basis;
        });
  }

  private static void looked(
      Handle handle, String workflow, Kept was, String basis, Instant lookedAt) {
    keep(
        handle,
        workflow,
        new Kept(basis, lookedAt, was.switched(), was.switchedFor(), was.overrides()));
  }

  private Run enter(Handle handle, String workflow, Trigger trigger) {
    Optional<Run> there = known(handle, workflow, trigger);
    if (there.isPresent()) {
      return there.get();
    }
    Optional<Run> waiting =
        handle
            .createQuery("SELECT * FROM workflow_run WHERE workflow = :w AND state = 'QUEUED'")
            .bind("w", workflow)
            .map((row, context) -> run(row))
            .findOne();
    if (waiting.isPresent() && trigger instanceof Trigger.Manual) {
      return waiting.get();
    }
    Instant now = clock.instant().truncatedTo(ChronoUnit.MICROS);
    Run run =
        new Run(
            STAMP.format(now) + "-" + String.format("%06x", random.nextInt(1 << 24)),
            workflow,
            trigger,
            waiting.isPresent() ? Run.State.SKIPPED : Run.State.QUEUED,
            0,
            0,
            now,
            null,
            waiting.isPresent() ? now : null,
            Counts.NONE,
            "",
            waiting.map(w -> "the run " + w.id() + " waits already").orElse(""),
            "",
            false,
            null);
    insert(handle, run);
    trim(handle, workflow);
    return run;
  }

  private static Optional<Run> known(Handle handle, String workflow, Trigger trigger) {
    if (trigger instanceof Trigger.Scheduled scheduled) {
      return handle
          .createQuery("SELECT * FROM workflow_run WHERE workflow = :w AND due_at = :due")
          .bind("w", workflow)
          .bind("due", micros(scheduled.due()))
          .map((row, context) -> run(row))
          .findOne();
    } else if (trigger instanceof Trigger.After after) {
      return handle
          .createQuery("SELECT * FROM workflow_run WHERE workflow = :w AND after_run = :after")
          .bind("w", workflow)
          .bind("after", after.run())
          .map((row, context) -> run(row))
          .findOne();
    }
    return Optional.empty();
  }

  private static void insert(Handle handle, Run run) {
    Instant ended = run.endedAt();
    handle
        .createUpdate(
            """
            INSERT INTO workflow_run (id, workflow, cause, due_at, after_run, state, attempt, failures,
              crashes, created_at, ended_at, rows_read, rows_upserted, rows_deleted, progress, problem,
              log, stop_asked, owner, lease_until)
            VALUES (:id, :workflow, :cause, :due, :after, :state, 0, 0, 0, :created, :ended, 0, 0, 0,
              '', :problem, '', 0, '', 0)""")
        .bind("id", run.id())
        .bind("workflow", run.workflow())
        .bind("cause", cause(run.trigger()))
        .bind("due", run.trigger() instanceof Trigger.Scheduled s ? (Long) micros(s.due()) : null)
        .bind("after", run.trigger() instanceof Trigger.After a ? a.run() : null)
        .bind("state", run.state().name())
        .bind("created", micros(run.createdAt()))
        .bind("ended", ended == null ? null : (Long) micros(ended))
        .bind("problem", run.problem())
        .execute();
  }

  /** {@code manual}, {@code schedule} or {@code after}. */
  public static String cause(Trigger trigger) {
    if (trigger instanceof Trigger.Scheduled) {
      return "schedule";
    }
    return trigger instanceof Trigger.After ? "after" : "manual";
  }

  private void trim(Handle handle, String workflow) {
    trim(handle, workflow, "= 'SKIPPED'", most);
    trim(handle, workflow, "IN ('SUCCEEDED', 'FAILED', 'CANCELLED')", most);
  }

  private static void trim(Handle handle, String workflow, String states, int kept) {
    handle
        .createUpdate(
            "DELETE FROM workflow_run WHERE workflow = :w AND state "
                + states
                + " AND id IN (SELECT id FROM workflow_run WHERE workflow = :w AND state "
                + states
                + " ORDER BY created_at DESC, id DESC LIMIT 1000000 OFFSET :kept)")
        .bind("w", workflow)
        .bind("kept", kept)
        .execute();
  }

  // ---- running ----

  /**
   * Takes a run that nobody runs: one that was cut first, else one that waits and is not behind
   * another of its workflow.
   *
   * @param workflows only of these
   * @param mine runs of this owner that are running now; its others were cut
   * @param lease how long it is held unless {@link #renew} makes it longer
   */
  public Optional<Run> claim(Owner owner, Set<String> workflows, Set<String> mine, Duration lease) {
    for (String id : free(owner, workflows, mine)) {
      Optional<Run> claimed = database.write(handle -> claim(handle, id, owner, mine, lease));
      if (claimed.isPresent()) {
        return claimed;
      }
    }
    return Optional.empty();
  }

  private List<String> free(Owner owner, Set<String> workflows, Set<String> mine) {
    return database.read(
        handle -> {
          List<String> free = new ArrayList<>();
          Set<String> running = new java.util.HashSet<>();
          for (Held held : open(handle)) {
            boolean wanted = workflows.contains(held.run().workflow());
            if (held.run().state() == Run.State.RUNNING) {
              running.add(held.run().workflow());
              if (wanted && held.free(owner, mine, clock.instant())) {
                free.add(held.run().id());
              }
            } else if (wanted && !running.contains(held.run().workflow())) {
              free.add(held.run().id());
            }
          }
          return free;
        });
  }

  /**
   * A run and who has it.
   *
   * @param owner empty if it waits for its time
   */
  private record Held(Run run, String owner, Instant leaseUntil, int crashes) {
    boolean free(Owner asking, Set<String> mine, Instant now) {
      if (owner.equals(asking.toString())) {
        return !mine.contains(run.id());
      }
      return owner.startsWith(asking.home() + "/") || !leaseUntil.isAfter(now);
    }
  }

  /** Those that run, the oldest first, and then those that wait. */
  private static List<Held> open(Handle handle) {
    return handle
        .createQuery(
            "SELECT * FROM workflow_run WHERE state IN ('RUNNING', 'QUEUED')"
                + " ORDER BY state DESC, created_at, id")
        .map((row, context) -> held(row))
        .list();
  }

  private static Held held(ResultSet row) throws SQLException {
    return new Held(
        run(row),
        row.getString("owner"),
        instant(row.getLong("lease_until")),
        row.getInt("crashes"));
  }

  private Optional<Run> claim(
      Handle handle, String id, Owner owner, Set<String> mine, Duration lease) {
    Instant now = clock.instant();
    Optional<Held> found =
        handle
            .createQuery("SELECT * FROM workflow_run WHERE id = :id")
            .bind("id", id)
            .map((row, context) -> held(row))
            .findOne();
    if (found.isEmpty() || found.get().run().state().isEnd()) {
      return Optional.empty();
    }
    Held held = found.get();
    boolean waits = held.run().state() == Run.State.QUEUED;
    if (waits ? runs(handle, held.run().workflow()) : !held.free(owner, mine, now)) {
      return Optional.empty();
    }
    boolean cut = !waits && !held.owner().isEmpty();
    handle
        .createUpdate(
            """
            UPDATE workflow_run SET state = 'RUNNING', attempt = attempt + 1, crashes = :crashes,
              started_at = COALESCE(started_at, :now), owner = :owner, lease_until = :until,
              progress = '' WHERE id = :id""")
        .bind("crashes", cut ? held.crashes() + 1 : held.crashes())
        .bind("now", micros(now))
        .bind("owner", owner.toString())
        .bind("until", micros(now.plus(lease)))
        .bind("id", id)
        .execute();
    return find(handle, id);
  }

  private static boolean runs(Handle handle, String workflow) {
    return handle
            .createQuery(
                "SELECT count(*) FROM workflow_run WHERE workflow = :w AND state = 'RUNNING'")
            .bind("w", workflow)
            .mapTo(Long.class)
            .one()
        > 0;
  }

  /** Whether the server died with the run too often. */
  public boolean crashedTooOften(String id) {
    return database.read(
        handle ->
            handle
                    .createQuery("SELECT crashes FROM workflow_run WHERE id = :id")
                    .bind("id", id)
                    .mapTo(Integer.class)
                    .findOne()
                    .orElse(0)
                > MOST_CRASHES);
  }

  /**
   * Holds a run longer and says how far it is.
   *
   * @param steady whether it runs for so long that deaths of before do not count any more
   */
  public Hold renew(Run run, Owner owner, Duration lease, String progress, boolean steady) {
    Instant until = clock.instant().plus(lease);
    return database.write(
        handle -> {
          int held =
              handle
                  .createUpdate(
                      "UPDATE workflow_run SET lease_until = :until, progress = :progress"
                          + (steady ? ", crashes = 0" : "")
                          + " WHERE id = :id AND state = 'RUNNING' AND owner = :owner AND attempt = :attempt")
                  .bind("until", micros(until))
                  .bind("progress", cut(progress))
                  .bind("id", run.id())
                  .bind("owner", owner.toString())
                  .bind("attempt", run.attempt())
                  .execute();
          if (held == 0) {
            return Hold.LOST;
          }
          return find(handle, run.id()).map(Run::stopAsked).orElse(false) ? Hold.STOP : Hold.HELD;
        });
  }

  /** Lets go of a run that goes on with the next server. */
  public void release(Run run, Owner owner) {
    Instant now = clock.instant();
    database.write(
        handle ->
            handle
                .createUpdate(
                    "UPDATE workflow_run SET owner = '', lease_until = :now"
                        + " WHERE id = :id AND state = 'RUNNING' AND owner = :owner AND attempt = :attempt")
                .bind("now", micros(now))
                .bind("id", run.id())
                .bind("owner", owner.toString())
                .bind("attempt", run.attempt())
                .execute());
  }

  /**
   * Enters what became of an attempt and, in the same transaction, the runs that follow a success.
   * Done again it changes nothing.
   *
   * @param next workflows that follow a success
   * @param notifies whether somebody is to be told of a failure, and of the success after it
   * @return false if somebody else has the run now; nothing is entered then
   */
  public boolean finish(
      Run run, Owner owner, Outcome outcome, Collection<String> next, boolean notifies) {
    Instant now = clock.instant();
    return database.write(handle -> finish(handle, run, owner, outcome, next, notifies, now));
  }

  private boolean finish(
      Handle handle,
      Run run,
      Owner owner,
      Outcome outcome,
      Collection<String> next,
      boolean notifies,
      Instant now) {
    Instant retryAt = outcome.retryAt();
    boolean failedBefore = notifies && failedBefore(handle, run.workflow());
    boolean failed = outcome.state() == Run.State.FAILED;
    boolean tell =
        notifies
            && retryAt == null
            && (failed || (outcome.state() == Run.State.SUCCEEDED && failedBefore));
    int held =
        handle
            .createUpdate(
                """
                UPDATE workflow_run SET state = :state, ended_at = :ended, rows_read = :read,
                  rows_upserted = :upserted, rows_deleted = :deleted, problem = :problem, log = :log,
                  failures = failures + :failed, crashes = 0, progress = '', notice = :notice,
                  owner = :after, lease_until = :until
                WHERE id = :id AND state = 'RUNNING' AND owner = :owner AND attempt = :attempt""")
            .bind("state", retryAt == null ? outcome.state().name() : Run.State.RUNNING.name())
            .bind("ended", retryAt == null ? (Long) micros(now) : null)
            .bind("read", outcome.counts().read())
            .bind("upserted", outcome.counts().upserted())
            .bind("deleted", outcome.counts().deleted())
            .bind("problem", cut(outcome.problem()))
            .bind("log", tail(outcome.log()))
            .bind("failed", failed ? 1 : 0)
            .bind("notice", tell ? "due" : null)
            .bind("after", retryAt == null ? owner.toString() : "")
            .bind("until", retryAt == null ? 0 : micros(retryAt))
            .bind("id", run.id())
            .bind("owner", owner.toString())
            .bind("attempt", run.attempt())
            .execute();
    if (held == 0) {
      return isFinished(handle, run, owner);
    }
    if (outcome.state() == Run.State.SUCCEEDED) {
      next.forEach(follower -> enter(handle, follower, new Trigger.After(run.id())));
    }
    trim(handle, run.workflow());
    return true;
  }

  private static boolean isFinished(Handle handle, Run run, Owner owner) {
    return handle
            .createQuery(
                "SELECT count(*) FROM workflow_run WHERE id = :id AND state <> 'RUNNING'"
                    + " AND owner = :owner AND attempt = :attempt")
            .bind("id", run.id())
            .bind("owner", owner.toString())
            .bind("attempt", run.attempt())
            .mapTo(Long.class)
            .one()
        > 0;
  }

  private static boolean failedBefore(Handle handle, String workflow) {
    return handle
        .createQuery(
            "SELECT state FROM workflow_run WHERE workflow = :w AND state IN ('SUCCEEDED', 'FAILED')"
                + " ORDER BY ended_at DESC, id DESC LIMIT 1")
        .bind("w", workflow)
        .mapTo(String.class)
        .findOne()
        .filter("FAILED"::equals)
        .isPresent();
  }

  /**
   * Asks for the end of a workflow's runs: what waits is cancelled at once, and what runs when it
   * stops.
   *
   * @return the runs concerned
   */
  public List<Run> stop(String workflow) {
    Instant now = clock.instant();
    return database.write(
        handle -> {
          List<Run> open =
              open(handle).stream()
                  .map(Held::run)
                  .filter(run -> run.workflow().equals(workflow))
                  .toList();
          cancelWaiting(handle, workflow, "stopped before it began", now);
          handle
              .createUpdate(
                  "UPDATE workflow_run SET stop_asked = 1, lease_until ="
                      + " CASE WHEN owner = '' THEN 0 ELSE lease_until END"
                      + " WHERE workflow = :w AND state = 'RUNNING'")
              .bind("w", workflow)
              .execute();
          return open.stream().flatMap(run -> find(handle, run.id()).stream()).toList();
        });
  }

  private static void cancelWaiting(Handle handle, String workflow, String why, Instant now) {
    handle
        .createUpdate(
            "UPDATE workflow_run SET state = 'CANCELLED', ended_at = :now, problem = :why"
                + " WHERE workflow = :w AND state = 'QUEUED'")
        .bind("now", micros(now))
        .bind("why", why)
        .bind("w", workflow)
        .execute();
  }

  /** Ends what no definition is there for any more, if nobody runs it. */
  public void forget(Set<String> known) {
    Instant now = clock.instant();
    List<Held> lost =
        database.read(RunStore::open).stream()
            .filter(held -> !known.contains(held.run().workflow()))
            .filter(
                held -> held.run().state() == Run.State.QUEUED || !held.leaseUntil().isAfter(now))
            .toList();
    for (Held held : lost) {
      database.write(
          handle ->
              handle
                  .createUpdate(
                      "UPDATE workflow_run SET state = 'CANCELLED', ended_at = :now,"
                          + " problem = 'its definition is no longer there'"
                          + " WHERE id = :id AND state IN ('RUNNING', 'QUEUED')")
                  .bind("now", micros(now))
                  .bind("id", held.run().id())
                  .execute());
    }
  }

  // ---- telling others ----

  /** Takes an ended run of which others are to be told, for a few minutes. */
  public Optional<Run> claimNotice() {
    Instant now = clock.instant();
    String due = "(notice = 'due' OR (notice = 'telling' AND lease_until <= :now))";
    Optional<String> id =
        database.read(
            handle ->
                handle
                    .createQuery(
                        "SELECT id FROM workflow_run WHERE "
                            + due
                            + " ORDER BY ended_at, id LIMIT 1")
                    .bind("now", micros(now))
                    .mapTo(String.class)
                    .findOne());
    return id.flatMap(
        one ->
            database.write(
                handle -> {
                  int taken =
                      handle
                          .createUpdate(
                              "UPDATE workflow_run SET notice = 'telling', lease_until = :until"
                                  + " WHERE id = :id AND "
                                  + due)
                          .bind("until", micros(now.plus(TELLING)))
                          .bind("id", one)
                          .bind("now", micros(now))
                          .execute();
                  return taken == 0 ? Optional.empty() : find(handle, one);
                }));
  }

  /** Enters what became of telling others: {@code told}, or what went wrong. */
  public void told(Run run, String what) {
    database.write(
        handle ->
            handle
                .createUpdate("UPDATE workflow_run SET notice = :what WHERE id = :id")
                .bind("what", cut(what))
                .bind("id", run.id())
                .execute());
  }

  // ---- reading ----

  /** A run; empty if there is none, or it is no longer kept. */
  public Optional<Run> find(String id) {
    return database.read(handle -> find(handle, id));
  }

  private static Optional<Run> find(Handle handle, String id) {
    return handle
        .createQuery("SELECT * FROM workflow_run WHERE id = :id")
        .bind("id", id)
        .map((row, context) -> run(row))
        .findOne();
  }

  /** A workflow's newest runs, the newest first. */
  public List<Run> history(String workflow, int most) {
    return database.read(
        handle ->
            handle
                .createQuery(
                    "SELECT * FROM workflow_run WHERE workflow = :w"
                        + " ORDER BY created_at DESC, id DESC LIMIT :most")
                .bind("w", workflow)
                .bind("most", most)
                .map((row, context) -> run(row))
                .list());
  }

  /** For each workflow the newest run that was not skipped. */
  public Map<String, Run> newest() {
    return database.read(
        handle -> {
          Map<String, Run> newest = new TreeMap<>();
          handle
              .createQuery(
                  """
                  SELECT r.* FROM workflow_run r WHERE r.id = (
                    SELECT n.id FROM workflow_run n WHERE n.workflow = r.workflow AND n.state <> 'SKIPPED'
                    ORDER BY CASE WHEN n.state = 'QUEUED' THEN 0 ELSE 1 END DESC, n.created_at DESC, n.id DESC
                    LIMIT 1)""")
              .map((row, context) -> run(row))
              .forEach(run -> newest.put(run.workflow(), run));
          return newest;
        });
  }

  private static Run run(ResultSet row) throws SQLException {
    return new Run(
        row.getString("id"),
        row.getString("workflow"),
        trigger(row),
        Run.State.valueOf(row.getString("state")),
        row.getInt("attempt"),
        row.getInt("failures"),
        instant(row.getLong("created_at")),
        instantOrNull(row, "started_at"),
        instantOrNull(row, "ended_at"),
        new Counts(
            row.getLong("rows_read"), row.getLong("rows_upserted"), row.getLong("rows_deleted")),
        row.getString("progress"),
        row.getString("problem"),
        row.getString("log"),
        row.getLong("stop_asked") != 0,
        row.getString("notice"));
  }

  private static Trigger trigger(ResultSet row) throws SQLException {
    return switch (row.getString("cause")) {
      case "schedule" -> new Trigger.Scheduled(instant(row.getLong("due_at")));
      case "after" -> new Trigger.After(row.getString("after_run"));
      default -> new Trigger.Manual();
    };
  }

  private static String cut(String text) {
    return text.length() <= LONGEST_TEXT ? text : text.substring(0, LONGEST_TEXT);
  }

  private static String tail(String text) {
    return text.length() <= LONGEST_TEXT ? text : text.substring(text.length() - LONGEST_TEXT);
  }

  private static Map<String, String> texts(String json) {
    try {
      return JSON.readValue(json, TEXTS);
    } catch (JsonProcessingException e) {
      throw new TarnException(
          ErrorCode.CATALOG_CORRUPT, "the catalog's settings of a workflow are no JSON", e);
    }
  }

  private static String text(Map<String, String> texts) {
    try {
      return JSON.writeValueAsString(new TreeMap<>(texts));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  private static long micros(Instant time) {
    return ChronoUnit.MICROS.between(Instant.EPOCH, time);
  }

  private static Instant instant(long micros) {
    return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
  }

  private static @Nullable Instant instantOrNull(ResultSet row, String column) throws SQLException {
    long micros = row.getLong(column);
    return row.wasNull() ? null : instant(micros);
  }
}
