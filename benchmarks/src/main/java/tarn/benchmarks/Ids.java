package tarn.benchmarks;

import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import tarn.core.database.Database;
import tarn.core.database.SqliteDatabase;
import tarn.core.event.EventLog;
import tarn.core.ledger.EventCounts;
import tarn.core.ledger.Ledger;
import tarn.core.ledger.SourceName;
import tarn.core.ledger.SqlLedger;
import tarn.core.storage.Buckets;
import tarn.core.storage.LocalObjectStore;
import tarn.core.stream.Deliverer;
import tarn.core.stream.Delivery;
import tarn.core.stream.IdIndex;
import tarn.core.stream.StreamLag;
import tarn.core.stream.StreamRules;
import tarn.streams.Broker;
import tarn.streams.KafkaEventLog;
import tarn.streams.RocksIdIndexes;

/**
 * Ids found once, the lake's way and that of Kafka Streams, from the same topic of a broker as the
 * server starts it. {@code <folder> serve} has it for another process. {@code <folder> fill
 * <events>} puts events of 300 bytes into two shards, a hundredth of them twice; {@code <folder>
 * tarn} delivers them as the server does, {@code <folder> window|kv <threads> [repartition]} with
 * Kafka Streams. Each is a process of its own and prints what it took from the first event to the
 * last, and how long its state takes to come back.
 */
public final class Ids {
  static final SourceName STREAM = new SourceName("events");
  static final Duration WINDOW = Duration.ofHours(24);

  private static final int SHARDS = 2;
  private static final int EVENT_BYTES = 300;
  private static final int AT_ONCE = 2_000;
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final Duration RETENTION = Duration.ofDays(7);

  private Ids() {}

  public static void main(String[] args) throws IOException {
    Path folder = Path.of(args[0]);
    try (Broker broker = Broker.start(folder.resolve("log"), false)) {
      broker.awaitReady(PATIENCE);
      try (EventLog log = new KafkaEventLog(broker.settings())) {
        log.open(STREAM, SHARDS, RETENTION);
        switch (args[1]) {
          case "fill" -> fill(log, Long.parseLong(args[2]));
          case "serve" -> serve(folder, broker, log);
          case "tarn" -> deliver(folder.resolve("tarn"), log, broker.pid());
          default ->
              new StreamsIds(
                      folder,
                      broker,
                      args[1].equals("window"),
                      Integer.parseInt(args[2]),
                      args.length > 3)
                  .run(events(log));
        }
      }
    }
  }

  // ---- events ----

  /** An id is in one shard only, as Kafka Streams needs it; the lake does not. */
  private static void fill(EventLog log, long events) {
    Random random = new Random(42);
    List<EventLog.Put> some = new ArrayList<>();
    for (long n = 0; n < events; n++) {
      boolean again = n > 0 && random.nextInt(100) == 0;
      long id = again ? (long) (random.nextDouble() * n) : n;
      some.add(new EventLog.Put((int) (id % SHARDS), event(id)));
      if (some.size() == AT_ONCE || n == events - 1) {
        log.append(STREAM, some)
            .forEach(
                outcome -> {
                  if (!(outcome instanceof EventLog.Outcome.Appended)) {
                    throw new IllegalStateException(outcome.toString());
                  }
                });
        some.clear();
      }
    }
  }

  private static byte[] event(long id) {
    String begin =
        "{\"event_id\":\"id-"
            + Long.toHexString(id * 0x9e3779b97f4a7c15L)
            + "\",\"user_id\":\"user-"
            + id % 10_007
            + "\",\"event_type\":\"view\",\"n\":"
            + id
            + ",\"page\":\"";
    return (begin + "x".repeat(EVENT_BYTES - 2 - begin.length()) + "\"}")
        .getBytes(StandardCharsets.UTF_8);
  }

  static long events(EventLog log) {
    return log.extent(STREAM).values().stream().mapToLong(e -> e.next() - e.oldest()).sum();
  }

