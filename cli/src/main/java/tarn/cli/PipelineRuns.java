package tarn.cli;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import tarn.api.PipelineRun;
import tarn.api.PipelineRunsAnswer;
import tarn.api.PipelineSetting;
import tarn.api.PipelineStatus;
import tarn.api.PipelinesAnswer;

/** {@code datalake pipeline}. */
final class PipelineRuns {
  private static final long LOOK_MILLIS = 250;
  private static final String ROUTE = "/v1/pipelines/";

  private PipelineRuns() {}

  static int pipeline(Session session) {
    List<String> arguments = session.line().arguments();
    String action = arguments.isEmpty() ? "list" : arguments.get(0);
    return switch (action) {
      case "list" -> list(session, all(session));
      case "run" -> run(session, name(arguments, action));
      case "status" ->
          arguments.size() == 1
              ? list(session, all(session))
              : status(session, get(session, name(arguments, action)));
      case "history" -> history(session, name(arguments, action));
      case "enable", "disable" ->
          status(session, post(session, name(arguments, action), "/" + action));
      case "stop" -> stop(session, name(arguments, action));
      case "set" -> set(session, arguments);
      default ->
          throw CommandFailed.usage(
              "unknown action '"
                  + action
                  + "'; it is list, run, stop, status, history, enable, disable or set: `datalake help pipeline`");
    };
  }

  private static String name(List<String> arguments, String action) {
    if (arguments.size() != 2) {
      throw CommandFailed.usage("name the pipeline: datalake pipeline " + action + " PIPELINE");
    }
    return Tables.encoded(arguments.get(1));
  }

  private static List<PipelineStatus> all(Session session) {
    return PipelinesAnswer.from(session.connect().get("/v1/pipelines")).pipelines();
  }

  private static PipelineStatus get(Session session, String pipeline) {
    return PipelineStatus.from(session.connect().get(ROUTE + pipeline));
  }

  private static PipelineStatus post(Session session, String pipeline, String what) {
    return PipelineStatus.from(session.connect().post(ROUTE + pipeline + what, null));
  }

  private static int list(Session session, List<PipelineStatus> pipelines) {
    List<List<@Nullable Object>> rows = new ArrayList<>();
    for (PipelineStatus one : pipelines) {
      PipelineRun newest = one.newest().isEmpty() ? null : one.newest().get(0);
      rows.add(
          Arrays.asList(
              one.pipeline(),
              one.type(),
              one.enabled(),
              when(one),
              one.nextAt(),
              newest == null ? null : newest.state(),
              newest == null ? null : newest.startedAt(),
              newest == null || newest.problem().isEmpty() ? null : newest.problem()));
    }
    session.table(
        List.of(
            "pipeline",
            "type",
            "enabled:BOOLEAN",
            "runs",
            "next_at",
            "last_run",
            "started_at",
            "problem"),
        rows);
    return 0;
  }

  /** {@code rate(2 hours), after load}. */
  private static @Nullable String when(PipelineStatus one) {
    List<String> when = new ArrayList<>();
    if (!one.schedule().isEmpty()) {
      when.add(one.schedule());
    }
    if (!one.after().isEmpty()) {
      when.add("after " + String.join(", ", one.after()));
    }
    return when.isEmpty() ? null : String.join(", ", when);
  }

