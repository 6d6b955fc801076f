package tarn.cli;

import java.io.BufferedWriter;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.Flushable;
import java.io.OutputStreamWriter;
import java.io.PrintStream;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import tarn.api.Build;
import tarn.api.Fields;
import tarn.api.Json;

/** The {@code datalake} command. */
public final class Main {
  private Main() {}

  public static void main(String[] typed) {
    Writer out =
        new BufferedWriter(
            new OutputStreamWriter(
                new FileOutputStream(FileDescriptor.out), StandardCharsets.UTF_8));
    PrintStream err =
        new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8);
    Path folder = Path.of(System.getProperty("tarn.folder", "."));
    int exitCode = run(List.of(typed), out, err, Terminal.find(), folder);
    Runtime.getRuntime().halt(exitCode); // nothing is left to do, and halting is quicker
  }

  /** Carries out a command line; returns the exit code. */
  static int run(
      List<String> typed, Appendable out, PrintStream err, Terminal terminal, Path folder) {
    boolean json = typed.contains("json") || typed.contains("--output=json");
    try {
      Line line = Line.parse(typed);
      Notes notes = new Notes(err, terminal, line.has("--quiet"));
      try {
        int exitCode = carryOut(new Session(line, out, notes, terminal, folder));
        if (out instanceof Flushable buffered) {
          Writing.flush(buffered);
        }
        return exitCode;
      } finally {
        notes.clear();
      }
    } catch (CommandFailed e) {
      if (e.exitCode() != 141) {
        err.println(json ? asJson(e) : "datalake: " + e.getMessage());
      }
      return e.exitCode();
    }
  }

  private static int carryOut(Session session) {
    Line line = session.line();
    String name = line.command().name();
    if (line.has("--help")) {
      session.print(Help.of(line.command()));
      return 0;
    }
    session.sheet(); // a wrong --output is told before anything is done
    return switch (name) {
      case "help" -> help(session);
      case "version" -> version(session);
      case "init" -> NewLake.init(session);
      case "validate" -> Validation.validate(session);
      case "test" -> Tests.test(session);
      case "up" -> Servers.up(session);
      case "down" -> Servers.down(session);
      case "status" -> Servers.status(session);
      case "upload" -> Uploads.upload(session);
      case "crawl" -> Work.crawl(session);
      case "plan" -> Tables.plan(session);
      case "run" -> Work.run(session);
      case "backfill" -> Work.backfill(session);
      case "maintain" -> Work.maintain(session);
      case "analytics" -> Analytics.analytics(session);
      case "env" -> AwsEnvironment.env(session);
      case "stream" -> EventStreams.stream(session);
      case "source" -> FollowedSources.source(session);
      case "pipeline" -> PipelineRuns.pipeline(session);
      case "replay" -> Replays.replay(session);
      case "generate" -> Generation.generate(session);
      case "unarchive" -> Lifecycle.unarchive(session);
      case "query" -> Queries.query(session);
      case "tables" -> Tables.list(session);
      case "describe" -> Tables.describe(session);
      case "history" -> Tables.history(session);
      case "changes" -> Queries.changes(session);
      case "undo" -> Tables.undo(session);
      case "quarantine" -> Tables.quarantine(session);
      case "backup" -> Backups.backup(session);
      case "restore" -> Backups.restore(session);
      case "verify" -> Backups.verify(session);
      case "completion" -> Completion.print(session);
      case "quality" -> Tables.quality(session);
      case "demo" -> Demo.demo(session);
      default -> throw CommandFailed.internal("command '" + name + "' is not carried out");
    };
  }

  private static int help(Session session) {
    List<String> arguments = session.line().arguments();
    session.print(arguments.isEmpty() ? Help.all() : Help.of(Commands.named(arguments.get(0))));
    return 0;
  }

  private static int version(Session session) {
    switch (session.format()) {
      case "json" ->
          session.print(
              Json.write(new Fields().with("version", Build.VERSION).with("build", Build.ID))
                  + "\n");
      case "csv" ->
          session.table(List.of("version", "build"), List.of(List.of(Build.VERSION, Build.ID)));
      default -> session.print("datalake " + Build.VERSION + " (build " + Build.ID + ")\n");
    }
    return 0;
  }

  private static String asJson(CommandFailed e) {
    return Json.write(
        new Fields()
            .with("code", e.code())
            .with("exit_code", e.exitCode())
            .with("message", e.getMessage()));
  }
}
