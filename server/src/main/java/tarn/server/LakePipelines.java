package tarn.server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tarn.api.PipelineRun;
import tarn.api.PipelineRunsAnswer;
import tarn.api.PipelineSetting;
import tarn.api.PipelineStatus;
import tarn.api.PipelinesAnswer;
import tarn.api.TableRun;
import tarn.core.database.Database;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.lake.LakeDefinition;
import tarn.core.lake.Nearest;
import tarn.core.lake.PipelineDefinition;
import tarn.core.lake.PipelineSettings;
import tarn.core.workflow.Body;
import tarn.core.workflow.Commands;
import tarn.core.workflow.Counts;
import tarn.core.workflow.Notifier;
import tarn.core.workflow.Pipelines;
import tarn.core.workflow.Run;
import tarn.core.workflow.RunStore;
import tarn.core.workflow.Scheduler;
import tarn.core.workflow.SourceWork;
import tarn.core.workflow.Trigger;
import tarn.core.workflow.Workflow;

/** The pipelines of a lake: their runs, and the one who starts them. */
final class LakePipelines implements PipelineOperations, AutoCloseable {
  private static final String FOLDER = "pipelines";
  private static final String SERVER_ID = "server.id";

  private final Path home;
  private final Path folder;
  private final Supplier<LakeDefinition> current;
  private final RunStore store;
  private final Pipelines pipelines;
  private final Clock clock;
  private final ExecutorService bodies;
  private final Scheduler scheduler;

  /**
   * @param lake as it was when the server began
   * @param current as it is now
   * @param models brings models up to date
   */
  LakePipelines(
      LakeDefinition lake,
      Supplier<LakeDefinition> current,
      Database database,
      SourceWork sources,
      BiFunction<List<String>, Body.Context, List<TableRun>> models,
      Notifier notifier,
      Clock clock) {
    this.home = lake.home();
    this.folder = lake.dir().resolve(FOLDER);
    this.current = current;
    this.clock = clock;
    this.store = new RunStore(database, clock, new Random());
    this.pipelines =
        new Pipelines(
            sources,
            (names, context) -> counts(models.apply(names, context)),
            new Commands(home.resolve(FOLDER)));
    this.bodies =
        Executors.newCachedThreadPool(
            work -> {
              Thread thread = new Thread(work, "a run of a pipeline");
              thread.setDaemon(true);
              return thread;
            });
    this.scheduler =
        new Scheduler(
            store,
            this::workflows,
            notifier,
            clock,
            serverId(home),
            UUID.randomUUID().toString(),
            bodies);
  }

  /** Lets what is due be started from now on. */
  LakePipelines start() {
    scheduler.start();
    return this;
  }

  /** What tells this home from others: a text in a file of it. */
  private static String serverId(Path home) {
    Path file = home.resolve(SERVER_ID);
    try {
      if (!Files.exists(file)) {
        Files.createDirectories(home);
        Files.writeString(file, UUID.randomUUID().toString());
      }
      String id = Files.readString(file).strip();
      return id.isEmpty() ? UUID.randomUUID().toString() : id;
    } catch (IOException e) {
      throw new TarnException(
          ErrorCode.STORAGE_UNAVAILABLE, "cannot use " + file + ": " + e.getMessage(), e);
    }
  }

  private List<Workflow> workflows() {
    return Files.isDirectory(folder) ? pipelines.of(current.get(), store.kept()) : List.of();
  }

  private static Counts counts(List<TableRun> runs) {
    List<String> failed =
        runs.stream()
            .filter(run -> run.outcome().equals("failed") || run.outcome().equals("skipped"))
            .map(run -> run.table() + ": " + run.message())
            .toList();
    if (!failed.isEmpty()) {
      throw new TarnException(ErrorCode.DATA_INVALID, String.join("; ", failed));
    }
    long read = runs.stream().mapToLong(TableRun::rowsRead).sum();
    long written =
        runs.stream()
            .filter(run -> run.outcome().equals("written"))
            .mapToLong(TableRun::rowsWritten)
            .sum();
    return new Counts(read, written, 0);
  }

  // ---- what is asked ----

  @Override
  public PipelinesAnswer list() {
    LakeDefinition now = current.get();
    Map<String, RunStore.Kept> kept = store.kept();
    Map<String, Run> newest = store.newest();
    Map<String, Workflow> all = byName(now, kept);
    return new PipelinesAnswer(
        now.pipelines().stream().map(p -> status(p, all, kept, newest)).toList());
  }

  @Override
  public PipelineStatus status(String pipeline) {
    LakeDefinition now = current.get();
    PipelineDefinition definition = declared(now, pipeline);
    Map<String, RunStore.Kept> kept = store.kept();
    return status(definition, byName(now, kept), kept, store.newest());
  }

  private Map<String, Workflow> byName(LakeDefinition lake, Map<String, RunStore.Kept> kept) {
    Map<String, Workflow> all = new TreeMap<>();
    pipelines.of(lake, kept).forEach(workflow -> all.put(workflow.name(), workflow));
    return all;
  }

  private static PipelineDefinition declared(LakeDefinition lake, String pipeline) {
    return lake.pipelines().stream()
        .filter(definition -> definition.pipeline().equals(pipeline))
        .findFirst()
        .orElseThrow(
            () ->
                new TarnException(
                    ErrorCode.NOT_FOUND,
                    "there is no pipeline '"
                        + pipeline
                        + "'"
                        + Nearest.to(
                                pipeline,
                                lake.pipelines().stream()
                                    .map(PipelineDefinition::pipeline)
                                    .toList())
                            .map(near -> "; did you mean '" + near + "'?")
                            .orElse(": declare it in pipelines/" + pipeline + ".yaml")));
  }