  private static int status(Session session, PipelineStatus one) {
    List<List<@Nullable Object>> rows = new ArrayList<>();
    add(rows, "pipeline", one.pipeline());
    add(rows, "type", one.type());
    add(rows, "source", one.source());
    add(
        rows,
        "enabled",
        one.enabled() + (one.switched().isEmpty() ? "" : " (by command, until its file changes)"));
    add(rows, "schedule", one.schedule());
    add(rows, "next_at", one.nextAt());
    add(rows, "after", String.join(", ", one.after()));
    add(rows, "next_pipeline", String.join(", ", one.next()));
    add(rows, "set by command", String.join(", ", one.overrides()));
    for (PipelineRun run : one.newest()) {
      add(rows, "run", run.run());
      add(rows, "state", run.state());
      add(rows, "trigger", (run.trigger() + " " + run.of()).strip());
      add(rows, "attempt", run.attempt());
      add(rows, "started_at", run.startedAt());
      add(rows, "ended_at", run.endedAt());
      add(rows, "progress", run.progress());
      add(rows, "rows_read", run.rowsRead());
      add(rows, "rows_upserted", run.rowsUpserted());
      add(rows, "rows_deleted", run.rowsDeleted());
      add(rows, "problem", run.problem());
      add(rows, "notice", run.notice());
      add(rows, "log", run.log().strip());
    }
    session.table(List.of("key", "value"), rows);
    return 0;
  }

  private static void add(List<List<@Nullable Object>> rows, String key, @Nullable Object value) {
    if (value != null && !value.toString().isEmpty()) {
      rows.add(Arrays.asList(key, value.toString()));
    }
  }

  private static int history(Session session, String pipeline) {
    String limit = session.line().option("--limit");
    String query = limit == null ? "" : "?limit=" + Tables.encoded(limit);
    return runs(
        session,
        PipelineRunsAnswer.from(session.connect().get(ROUTE + pipeline + "/runs" + query)).runs());
  }

  private static int runs(Session session, List<PipelineRun> runs) {
    List<List<@Nullable Object>> rows = new ArrayList<>();
    for (PipelineRun run : runs) {
      rows.add(
          Arrays.asList(
              run.run(),
              run.state(),
              (run.trigger() + " " + run.of()).strip(),
              run.attempt(),
              run.createdAt(),
              run.startedAt(),
              run.endedAt(),
              run.rowsRead(),
              run.rowsUpserted(),
              run.rowsDeleted(),
              run.problem().isEmpty() ? null : run.problem()));
    }
    session.table(
        List.of(
            "run",
            "state",
            "trigger",
            "attempt:BIGINT",
            "created_at",
            "started_at",
            "ended_at",
            "rows_read:BIGINT",
            "rows_upserted:BIGINT",
            "rows_deleted:BIGINT",
            "problem"),
        rows);
    return 0;
  }

  private static int stop(Session session, String pipeline) {
    return runs(
        session,
        PipelineRunsAnswer.from(session.connect().post(ROUTE + pipeline + "/stop", null)).runs());
  }

  private static int set(Session session, List<String> arguments) {
    int equals = arguments.size() == 3 ? arguments.get(2).indexOf('=') : -1;
    if (equals < 1) {
      throw CommandFailed.usage(
          "name the pipeline and what to set: datalake pipeline set PIPELINE KEY=VALUE; KEY= lets the file's value hold again");
    }
    String setting = arguments.get(2);
    return status(
        session,
        PipelineStatus.from(
            session
                .connect()
                .post(
                    ROUTE + Tables.encoded(arguments.get(1)) + "/settings",
                    new PipelineSetting(
                        setting.substring(0, equals), setting.substring(equals + 1)))));
  }

  /** Waits if it is to; returns 1 if the run did not succeed. */
  private static int run(Session session, String pipeline) {
    Connection connection = session.connect();
    PipelineRun run = PipelineRun.from(connection.post(ROUTE + pipeline + "/runs", null));
    if (!session.line().has("--wait")) {
      return runs(session, List.of(run));
    }
    try {
      while (!run.isOver()) {
        session
            .notes()
            .progress(
                run.state().equals("queued")
                    ? run.run() + " waits"
                    : run.run() + " " + (run.progress().isEmpty() ? "runs" : run.progress()));
        TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
        run = PipelineRun.from(connection.get(ROUTE + pipeline + "/runs/" + run.run()));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw CommandFailed.external("interrupted; the run " + run.run() + " goes on");
    }
    runs(session, List.of(run));
    if (!run.log().isBlank() && session.format().equals("table")) {
      session.notes().say(run.log().strip());
    }
    return run.state().equals("succeeded") ? 0 : 1;
  }
}