  /**
   * For a reader in a process of its own, until this one's input ends: how to connect is in {@code
   * client.properties}, which only its owner may read.
   */
  private static void serve(Path folder, Broker broker, EventLog log) throws IOException {
    Path client = folder.resolve("client.properties");
    Files.deleteIfExists(client);
    Files.createFile(
        client, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Properties properties = new Properties();
    properties.putAll(broker.settings().security());
    properties.setProperty("bootstrap.servers", broker.settings().bootstrap());
    properties.setProperty("topic", broker.settings().prefix() + STREAM);
    try (Writer out = Files.newBufferedWriter(client)) {
      properties.store(out, null);
    }
    long events = events(log);
    double before = Measured.cpuOf(broker.pid());
    print("ready", events);
    System.in.read();
    System.out.printf(
        "broker_cpu_seconds_per_million %.1f%n",
        (Measured.cpuOf(broker.pid()) - before) * 1e6 / events);
  }

  // ---- the lake's way ----

  private static void deliver(Path folder, EventLog log, long broker) throws IOException {
    Files.createDirectories(folder);
    StreamRules rules =
        new StreamRules(
            STREAM,
            StreamRules.Fields.of(List.of("event_id")),
            Optional.empty(),
            false,
            true,
            StreamRules.Times.DEFAULT,
            WINDOW,
            RETENTION,
            Duration.ofSeconds(2),
            StreamRules.Raw.DEFAULT);
    LocalObjectStore objects =
        new LocalObjectStore(folder.resolve("zones"), new Buckets("bench", "test"), true);
    RocksIdIndexes indexes = new RocksIdIndexes(folder.resolve("index"), 64L << 20);
    try (Database database = SqliteDatabase.open(folder.resolve("catalog.db"))) {
      Ledger ledger = new SqlLedger(database);
      long events = events(log);
      CountDownLatch done = new CountDownLatch(1);
      Measured measured;
      try (Deliverer deliverer =
          Deliverer.start(
              rules,
              log,
              ledger,
              objects,
              indexes,
              Clock.systemUTC(),
              () -> {
                if (StreamLag.of(STREAM, log, ledger) == 0) {
                  done.countDown();
                }
              })) {
        await(() -> deliverer.state().condition() == Deliverer.Condition.RUNNING);
        measured = new Measured(broker);
        await(() -> done.getCount() == 0);
        measured.print(events);
      }
      EventCounts counts = ledger.eventCounts(STREAM);
      print("new", counts.stored());
      print("again", counts.duplicate());
      print("raw_mb", bytes(folder.resolve("zones")) >> 20);
      print("ids_mb", bytes(folder.resolve("zones"), "_ids") >> 20);
      print("state_mb", bytes(folder.resolve("index")) >> 20);
      indexes.discard(STREAM);
      long begun = System.nanoTime();
      double cpu = Measured.cpu();
      try (IdIndex index = indexes.open(STREAM)) {
        new Delivery(rules, ledger, objects, index, Clock.systemUTC()).begin();
      }
      print("restore_millis", (System.nanoTime() - begun) / 1_000_000);
      print("restore_cpu_millis", (long) ((Measured.cpu() - cpu) * 1_000));
    }
  }

  // ---- measuring ----

  /** From now on. */
  static final class Measured {
    private final long broker;
    private final long nanos = System.nanoTime();
    private final double cpu = cpu();
    private final double brokerCpu;

    Measured(long broker) {
      this.broker = broker;
      this.brokerCpu = cpuOf(broker);
    }

    void print(long events) {
      double seconds = (System.nanoTime() - nanos) / 1e9;
      double used = cpu() - cpu;
      double ofBroker = cpuOf(broker) - brokerCpu;
      Ids.print("events", events);
      Ids.print("millis", (long) (seconds * 1_000));
      Ids.print("events_per_second", (long) (events / seconds));
      System.out.printf("cpu_seconds_per_million %.1f%n", used * 1e6 / events);
      System.out.printf("broker_cpu_seconds_per_million %.1f%n", ofBroker * 1e6 / events);
      Ids.print("peak_mb", peakKilobytes() >> 10);
    }

    static double cpu() {
      return cpuOf(ProcessHandle.current().pid());
    }

    /** CPU seconds of a process. */
    private static double cpuOf(long pid) {
      try {
        String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
        return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / 100.0;
      } catch (IOException e) {
        throw new IllegalStateException("Linux only", e);
      }
    }

    private static long peakKilobytes() {
      try {
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
            .filter(line -> line.startsWith("VmHWM"))
            .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
            .sum();
      } catch (IOException e) {
        throw new IllegalStateException("Linux only", e);
      }
    }
  }

  static void print(String name, long value) {
    System.out.println(name + " " + value);
  }

  /** The sizes of the files below a folder, of those only whose path has all these texts. */
  static long bytes(Path folder, String... texts) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files
          .filter(file -> Stream.of(texts).allMatch(file.toString()::contains))
          .filter(Files::isRegularFile)
          .mapToLong(file -> file.toFile().length())
          .sum();
    }
  }

  static void await(BooleanSupplier condition) {
    while (!condition.getAsBoolean()) {
      try {
        Thread.sleep(20);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException(e);
      }
    }
  }
}
