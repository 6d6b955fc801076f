package tarn.streams;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tarn.core.event.EventLog.Outcome;
import tarn.core.event.EventLog.Put;
import tarn.core.event.EventLog.Tail;
import tarn.core.event.LogRecord;
import tarn.core.ledger.SourceName;
import tarn.testkit.KilledProcess;

/** Real brokers: they take seconds to start, so each test looks at all it can. */
class BrokerTest {
  private static final SourceName CLICKS = new SourceName("clicks");
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  /** Each costs a start. */
  private static final int KILLS = Integer.getInteger("tarn.test.kills", 1);

  @TempDir Path temp;

  @Test
  void nobodyGetsInWithoutThePasswordWhichOnlyItsOwnerCanRead() throws Exception {
    Path folder = temp.resolve("a folder, with a comma");
    try (Broker broker = Broker.start(folder, false)) {
      broker.awaitReady(PATIENCE);
      KafkaSettings right = broker.settings();
      String door = "bootstrap.servers";
      assertThat(nodes(door, right.bootstrap(), right.security(), PATIENCE)).isEqualTo(1);

      String jaas = right.security().getOrDefault("sasl.jaas.config", "");
      String secret = Files.readString(folder.resolve("secret"));
      assertThat(jaas).contains(secret);
      Map<String, String> wrong = new HashMap<>(right.security());
      wrong.put("sasl.jaas.config", jaas.replace(secret, "wrong"));
      refused(door, right.bootstrap(), wrong);
      refused(door, right.bootstrap(), Map.of("security.protocol", "PLAINTEXT"));

      String inner = "bootstrap.controllers";
      String voter = setting(folder, "controller.quorum.voters").substring(2);
      String plain = setting(folder, "listener.name.controller.plain.sasl.jaas.config");
      Map<String, String> controller = new HashMap<>(right.security());
      controller.putAll(Map.of("sasl.mechanism", "PLAIN", "sasl.jaas.config", plain));
      assertThat(nodes(inner, voter, controller, PATIENCE)).isEqualTo(1);
      controller.put(
          "sasl.jaas.config", plain.replaceAll(" password=\"[^\"]*\"", " password=\"wrong\""));
      refused(inner, voter, controller);
      refused(inner, voter, right.security());
      refused(inner, voter, Map.of("security.protocol", "PLAINTEXT"));

      assertThat(right.toString()).doesNotContain(secret);
      Path process = Path.of("/proc/" + broker.pid());
      if (Files.exists(process)) {
        assertThat(Files.readString(process.resolve("cmdline"))).doesNotContain(secret);
        assertThat(Files.readAllBytes(process.resolve("environ"))).isEmpty();
      }
      for (String file : List.of("secret", "server.properties")) {
        assertThat(
                PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve(file))))
            .isEqualTo("rw-------");
      }
    }
  }

  @Test
  void whatWasAnsweredIsThereWhenTheBrokerWasKilled() throws Exception {
    try (Broker broker = Broker.start(temp.resolve("log"), false)) {
      broker.awaitReady(PATIENCE);
      Map<Integer, List<String>> answered = new HashMap<>();
      try (KafkaEventLog log = new KafkaEventLog(broker.settings())) {
        log.open(CLICKS, 2, Duration.ofDays(1));
        try (Tail tail = log.tail(CLICKS, Map.of())) {
          Random random = new Random(11);
          List<LogRecord> read = new ArrayList<>();
          int calls = 0;
          append(log, calls++, answered);
          for (int kill = 0; kill < KILLS; kill++) {
            Thread killer = killer(broker.pid(), 100 + random.nextInt(400));
            long pid = broker.pid();
            while (broker.pid() == pid || killer.isAlive()) {
              append(log, calls++, answered);
              read.addAll(tail.poll(Duration.ZERO));
            }
            append(log, calls++, answered);
          }
          assertThat(answered.getOrDefault(0, List.of())).hasSizeGreaterThan(20);
          readAll(tail, read, answered);
        }
      }
    }
  }

  @Test
  void aBrokerEndsWithItsServerAndTheNextHasItsEvents() throws Exception {
    Path folder = temp.resolve("log");
    List<String> said = KilledProcess.run(OneEvent.class, 0, folder.toString());
    long pid =
        said.stream()
            .filter(l -> l.matches("[0-9]+"))
            .mapToLong(Long::parseLong)
            .findFirst()
            .orElseThrow();
    ProcessHandle.of(pid)
        .ifPresent(handle -> handle.onExit().orTimeout(20, TimeUnit.SECONDS).join());
    try (Broker broker = Broker.start(folder, true)) {
      broker.awaitReady(PATIENCE);
      try (KafkaEventLog log = new KafkaEventLog(broker.settings());
          Tail tail = log.tail(CLICKS, Map.of())) {
        assertThat(text(tail.poll(PATIENCE).get(0))).isEqualTo("the only one");
      }
    }
    Files.writeString(folder.resolve("secret"), "another");
    assertThatThrownBy(() -> Broker.start(folder, true))
        .hasMessageContaining("bring the file 'secret' back");
  }

  /** A server that is killed when its event was answered. */
  static final class OneEvent {
    private OneEvent() {}

    public static void main(String[] args) {
      Broker broker = Broker.start(Path.of(args[0]), true);
      broker.awaitReady(PATIENCE);
      KafkaEventLog log = new KafkaEventLog(broker.settings());
      log.open(CLICKS, 1, Duration.ofDays(1));
      Put put = new Put(0, "the only one".getBytes(StandardCharsets.UTF_8));
      assertThat(log.append(CLICKS, List.of(put)).get(0)).isInstanceOf(Outcome.Appended.class);
      KilledProcess.say(Long.toString(broker.pid()));
      KilledProcess.ready();
    }
  }

  private static void append(KafkaEventLog log, int call, Map<Integer, List<String>> answered) {
    List<Put> puts =
        IntStream.range(0, 40)
            .mapToObj(i -> new Put(i % 2, (call + "-" + i).getBytes(StandardCharsets.UTF_8)))
            .toList();
    List<Outcome> outcomes = log.append(CLICKS, puts);
    for (int i = 0; i < 40; i++) {
      if (outcomes.get(i) instanceof Outcome.Appended) {
        answered
            .computeIfAbsent(i % 2, shard -> new ArrayList<>())
            .add(new String(puts.get(i).bytes(), StandardCharsets.UTF_8));
      }
    }
  }

  /** Each shard has what was answered, in order; what was not answered may stand between. */
  private static void readAll(
      Tail tail, List<LogRecord> read, Map<Integer, List<String>> answered) {
    String last =
        answered.getOrDefault(0, List.of()).get(answered.getOrDefault(0, List.of()).size() - 1);
    String lastOfOther =
        answered.getOrDefault(1, List.of()).get(answered.getOrDefault(1, List.of()).size() - 1);
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!texts(read, 0).contains(last) || !texts(read, 1).contains(lastOfOther)) {
      assertThat(System.nanoTime()).isLessThan(deadline);
      read.addAll(tail.poll(Duration.ofMillis(500)));
    }
    for (int shard = 0; shard < 2; shard++) {
      List<String> expected = answered.getOrDefault(shard, List.of());
      assertThat(texts(read, shard).stream().distinct().toList()).containsSubsequence(expected);
    }
  }

  private static List<String> texts(List<LogRecord> records, int shard) {
    return records.stream().filter(r -> r.shard() == shard).map(BrokerTest::text).toList();
  }

  private static String text(LogRecord record) {
    return new String(record.bytes(), StandardCharsets.UTF_8);
  }

  private static Thread killer(long pid, int afterMillis) {
    Thread killer =
        new Thread(
            () -> {
              try {
                Thread.sleep(afterMillis);
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
              ProcessHandle.of(pid).orElseThrow().destroyForcibly();
            });
    killer.start();
    return killer;
  }

  private static int nodes(
      String door, String address, Map<String, String> security, Duration patience)
      throws Exception {
    Map<String, Object> properties = new HashMap<>(security);
    properties.put(door, address);
    properties.put("default.api.timeout.ms", (int) patience.toMillis());
    properties.put("request.timeout.ms", (int) patience.toMillis());
    try (Admin admin = Admin.create(properties)) {
      return admin.describeCluster().nodes().get().size();
    }
  }

  private static void refused(String door, String address, Map<String, String> security) {
    assertThatThrownBy(() -> nodes(door, address, security, Duration.ofSeconds(3)))
        .isInstanceOf(ExecutionException.class);
  }

  private static String setting(Path folder, String key) throws Exception {
    Properties properties = new Properties();
    try (Reader reader = Files.newBufferedReader(folder.resolve("server.properties"))) {
      properties.load(reader);
    }
    return properties.getProperty(key, "");
  }
}
