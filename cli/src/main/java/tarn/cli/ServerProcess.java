package tarn.cli;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tarn.api.Build;
import tarn.api.Event;
import tarn.api.Failure;
import tarn.api.Fields;
import tarn.api.Json;
import tarn.api.ServerFile;
import tarn.api.TestAnswer;
import tarn.api.ValidateAnswer;
import tarn.api.WireException;

/** Starts the server's process, in the foreground or to stay, and finds one that runs. */
final class ServerProcess {
  private static final long START_SECONDS = 60;
  private static final long STOP_SECONDS = 40;
  private static final long RIVAL_SECONDS = 15;
  private static final Pattern OWNER = Pattern.compile("pid (\\d{1,18})");
  private static final long NO_SPACE_BYTES = 1 << 20;

  private ServerProcess() {}

  /** The server that a home's file tells of, if its process lives; null otherwise. */
  static @Nullable ServerFile running(LakePlace lake) {
    ServerFile file = announced(lake);
    boolean alive =
        file != null && ProcessHandle.of(file.pid()).map(ProcessHandle::isAlive).orElse(false);
    return alive ? file : null;
  }

  /**
   * The process that owns a home though the home's file does not tell of it: the file was removed,
   * or another version wrote it. Null if there is none.
   */
  static @Nullable ProcessHandle owner(LakePlace lake) {
    try {
      Matcher owner = OWNER.matcher(Files.readString(lake.home().resolve("lock")));
      ProcessHandle process =
          owner.find() ? ProcessHandle.of(Long.parseLong(owner.group(1))).orElse(null) : null;
      boolean ours =
          process != null
              && List.of(process.info().arguments().orElse(new String[0]))
                  .contains(lake.folder().toString());
      return ours ? process : null;
    } catch (IOException e) {
      return null;
    }
  }

  /**
   * Starts a server that outlives this command, and waits until it is ready. If another command was
   * faster, its server is as good.
   *
   * @param stale what the home's file told of before, or null
   */
  static ServerFile startDetached(LakePlace lake, @Nullable ServerFile stale) {
    Path log = lake.home().resolve("logs").resolve("start.log");
    Process process = spawn(lake, log);
    long rivalry = 0;
    for (long waited = 0; waited < START_SECONDS * 1000; waited += 20) {
      ServerFile file = announced(lake);
      if (file != null && !file.equals(stale)) {
        return file;
      }
      if (!process.isAlive()) {
        rivalry += 20;
        if (rivalry > RIVAL_SECONDS * 1000 || !lockedByAnother(process, log)) {
          throw startFailed(process, log);
        }
      }
      pause();
    }
    throw CommandFailed.internal(
        "the server was not ready within " + START_SECONDS + " s; see " + log);
  }

