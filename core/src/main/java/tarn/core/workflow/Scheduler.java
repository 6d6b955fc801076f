package tarn.core.workflow;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.lake.Schedule;

/**
 * Starts workflows when they are due and runs what waits: one for each server. It owns nothing but
 * what {@link RunStore} says; what another server, or an earlier life of this one, left unfinished
 * is begun again under its own id. {@link #tick} does all that is to be done now; a thread calls it
 * again and again.
 */
public final class Scheduler implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Scheduler.class);

  /** How many runs a server runs at once. */
  public static final int MOST_AT_ONCE = 16;

  public static final Duration LEASE = Duration.ofSeconds(60);
  private static final Duration BEAT = Duration.ofSeconds(5);
  private static final Duration STEADY = Duration.ofMinutes(10);
  private static final Duration READ_DEFINITIONS = Duration.ofSeconds(30);
  private static final Duration FIRST_RETRY = Duration.ofSeconds(10);
  private static final Duration LONGEST_RETRY = Duration.ofMinutes(10);
  private static final long PAUSE_MILLIS = 1_000;
  private static final long CLOSE_MILLIS = 10_000;

  private final RunStore store;
  private final Supplier<List<Workflow>> definitions;
  private final Notifier notifier;
  private final Clock clock;
  private final RunStore.Owner owner;
  private final Executor executor;
  private final Map<String, Active> active = new ConcurrentHashMap<>();
  private Map<String, Workflow> workflows = Map.of();
  private Instant readAt = Instant.MIN;
  private String unread = "";
  private boolean unlooked = true;
  private boolean closed;
  private boolean woken;
  private @Nullable Thread thread;

  /**
   * @param definitions what there is now; asked again and again. While it throws, what it said
   *     before holds
   * @param home of this server, which one server has at a time; without {@code /}
   * @param life of this server
   * @param executor runs the bodies, several at once
   */
  public Scheduler(
      RunStore store,
      Supplier<List<Workflow>> definitions,
      Notifier notifier,
      Clock clock,
      String home,
      String life,
      Executor executor) {
    this.store = store;
    this.definitions = definitions;
    this.notifier = notifier;
    this.clock = clock;
    this.owner = new RunStore.Owner(home, life);
    this.executor = executor;
  }

  /** Ticks every second, and when it is woken, in a thread of its own. */
  public synchronized void start() {
    thread = new Thread(this::work, "workflows");
    thread.setDaemon(true);
    thread.start();
  }

  /** Something has been asked for, or definitions have changed: look at once. */
  public synchronized void wake() {
    readAt = Instant.MIN;
    woken = true;
    notifyAll();
  }

  private void work() {
    String told = "";
    try {
      while (pause()) {
        try {
          tick();
          told = "";
        } catch (TarnException e) {
          if (!e.line().equals(told)) {
            LOG.warn("workflows are looked at again and again: {}", e.line(), e);
          }
          told = e.line();
        } catch (RuntimeException e) {
          LOG.error("looking at workflows has a fault", e);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized boolean pause() throws InterruptedException {
    long deadline = System.nanoTime() + PAUSE_MILLIS * 1_000_000;
    for (long left = PAUSE_MILLIS;
        left > 0 && !closed && !woken;
        left = (deadline - System.nanoTime()) / 1_000_000) {
      wait(left);
    }
    woken = false;
    return !closed;
  }

  /** Does what is to be done now: looks for due times, holds what runs, begins what waits. */
  public void tick() {
    Map<String, Workflow> all = read();
    if (all.isEmpty() && active.isEmpty()) {
      return;
    }
    beat(all);
    Map<String, RunStore.Kept> kept = store.kept();
    all.values().forEach(w -> look(w, kept.getOrDefault(w.name(), RunStore.Kept.NOTHING)));
    begin(all);
    tell(all);
  }

  /** How far a run is that this server runs; empty if it does not. */
  public Optional<String> progress(String run) {
    return Optional.ofNullable(active.get(run)).map(Active::progress);
  }

  private synchronized Map<String, Workflow> read() {
    Instant now = clock.instant();
    if (now.isBefore(readAt) || !now.isBefore(readAt.plus(READ_DEFINITIONS))) {
      try {
        Map<String, Workflow> read = new TreeMap<>();
        definitions.get().forEach(workflow -> read.put(workflow.name(), workflow));
        if (unlooked || !read.keySet().equals(workflows.keySet())) {
          store.forget(read.keySet());
          unlooked = false;
        }
        workflows = read;
        unread = "";
      } catch (TarnException e) {
        if (!e.line().equals(unread)) {
          LOG.warn("pipelines stay as they were: {}", e.line());
        }
        unread = e.line();
      }
      readAt = now;
    }
    return workflows;
  }

  // ---- due times ----

  private void look(Workflow workflow, RunStore.Kept kept) {
    Optional<Schedule> schedule = workflow.schedule().filter(s -> kept.enabled(workflow));
    String basis = schedule.map(s -> s + " " + workflow.zone()).orElse("");
    if (schedule.isEmpty()) {
      if (!kept.basis().isEmpty()) {
        store.lookAway(workflow.name(), basis);
      }
      return;
    }
    Instant now = clock.instant();
    boolean news =
        !kept.basis().equals(basis)
            || kept.lookedAt().isAfter(now)
            || schedule.get().last(kept.lookedAt(), now, workflow.zone()).isPresent();
    if (news) {
      store
          .look(workflow.name(), basis, schedule.get(), workflow.zone())
          .filter(run -> run.state() == Run.State.SKIPPED)
          .ifPresent(
              run -> LOG.warn("{} was due and is skipped: {}", run.workflow(), run.problem()));
    }
  }

  // ---- runs ----

  private enum Ending {
    NONE,
    LOST,
    STOPPED,
    TIMEOUT,
    CLOSING
  }

  /** A run that this server runs. Its body is asked to stop, and never interrupted. */
  private final class Active {
    private final Run run;
    private final Workflow workflow;
    private final Instant began;
    private Instant beaten;
    private Ending ending = Ending.NONE;
    private String progress = "";
    private String log = "";

    Active(Run run, Workflow workflow) {
      this.run = run;
      this.workflow = workflow;
      this.began = clock.instant();
      this.beaten = began;
    }

    synchronized String progress() {
      return progress;
    }

    synchronized void end(Ending why) {
      if (ending == Ending.NONE) {
        ending = why;
      }
    }

    synchronized boolean isCancelled() {
      return ending != Ending.NONE;
    }

    synchronized Ending ending() {
      return ending;
    }

    private synchronized void report(
        String stage, String name, long done, long total, String unit) {
      if (isCancelled()) {
        throw new TarnException(ErrorCode.CANCELLED, "the run is to stop");
      }
      progress = stage + " " + name + ": " + done + (total < 0 ? "" : " of " + total) + " " + unit;
    }

    private synchronized String said() {
      return log;
    }

    private synchronized void log(String text) {
      log = text;
    }

    void go() {
      try {
        Outcome outcome = outcome();
        if (ending() == Ending.LOST) {
          LOG.warn("{} of {} is with another server", run.id(), run.workflow());
        } else if (ending() == Ending.CLOSING && outcome.state() == Run.State.CANCELLED) {
          until(() -> store.release(run, owner));
        } else {
          until(() -> finish(outcome));
        }
      } finally {
        active.remove(run.id());
      }
      wake();
    }

    private Outcome outcome() {
      try {
        if (store.crashedTooOften(run.id())) {
          return failed(
              "the server died "
                  + RunStore.MOST_CRASHES
                  + " times while it ran this; see the server's log");
        }
        if (run.stopAsked()) {
          end(Ending.STOPPED);
        }
        if (isCancelled()) {
          throw new TarnException(ErrorCode.CANCELLED, "the run is to stop");
        }
        Counts counts =
            workflow.body().run(new Body.Context(run, this::report, this::isCancelled, this::log));
        return new Outcome(Run.State.SUCCEEDED, counts, "", said(), null);
      } catch (TarnException e) {
        return outcome(e);
      } catch (RuntimeException e) {
        LOG.error("{} of {} has a fault", run.id(), run.workflow(), e);
        return failed("a fault of Tarn's own, see the server's log: " + e);
      }
    }

    private Outcome outcome(TarnException e) {
      return switch (ending()) {
        case TIMEOUT ->
            failed(
                "it took longer than its timeout of "
                    + workflow.timeout().map(d -> d.toSeconds() + " s").orElse("")
                    + " and was stopped");
        case STOPPED -> new Outcome(Run.State.CANCELLED, Counts.NONE, "stopped", said(), null);
        case CLOSING, LOST -> new Outcome(Run.State.CANCELLED, Counts.NONE, e.line(), said(), null);
        case NONE -> failed(e.line());
      };
    }

    private Outcome failed(String problem) {
      Instant retryAt = null;
      if (run.failures() < workflow.retries()) {
        Duration pause = FIRST_RETRY.multipliedBy(1L << Math.min(run.failures(), 6));
        retryAt = clock.instant().plus(pause.compareTo(LONGEST_RETRY) > 0 ? LONGEST_RETRY : pause);
      }
      LOG.warn(
          "{} of {} failed{}: {}",
          run.id(),
          run.workflow(),
          retryAt == null ? "" : " and is tried again",
          problem);
      return new Outcome(Run.State.FAILED, Counts.NONE, problem, said(), retryAt);
    }

    private void finish(Outcome outcome) {
      if (!store.finish(run, owner, outcome, followers(workflow), workflow.notifies())) {
        LOG.warn("{} of {} is with another server", run.id(), run.workflow());
      }
    }

    /** What became of a run has to be entered, however long the database is away. */
    private void until(Runnable entered) {
      for (long pause = 100; ; pause = Math.min(2 * pause, 5_000)) {
        try {
          entered.run();
          return;
        } catch (TarnException e) {
          LOG.warn("what became of {} cannot be entered yet: {}", run.id(), e.line());
          if (isClosed()) {
            return;
          }
        }
        try {
          Thread.sleep(pause);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          return;
        }
      }
    }
  }

  private synchronized boolean isClosed() {
    return closed;
  }

  private List<String> followers(Workflow workflow) {
    Map<String, Workflow> all;
    synchronized (this) {
      all = workflows;
    }
    Map<String, RunStore.Kept> kept = store.kept();
    return workflow.next().stream()
        .filter(
            name -> {
              Workflow next = all.get(name);
              return next != null && kept.getOrDefault(name, RunStore.Kept.NOTHING).enabled(next);
            })
        .toList();
  }

  private void beat(Map<String, Workflow> all) {
    Instant now = clock.instant();
    for (Active one : List.copyOf(active.values())) {
      Workflow workflow = all.getOrDefault(one.run.workflow(), one.workflow);
      boolean late =
          workflow.timeout().filter(most -> now.isAfter(one.began.plus(most))).isPresent();
      if (late) {
        one.end(Ending.TIMEOUT);
      }
      boolean steady = now.isAfter(one.began.plus(STEADY));
      RunStore.Hold hold = RunStore.Hold.HELD;
      if (!now.isBefore(one.beaten.plus(BEAT)) || one.run.stopAsked()) {
        hold = store.renew(one.run, owner, LEASE, one.progress(), steady);
        one.beaten = now;
      } else if (store.find(one.run.id()).map(Run::stopAsked).orElse(true)) {
        hold = RunStore.Hold.STOP;
      }
      if (hold != RunStore.Hold.HELD) {
        one.end(hold == RunStore.Hold.STOP ? Ending.STOPPED : Ending.LOST);
      }
    }
  }

  private void begin(Map<String, Workflow> all) {
    Set<String> names = all.keySet();
    while (active.size() < MOST_AT_ONCE && !isClosed()) {
      Set<String> mine = active.keySet().stream().collect(Collectors.toSet());
      Optional<Run> claimed = store.claim(owner, names, mine, LEASE);
      if (claimed.isEmpty()) {
        return;
      }
      Run run = claimed.get();
      // as it is since the run was asked for, which may be after this tick began
      Workflow newest = read().get(run.workflow());
      Workflow workflow = newest == null ? all.get(run.workflow()) : newest;
      if (workflow == null) {
        throw new IllegalStateException("a run of an unknown workflow was claimed: " + run);
      }
      LOG.info("{} of {} begins, attempt {}", run.id(), run.workflow(), run.attempt());
      Active one = new Active(run, workflow);
      active.put(run.id(), one);
      executor.execute(one::go);
    }
  }

  private void tell(Map<String, Workflow> all) {
    for (Optional<Run> due = store.claimNotice(); due.isPresent(); due = store.claimNotice()) {
      Run run = due.get();
      Workflow workflow = all.get(run.workflow());
      if (workflow == null) {
        store.told(run, "nobody: its definition is no longer there");
      } else {
        executor.execute(() -> tell(workflow, run));
      }
    }
  }

  private void tell(Workflow workflow, Run run) {
    String problem;
    try {
      problem = notifier.tell(workflow, run);
    } catch (RuntimeException e) {
      LOG.error("telling of {} has a fault", run.id(), e);
      problem = "a fault of Tarn's own, see the server's log";
    }
    if (!problem.isEmpty()) {
      LOG.warn("not all were told of {} of {}: {}", run.id(), run.workflow(), problem);
    }
    store.told(run, problem.isEmpty() ? "told" : problem);
  }

  /** Stops what runs, so that the next server goes on with it, and waits for its end a while. */
  @Override
  public void close() {
    Thread running;
    synchronized (this) {
      closed = true;
      running = thread;
      notifyAll();
    }
    active.values().forEach(one -> one.end(Ending.CLOSING));
    try {
      if (running != null) {
        running.join(CLOSE_MILLIS);
      }
      long deadline = System.nanoTime() + CLOSE_MILLIS * 1_000_000;
      while (!active.isEmpty() && System.nanoTime() < deadline) {
        Thread.sleep(10);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
