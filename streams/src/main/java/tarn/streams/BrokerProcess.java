package tarn.streams;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tarn.streams.broker.BrokerFolder;
import tarn.streams.broker.BrokerMain;

/** One life of a broker. */
final class BrokerProcess {
  private static final Logger LOG = LoggerFactory.getLogger(BrokerProcess.class);

  private final Process process;
  private final Thread log;
  private volatile String lastWords = "";

  private BrokerProcess(Process process) {
    this.process = process;
    this.log = new Thread(this::readLog, "log of broker " + process.pid());
    log.setDaemon(true);
    log.start();
  }

  static BrokerProcess start(BrokerFolder folder, BrokerConfig config, String secret)
      throws IOException {
    folder.prepare();
    folder.writeProperties(config.server(secret));
    Files.createDirectories(folder.data());
    ProcessBuilder builder = new ProcessBuilder(command(folder)).directory(folder.path().toFile());
    builder.environment().clear();
    return new BrokerProcess(builder.start());
  }

  private static List<String> command(BrokerFolder folder) {
    return List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-Xmx512m",
        "-XX:+UseSerialGC",
        "-XX:-UsePerfData",
        "-XX:+ExitOnOutOfMemoryError",
        "-XX:ErrorFile=" + folder.path().resolve("crash-%p.log"),
        "-Dlogback.configurationFile=tarn/streams/broker/logback.xml",
        // What it would say is that there is nothing behind it: Kafka logs through SLF4J.
        "-Dlog4j2.statusLoggerLevel=OFF",
        "-Dlog4j2.StatusLogger.level=OFF",
        "-Djava.io.tmpdir=" + folder.path(),
        "-cp",
        System.getProperty("java.class.path"),
        BrokerMain.class.getName(),
        folder.path().toString());
  }

  long pid() {
    return process.pid();
  }

  /** Whether it serves clients; false if it ended before. */
  boolean awaitReady() throws IOException {
    // Not closed: closing would close the pipe that tells it to stop.
    BufferedReader lines = process.inputReader(StandardCharsets.UTF_8);
    return BrokerMain.READY.equals(lines.readLine());
  }

  /** Waits for its end and returns what it said last. */
  String awaitEnd() throws InterruptedException {
    int status = process.waitFor();
    log.join();
    return "exit code " + status + (lastWords.isEmpty() ? "" : ", " + lastWords);
  }

  /** Asks it to stop. */
  void stop() {
    try {
      process.getOutputStream().close();
    } catch (IOException e) {
      LOG.debug("broker {} is gone already: {}", process.pid(), e.toString());
    }
  }

  void kill() {
    process.destroyForcibly();
  }

  private void readLog() {
    try (BufferedReader lines = process.errorReader(StandardCharsets.UTF_8)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (!line.startsWith("\t") && !line.startsWith("WARN")) {
          lastWords = line;
        }
        LOG.debug("broker {}: {}", process.pid(), line);
      }
    } catch (IOException e) {
      LOG.debug("broker {}: log ended: {}", process.pid(), e.toString());
    }
  }
}