  /** Runs a server until it ends; returns its exit code. */
  static int foreground(LakePlace lake) {
    try {
      return new ProcessBuilder(java(lake, List.of())).inheritIO().start().waitFor();
    } catch (IOException e) {
      throw cannotStart(e);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  /** Has a process of its own check the lake folder. */
  static ValidateAnswer validate(LakePlace lake) {
    return ask(lake, List.of("--validate"), ValidateAnswer::from);
  }

  /** Has a process of its own run the lake folder's tests whose names have a part. */
  static TestAnswer test(LakePlace lake, String part) {
    return ask(lake, List.of("--test", part), TestAnswer::from);
  }

  /** Has a process of its own do something that it tells events of; returns its answer. */
  static Fields stream(LakePlace place, List<String> what, Notes notes) {
    return hear(java(place, what), notes);
  }

  /** The same with another of the server's programs, and no lake. */
  static Fields stream(String program, List<String> what, Notes notes) {
    return hear(java(program, what), notes);
  }

  private static Fields hear(List<String> command, Notes notes) {
    try {
      return answer(new ProcessBuilder(command).redirectErrorStream(true).start(), notes);
    } catch (IOException e) {
      throw cannotStart(e);
    }
  }

  /** What a process answers at its end, whose progress is shown until then. */
  static Fields answer(Process process, Notes notes) {
    try {
      try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
        String last = "";
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
          last = line;
          if (line.startsWith("{\"event\":\"progress\"")
              && Event.parse(line) instanceof Event.Progress progress) {
            notes.progress(progress);
          }
        }
        notes.clear();
        if (process.waitFor() != 0) {
          throw CommandFailed.told(Failure.from(Json.readObject(last)));
        }
        return Json.readObject(last);
      }
    } catch (IOException e) {
      throw CommandFailed.internal("the process did not answer: " + e.getMessage());
    } catch (WireException e) {
      throw CommandFailed.internal("the process answered nonsense: " + e.getMessage());
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private static <T> T ask(LakePlace lake, List<String> what, Function<Fields, T> answered) {
    try {
      Process process = new ProcessBuilder(java(lake, what)).redirectErrorStream(true).start();
      String answer =
          new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      Fields fields = Json.readObject(lastLine(answer));
      if (process.waitFor() != 0) {
        throw CommandFailed.told(Failure.from(fields));
      }
      return answered.apply(fields);
    } catch (IOException e) {
      throw cannotStart(e);
    } catch (WireException e) {
      throw CommandFailed.internal("the process answered nonsense: " + e.getMessage());
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  /** Waits until a server's process is gone. */
  static void awaitEnd(long pid) {
    for (long waited = 0; waited < STOP_SECONDS * 1000; waited += 20) {
      if (!ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false)) {
        return;
      }
      pause();
    }
    throw CommandFailed.internal(
        "the server (pid " + pid + ") did not end within " + STOP_SECONDS + " s");
  }

  private static @Nullable ServerFile announced(LakePlace lake) {
    Path file = lake.home().resolve(ServerFile.NAME);
    try {
      return Files.exists(file) ? ServerFile.from(Json.readObject(Files.readString(file))) : null;
    } catch (IOException e) {
      throw CommandFailed.external("cannot read " + file + ": " + e.getMessage());
    } catch (WireException e) {
      return null; // not one of ours: the server that is started next replaces it
    }
  }

  private static Process spawn(LakePlace lake, Path log) {
    // The shell makes the server deaf to Ctrl-C and to the end of the terminal's session.
    List<String> command =
        new ArrayList<>(List.of("/bin/sh", "-c", "trap '' INT HUP; exec \"$@\"", "datalake"));
    command.addAll(java(lake, List.of()));
    try {
      Files.createDirectories(log.getParent());
      return new ProcessBuilder(command)
          .directory(lake.folder().toFile())
          .redirectInput(new File("/dev/null"))
          .redirectErrorStream(true)
          .redirectOutput(log.toFile())
          .start();
    } catch (IOException e) {
      throw cannotStart(e);
    }
  }

  private static List<String> java(LakePlace lake, List<String> more) {
    List<String> what = new ArrayList<>(List.of(lake.folder().toString()));
    what.addAll(List.of("--home", lake.home().toString()));
    if (lake.environment() != null) {
      what.addAll(List.of("--environment", lake.environment()));
    }
    what.addAll(more);
    return java(System.getProperty("tarn.server.main", "tarn.server.ServerMain"), what);
  }

  /** How a program of the server's class path is started. */
  static List<String> java(String program, List<String> arguments) {
    String heap = System.getenv("DATALAKE_SERVER_HEAP");
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-XX:+ExitOnOutOfMemoryError");
    command.add("-Xmx" + (heap == null || heap.isEmpty() ? "512m" : heap));
    command.add("-XX:+UseSerialGC");
    String archive = System.getProperty("tarn.server.archive", "");
    if (Files.isReadable(Path.of(archive)) && !archive.isEmpty()) {
      command.add("-XX:SharedArchiveFile=" + archive);
      command.add("-Xlog:disable"); // an archive of another Java is passed over without a word
    }
    command.add("-Xshare:auto");
    command.add("--enable-native-access=ALL-UNNAMED");
    command.add("-Dtarn.build=" + Build.ID);
    command.add("-cp");
    command.add(System.getProperty("tarn.server.classpath", ""));
    command.add(program);
    command.addAll(arguments);
    return command;
  }

  private static boolean lockedByAnother(Process process, Path log) {
    return process.exitValue() == 2 && said(log).contains("\"LAKE_LOCKED\"");
  }

  private static CommandFailed startFailed(Process process, Path log) {
    String said = said(log);
    if (said.isEmpty() && log.toFile().getUsableSpace() < NO_SPACE_BYTES) {
      return CommandFailed.external(
          "the server could not start: the disk of "
              + log.getParent()
              + " is full; free some space");
    }
    try {
      return CommandFailed.told(Failure.from(Json.readObject(lastLine(said))));
    } catch (WireException e) {
      return CommandFailed.internal(
          "the server ended with exit code " + process.exitValue() + "; see " + log);
    }
  }

  private static String said(Path log) {
    try {
      return Files.readString(log).strip();
    } catch (IOException e) {
      return "";
    }
  }

  private static String lastLine(String text) {
    return text.substring(text.lastIndexOf('\n') + 1);
  }

  private static void pause() {
    try {
      TimeUnit.MILLISECONDS.sleep(20);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private static CommandFailed cannotStart(IOException e) {
    String why =
        e instanceof AccessDeniedException denied
            ? "permission denied: " + denied.getFile()
            : e.getMessage();
    return CommandFailed.external("cannot start the server's process: " + why);
  }

  private static CommandFailed interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return CommandFailed.internal("interrupted: " + e.getMessage());
  }
}
