import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.get_json_object;

import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.streaming.DataStreamReader;
import org.apache.spark.sql.streaming.StreamingQuery;
import org.apache.spark.sql.streaming.Trigger;

/**
 * {@code <client.properties> <folder>}: ids found once by Spark, {@code dropDuplicatesWithinWatermark}
 * over 24 hours, from the topic that the properties name, to files of JSON lines. Prints what it
 * took from the query's start to its end, with two threads.
 */
public final class SparkIds {
  public static void main(String[] args) throws Exception {
    Properties client = new Properties();
    try (Reader in = Files.newBufferedReader(Path.of(args[0]))) {
      client.load(in);
    }
    Path folder = Path.of(args[1]);
    try (SparkSession spark =
        SparkSession.builder()
            .master("local[2]")
            .appName("ids")
            .config("spark.ui.enabled", "false")
            .config("spark.driver.bindAddress", "127.0.0.1")
            .config("spark.driver.host", "127.0.0.1")
            .config("spark.sql.shuffle.partitions", "2")
            .config("spark.sql.warehouse.dir", folder.resolve("warehouse").toString())
            .config(
                "spark.sql.streaming.stateStore.providerClass",
                "org.apache.spark.sql.execution.streaming.state.RocksDBStateStoreProvider")
            .getOrCreate()) {
      spark.range(1_000_000).selectExpr("sum(id)").collect(); // its own start is not counted
      DataStreamReader reader =
          spark
              .readStream()
              .format("kafka")
              .option("subscribe", client.getProperty("topic"))
              .option("startingOffsets", "earliest")
              .option("maxOffsetsPerTrigger", "100000");
      for (String name : client.stringPropertyNames()) {
        if (!name.equals("topic")) {
          reader = reader.option("kafka." + name, client.getProperty(name));
        }
      }
      Dataset<Row> events =
          reader
              .load()
              .selectExpr("CAST(value AS STRING) AS event", "timestamp")
              .withColumn("id", get_json_object(col("event"), "$.event_id"))
              .withWatermark("timestamp", "24 hours")
              .dropDuplicatesWithinWatermark("id");
      long begun = System.nanoTime();
      double cpu = cpu();
      StreamingQuery query =
          events
              .select("event")
              .writeStream()
              .format("text")
              .option("compression", "gzip")
              .option("path", folder.resolve("out").toString())
              .option("checkpointLocation", folder.resolve("checkpoint").toString())
              .trigger(Trigger.AvailableNow())
              .start();
      query.awaitTermination();
      double seconds = (System.nanoTime() - begun) / 1e9;
      double used = cpu() - cpu;
      long kept = spark.read().text(folder.resolve("out").toString()).count();
      long read = java.util.Arrays.stream(query.recentProgress()).mapToLong(p -> p.numInputRows()).sum();
      System.out.println("events " + read);
      System.out.printf("millis %d%n", (long) (seconds * 1000));
      System.out.printf("events_per_second %d%n", (long) (read / seconds));
      System.out.printf("cpu_seconds_per_million %.1f%n", used * 1e6 / read);
      System.out.println("peak_mb " + (peakKilobytes() >> 10));
      System.out.println("new " + kept);
    }
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
