import io.debezium.engine.ChangeEvent;
import io.debezium.engine.DebeziumEngine;
import io.debezium.embedded.Connect;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.connect.source.SourceRecord;

/**
 * {@code <tpch.properties> <folder>}: the initial load of a PostgreSQL's tables by Debezium's
 * engine, to a consumer that counts: nothing is written anywhere. Prints what it took
 * from the engine's start to the last row.
 */
public final class DebeziumLoad {
  public static void main(String[] args) throws Exception {
    Properties source = new Properties();
    try (Reader in = Files.newBufferedReader(Path.of(args[0]))) {
      source.load(in);
    }
    long expected = Long.parseLong(source.getProperty("rows"));
    Properties engine = new Properties();
    engine.setProperty("name", "load");
    engine.setProperty("connector.class", "io.debezium.connector.postgresql.PostgresConnector");
    engine.setProperty("offset.storage", "org.apache.kafka.connect.storage.MemoryOffsetBackingStore");
    engine.setProperty("offset.flush.interval.ms", "10000");
    engine.setProperty("topic.prefix", "bench");
    engine.setProperty("plugin.name", "pgoutput");
    engine.setProperty("slot.name", "bench_debezium");
    engine.setProperty("slot.drop.on.stop", "true");
    engine.setProperty("publication.name", "bench_debezium");
    engine.setProperty("snapshot.mode", "initial_only");
    engine.setProperty("snapshot.max.threads", "1"); // with more, 3.6.1 holds whole tables in memory (dbz#2483)
    engine.setProperty("snapshot.fetch.size", "10240");
    engine.setProperty("max.batch.size", "8192");
    engine.setProperty("max.queue.size", "32768");
    engine.setProperty("schema.include.list", "public");
    engine.setProperty("database.hostname", source.getProperty("host"));
    engine.setProperty("database.port", source.getProperty("port"));
    engine.setProperty("database.dbname", source.getProperty("database"));
    engine.setProperty("database.user", source.getProperty("user"));
    engine.setProperty("database.password", System.getenv("BENCH_PASSWORD"));
    AtomicLong rows = new AtomicLong();
    CountDownLatch all = new CountDownLatch(1);
    ExecutorService thread = Executors.newSingleThreadExecutor();
    long begun = System.nanoTime();
    double cpu = cpu();
    try (DebeziumEngine<ChangeEvent<SourceRecord, SourceRecord>> running =
        DebeziumEngine.create(Connect.class)
            .using(engine)
            .using(
                (success, message, error) -> {
                  if (!success) {
                    System.err.println(message);
                  }
                  all.countDown();
                })
            .notifying(
                (records, committer) -> {
                  if (rows.addAndGet(records.size()) >= expected) {
                    all.countDown();
                  }
                  committer.markBatchFinished();
                })
            .build()) {
      thread.execute(running);
      all.await(2, TimeUnit.HOURS);
      double seconds = (System.nanoTime() - begun) / 1e9;
      System.out.println("rows " + rows);
      System.out.printf("load_millis %d%n", (long) (seconds * 1000));
      System.out.printf("load_rows_per_second %d%n", (long) (rows.get() / seconds));
      System.out.printf("load_cpu_seconds %.1f%n", cpu() - cpu);
      System.out.println("peak_mb " + (peakKilobytes() >> 10));
    }
    System.exit(0);
  }

  private static double cpu() throws Exception {
    String stat = Files.readString(Path.of("/proc/self/stat"));
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
    return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / 100.0;
  }

  private static long peakKilobytes() throws Exception {
    return Files.readAllLines(Path.of("/proc/self/status")).stream()
        .filter(line -> line.startsWith("VmHWM"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
        .sum();
  }
}