  private PipelineStatus status(
      PipelineDefinition definition,
      Map<String, Workflow> all,
      Map<String, RunStore.Kept> kept,
      Map<String, Run> newest) {
    String name = definition.pipeline();
    Workflow workflow = all.get(name);
    if (workflow == null) {
      throw new IllegalStateException("no workflow for the pipeline " + name);
    }
    RunStore.Kept own = kept.getOrDefault(name, RunStore.Kept.NOTHING);
    boolean enabled = own.enabled(workflow);
    Run last = newest.get(name);
    return new PipelineStatus(
        name,
        PipelineSettings.TYPE.type().print(definition.type()),
        definition.source().orElse(""),
        enabled,
        own.switched() == null || !own.switchedFor().equals(workflow.version())
            ? ""
            : own.switched() ? "enabled" : "disabled",
        workflow.schedule().map(Object::toString).orElse(""),
        enabled ? nextAt(workflow, own) : null,
        all.values().stream()
            .filter(other -> other.next().contains(name))
            .map(Workflow::name)
            .toList(),
        workflow.next(),
        new TreeMap<>(own.overrides())
            .entrySet().stream().map(e -> e.getKey() + "=" + e.getValue()).toList(),
        last == null ? List.of() : List.of(told(last)));
  }

  /** Not known until somebody has looked for the first time. */
  private @Nullable Instant nextAt(Workflow workflow, RunStore.Kept kept) {
    if (kept.basis().isEmpty()) {
      return null;
    }
    Instant now = clock.instant();
    Instant from = kept.lookedAt().isAfter(now) ? kept.lookedAt() : now;
    return workflow.schedule().flatMap(s -> s.next(from, workflow.zone())).orElse(null);
  }

  @Override
  public PipelineRunsAnswer history(String pipeline, int limit) {
    declared(current.get(), pipeline);
    return told(store.history(pipeline, limit));
  }

  @Override
  public PipelineRun find(String pipeline, String run) {
    return store
        .find(run)
        .filter(found -> found.workflow().equals(pipeline))
        .map(this::told)
        .orElseThrow(
            () ->
                new TarnException(
                    ErrorCode.NOT_FOUND,
                    "there is no run "
                        + run
                        + " of "
                        + pipeline
                        + "; `datalake pipeline history "
                        + pipeline
                        + "` lists those that are known"));
  }

  @Override
  public PipelineRun run(String pipeline) {
    declared(current.get(), pipeline);
    scheduler.wake(); // whoever claims the run reads the definition first
    Run asked = store.ask(pipeline);
    scheduler.wake();
    return told(asked);
  }

  @Override
  public PipelineRunsAnswer stop(String pipeline) {
    declared(current.get(), pipeline);
    List<Run> concerned = store.stop(pipeline);
    scheduler.wake();
    return told(concerned);
  }

  @Override
  public PipelineStatus enable(String pipeline, boolean enabled) {
    PipelineDefinition definition = declared(current.get(), pipeline);
    store.switchTo(pipeline, definition.fingerprint(), enabled);
    scheduler.wake();
    return status(pipeline);
  }

  @Override
  public PipelineStatus set(String pipeline, PipelineSetting setting) {
    PipelineDefinition definition = declared(current.get(), pipeline);
    Map<String, String> overrides = new TreeMap<>();
    RunStore.Kept kept = store.kept().get(pipeline);
    if (kept != null) {
      overrides.putAll(kept.overrides());
    }
    if (setting.value().isEmpty()) {
      overrides.remove(setting.key());
    } else {
      try {
        definition.with(setting.key(), setting.value());
      } catch (IllegalArgumentException e) {
        throw new TarnException(ErrorCode.BAD_REQUEST, String.valueOf(e.getMessage()), e);
      }
      overrides.put(setting.key(), setting.value());
    }
    store.override(pipeline, overrides);
    scheduler.wake();
    return status(pipeline);
  }

  /** One line for each pipeline whose last run failed, for the lake's status. */
  List<String> problems() {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    List<String> problems = new ArrayList<>();
    store
        .newest()
        .forEach(
            (name, run) -> {
              boolean failed =
                  run.state() == Run.State.FAILED
                      || (run.state() == Run.State.RUNNING && run.failures() > 0);
              if (failed && Files.exists(folder.resolve(name + ".yaml"))) {
                problems.add("the pipeline " + name + " failed: " + run.problem());
              }
            });
    return problems;
  }

  private PipelineRunsAnswer told(List<Run> runs) {
    return new PipelineRunsAnswer(runs.stream().map(this::told).toList());
  }

  private PipelineRun told(Run run) {
    return new PipelineRun(
        run.id(),
        run.workflow(),
        run.state().name().toLowerCase(Locale.ROOT),
        RunStore.cause(run.trigger()),
        of(run.trigger()),
        run.attempt(),
        run.createdAt(),
        run.startedAt(),
        run.endedAt(),
        run.counts().read(),
        run.counts().upserted(),
        run.counts().deleted(),
        scheduler.progress(run.id()).orElse(run.progress()),
        run.problem(),
        run.notice() == null ? "" : run.notice(),
        run.log());
  }

  private static String of(Trigger trigger) {
    if (trigger instanceof Trigger.Scheduled scheduled) {
      return scheduled.due().toString();
    }
    return trigger instanceof Trigger.After after ? after.run() : "";
  }

  @Override
  public void close() {
    scheduler.close();
    bodies.shutdownNow();
  }
}
