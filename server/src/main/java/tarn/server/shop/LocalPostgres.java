package tarn.server.shop;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;

/**
 * A PostgreSQL of its own in a folder of its own, for as long as it is open: on this machine only,
 * with a password that nobody chose, and without care for a loss of power. Its programs are
 * somebody else's: those that the machine has. {@link #close} ends it and removes the folder.
 */
final class LocalPostgres implements AutoCloseable {
  private static final long START_SECONDS = 60;
  private static final long STOP_SECONDS = 15;
  private static final long PAUSE_MILLIS = 50;
  private static final String STARTING = "57P03";
  private static final int SUPERUSER_ID = 0;

  private final Path folder;
  private final int port;
  private final String password;
  private final Process process;

  private LocalPostgres(Path folder, int port, String password, Process process) {
    this.folder = folder;
    this.port = port;
    this.password = password;
    this.process = process;
  }

  /**
   * Returns when it answers.
   *
   * @param programs the folder with {@code initdb} and {@code postgres}
   * @param folder is made, readable by its owner only; must not be there
   */
  static LocalPostgres start(Path programs, Path folder) throws InterruptedException {
    String password = Secret.fresh();
    try {
      Files.createDirectory(
          folder,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      Files.writeString(folder.resolve("password"), password);
      initialize(programs, folder);
      Files.delete(folder.resolve("password"));
      int port = freePort();
      LocalPostgres started =
          new LocalPostgres(folder, port, password, launch(programs, folder, port));
      Thread hook = new Thread(started::close, "stop");
      Runtime.getRuntime().addShutdownHook(hook);
      started.awaitReady();
      return started;
    } catch (IOException e) {
      throw new TarnException(
          ErrorCode.SOURCE_UNAVAILABLE, "PostgreSQL does not start in " + folder + ": " + e, e);
    }
  }

  private static void initialize(Path programs, Path folder)
      throws IOException, InterruptedException {
    List<String> command =
        command(
            folder,
            programs.resolve("initdb").toString(),
            "--pgdata=" + folder.resolve("data"),
            "--username=postgres",
            "--pwfile=" + folder.resolve("password"),
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--no-locale",
            "--no-sync");
    Process initdb = builder(command, folder).start();
    if (initdb.waitFor() != 0) {
      throw notStarted(folder);
    }
  }

  private static Process launch(Path programs, Path folder, int port) throws IOException {
    List<String> command =
        command(
            folder,
            programs.resolve("postgres").toString(),
            "-D",
            folder.resolve("data").toString(),
            "-p",
            Integer.toString(port));
    Map.of(
            "listen_addresses", "127.0.0.1",
            "unix_socket_directories", "",
            "wal_level", "logical",
            "fsync", "off",
            "shared_buffers", "64MB",
            "max_slot_wal_keep_size", "1GB")
        .forEach((name, value) -> command.addAll(List.of("-c", name + "=" + value)));
    return builder(command, folder).start();
  }

  /** PostgreSQL refuses a superuser: in a user namespace of its own he is nobody. */
  private static List<String> command(Path own, String... words) throws IOException {
    List<String> command = new ArrayList<>();
    if (Files.getAttribute(own, "unix:uid").equals(SUPERUSER_ID)) {
      command.addAll(List.of("unshare", "--user"));
    }
    command.addAll(List.of(words));
    return command;
  }

  private static ProcessBuilder builder(List<String> command, Path folder) {
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
            .redirectOutput(ProcessBuilder.Redirect.appendTo(folder.resolve("log").toFile()));
    builder.environment().keySet().removeIf(name -> name.startsWith("PG"));
    return builder;
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private void awaitReady() throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
    while (true) {
      try {
        superuser("postgres").close();
        return;
      } catch (SQLException e) {
        String state = String.valueOf(e.getSQLState());
        boolean starting = state.equals(STARTING) || state.startsWith("08");
        if (!starting || !process.isAlive() || System.nanoTime() > deadline) {
          TarnException failure = notStarted(folder);
          close();
          throw failure;
        }
        TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
      }
    }
  }

  private static TarnException notStarted(Path folder) {
    String said = "";
    try (Stream<String> lines = Files.lines(folder.resolve("log"), StandardCharsets.UTF_8)) {
      said = lines.filter(line -> !line.isBlank()).reduce("", (a, b) -> b);
    } catch (IOException | UncheckedIOException e) {
      said = String.valueOf(e.getMessage());
    }
    return new TarnException(
        ErrorCode.SOURCE_UNAVAILABLE,
        "PostgreSQL does not start in "
            + folder
            + "; it said: "
            + said.strip()
            + " (it does not run as root where `unshare --user` is not allowed: use another user)");
  }

  int port() {
    return port;
  }

  Connection superuser(String database) throws SQLException {
    return DriverManager.getConnection(
        "jdbc:postgresql://127.0.0.1:" + port + "/" + database, "postgres", password);
  }

  /** Ends it at once, whoever is connected, and removes all of it. */
  @Override
  public synchronized void close() {
    if (!process.isAlive() && !Files.exists(folder)) {
      return;
    }
    try {
      end();
      try (Stream<Path> files = Files.walk(folder)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.deleteIfExists(file);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      process.destroyForcibly();
    }
  }

  /** SIGQUIT ends all of its processes without a checkpoint, which nobody needs any more. */
  private void end() throws IOException, InterruptedException {
    List<ProcessHandle> all = process.descendants().toList();
    new ProcessBuilder("kill", "-QUIT", Long.toString(process.pid())).start().waitFor();
    if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
      process.destroyForcibly().waitFor();
    }
    all.forEach(ProcessHandle::destroyForcibly);
  }
}
