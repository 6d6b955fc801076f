package tarn.streams.broker;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import kafka.server.Server;
import kafka.tools.StorageTool;
import org.apache.kafka.common.utils.Time;

/**
 * The broker's process: formats its folder the first time, says {@code ready} on standard output
 * when clients are served, and stops when its standard input ends: it never outlives its server.
 * Argument: the folder, with {@link BrokerFolder}'s files in it.
 */
public final class BrokerMain {
  /** Said on standard output. */
  public static final String READY = "ready";

  private static final int STOP_LIMIT_MILLIS = 10_000;

  private BrokerMain() {}

  public static void main(String[] args) throws Exception {
    PrintStream out = System.out;
    System.setOut(System.err);
    Thread watch = new Thread(BrokerMain::endWithTheParent, "parent");
    watch.setDaemon(true);
    watch.start();
    BrokerFolder folder = new BrokerFolder(Path.of(args[0]));
    format(folder);
    Server server = new KafkaRaftServer(new KafkaConfig(properties(folder)), Time.SYSTEM);
    Stop.server = server;
    server.startup();
    out.println(READY);
    out.flush();
    server.awaitShutdown();
    Runtime.getRuntime().halt(0);
  }

  /** Set once the server is there; before, there is nothing to stop. */
  private static final class Stop {
    static volatile @org.jspecify.annotations.Nullable Server server;
  }

  private static void format(BrokerFolder folder) throws IOException {
    if (Files.exists(folder.formatted())) {
      return;
    }
    String scram =
        "SCRAM-SHA-512=[name=" + BrokerFolder.USER + ",password=" + folder.secret() + "]";
    int status =
        StorageTool.execute(
            new String[] {
              "format",
              "--config",
              folder.properties().toString(),
              "--cluster-id",
              folder.clusterId(),
              "--add-scram",
              scram,
              // One replica has no eligible others; without it the only leader always returns.
              "--feature",
              "eligible.leader.replicas.version=0"
            },
            // It would show what it makes of the password.
            new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8));
    if (status != 0) {
      System.err.println("the broker's folder cannot be formatted");
      Runtime.getRuntime().halt(1);
    }
  }

  private static Properties properties(BrokerFolder folder) throws IOException {
    Properties properties = new Properties();
    try (Reader reader = Files.newBufferedReader(folder.properties(), StandardCharsets.UTF_8)) {
      properties.load(reader);
    }
    return properties;
  }

  private static void endWithTheParent() {
    try (InputStream in = System.in) {
      while (in.read() >= 0) {
        // Nothing is asked of a broker this way.
      }
    } catch (IOException e) {
      System.err.println("broker: the pipe of its server broke: " + e);
    }
    stop();
  }

  private static void stop() {
    Thread limit = new Thread(BrokerMain::haltLater, "limit");
    limit.setDaemon(true);
    limit.start();
    Server server = Stop.server;
    if (server != null) {
      server.shutdown();
    }
    Runtime.getRuntime().halt(0);
  }

  private static void haltLater() {
    try {
      Thread.sleep(STOP_LIMIT_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    System.err.println("broker: it took too long to stop");
    Runtime.getRuntime().halt(2);
  }
}
