package tarn.server;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tarn.api.Event;
import tarn.api.Json;
import tarn.api.Message;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.observe.Progress;

/**
 * The server's process: {@code ServerMain <lake folder> [--environment dev] [--validate] [--test
 * <part of names>]}. It owns the lake's home while it lives; to validate and to test it leaves the
 * home alone. With {@code --restore <backups>} it makes the lake folder from a backup, with {@code
 * --verify} it checks a folder of backups, and tells events, one a line. What keeps it from
 * starting goes to standard error as one JSON object, and its kind decides the exit code.
 */
public final class ServerMain {
  private static final Logger LOG = LoggerFactory.getLogger(ServerMain.class);
  private static final Duration PATIENCE = Duration.ofSeconds(8);

  private final Lake lake;
  private final int port;
  private final Identity identity;
  private final CountDownLatch stopped = new CountDownLatch(1);

  private ServerMain(Lake lake, int port, Identity identity) {
    this.lake = lake;
    this.port = port;
    this.identity = identity;
  }

  public static void main(String[] arguments) {
    System.exit(run(arguments, Wiring::open));
  }

  /** Serves until someone wants it to stop, or validates; returns the exit code. */
  static int run(String[] arguments, Function<Lake, Operations> open) {
    try {
      Arguments given = Arguments.parse(arguments);
      if (given.validate()) {
        say(System.out, Json.write(Wiring.validate(given.folder(), given.environment())));
        return 0;
      }
      if (given.restore() != null || given.verify()) {
        tell(new Event.Result(withoutALake(given).fields()));
        return 0;
      }
      Lake lake = Wiring.read(given.folder(), given.environment());
      if (given.test() != null) {
        LakeTests tests = new LakeTests(lake.definition(), open);
        say(System.out, Json.write(tests.run(Wiring.tests(lake), given.test())));
        return 0;
      }
      given.checkHome(lake);
      new ServerMain(lake, given.port(), Identity.create(Clock.systemUTC().instant())).serve(open);
      return 0;
    } catch (RuntimeException e) {
      say(System.err, Json.write(Failures.told(e)));
      return Failures.code(e).kind().exitCode();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return 70;
    }
  }

  /** Restores a lake, or checks a folder of backups; how far it is goes to standard output too. */
  private static Message withoutALake(Arguments given) {
    Spoken spoken = new Spoken();
    Path repository = given.restore();
    return repository == null
        ? Backups.verify(given.folder(), given.deep(), spoken)
        : new Restoration(given.folder(), repository, given.backup(), given.lakeYaml()).run(spoken);
  }

  /** Progress as lines, a few in a second. */
  private static final class Spoken implements Progress {
    private static final long PAUSE_NANOS = 100_000_000;
    private long last = System.nanoTime();

    @Override
    public synchronized void report(String stage, String name, long done, long total, String unit) {
      if (done == total || System.nanoTime() - last > PAUSE_NANOS) {
        last = System.nanoTime();
        tell(new Event.Progress(stage, name, done, total, unit));
      }
    }
  }

  private static void tell(Event event) {
    say(System.out, Json.write(event));
  }

  private void serve(Function<Lake, Operations> open) throws InterruptedException {
    try (HomeLock lock = HomeLock.take(lake.home())) {
      Logs.into(lake.home().resolve("logs"));
      LOG.info("opening lake {} ({}), {}", lake.name(), lake.environment(), identity);
      try (Operations operations = open.apply(lake);
          HttpShell doors = HttpShell.start(operations, identity, port);
          Announcement announced = announce(doors, lock)) {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> stopFromOutside(doors), "stop"));
        LOG.info("{} on 127.0.0.1:{}", announced, doors.port());
        doors.awaitStop();
        LOG.info("stopping");
        doors.drain(PATIENCE);
      }
      LOG.info("stopped");
    } finally {
      stopped.countDown();
    }
  }

  private Announcement announce(HttpShell doors, HomeLock lock) {
    lock.owner(doors.port());
    return Announcement.write(lake.home(), identity.file(doors.port()));
  }

  /** On SIGTERM and SIGINT: the process ends when this returns, so it waits for the server. */
  private void stopFromOutside(HttpShell doors) {
    doors.askToStop();
    try {
      boolean inTime = stopped.await(3 * PATIENCE.toSeconds(), TimeUnit.SECONDS);
      LOG.debug("stopped in time: {}", inTime);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void say(PrintStream to, String line) {
    byte[] bytes = (line + "\n").getBytes(StandardCharsets.UTF_8);
    to.write(bytes, 0, bytes.length);
    to.flush();
  }

  /** What the command line says. */
  private record Arguments(Path folder, Map<String, String> options) {
    private static final List<String> WITH_VALUE =
        List.of(
            "--environment", "--home", "--port", "--test", "--restore", "--backup", "--lake-yaml");
    private static final List<String> FLAGS = List.of("--validate", "--verify", "--deep");

    static Arguments parse(String[] arguments) {
      Map<String, String> options = new HashMap<>();
      for (int i = 0; i < arguments.length; i++) {
        String name = arguments[i].startsWith("-") ? arguments[i] : "folder";
        boolean takesNext = WITH_VALUE.contains(name) && i + 1 < arguments.length;
        if (!takesNext && !name.equals("folder") && !FLAGS.contains(name)) {
          throw wrong("'" + name + "' was not expected");
        }
        options.put(name, takesNext ? arguments[++i] : arguments[i]);
      }
      String folder = options.get("folder");
      if (folder == null) {
        throw wrong("the lake folder is missing");
      }
      return new Arguments(Path.of(folder), options);
    }

    @Nullable String environment() {
      return options.get("--environment");
    }

    @Nullable String test() {
      return options.get("--test");
    }

    boolean validate() {
      return options.containsKey("--validate");
    }

    /** The folder of backups to restore from, or null. */
    @Nullable Path restore() {
      return path("--restore");
    }

    @Nullable String backup() {
      return options.get("--backup");
    }

    @Nullable Path lakeYaml() {
      return path("--lake-yaml");
    }

    private @Nullable Path path(String option) {
      String path = options.get(option);
      return path == null ? null : Path.of(path);
    }

    /** Whether the folder is one of backups, to be checked. */
    boolean verify() {
      return options.containsKey("--verify");
    }

    boolean deep() {
      return options.containsKey("--deep");
    }

    int port() {
      String port = options.getOrDefault("--port", "0");
      if (!port.matches("[0-9]{1,5}") || Integer.parseInt(port) > 65535) {
        throw wrong("'" + port + "' is no port");
      }
      return Integer.parseInt(port);
    }

    /** A client that looks for the server elsewhere would wait for it in vain. */
    void checkHome(Lake lake) {
      String expected = options.get("--home");
      if (expected != null && !Path.of(expected).equals(lake.home())) {
        throw new TarnException(
            ErrorCode.DEFINITION_INVALID,
            "the lake's home is "
                + lake.home()
                + " but the command took it for "
                + expected
                + "; write 'home' and 'environment' on lines of their own, unindented");
      }
    }

    private static TarnException wrong(String what) {
      return new TarnException(
          ErrorCode.BAD_REQUEST,
          what
              + "; usage: ServerMain <lake folder> [--environment <name>] [--home <expected>] [--port <n>] [--validate] [--test <part of names>] [--restore <backups> [--backup <id>] [--lake-yaml <file>]]; or: ServerMain <backups> --verify [--deep]");
    }
  }
}
