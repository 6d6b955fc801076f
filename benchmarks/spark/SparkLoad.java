import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * {@code <tpch.properties> <folder>}: a PostgreSQL's tables read by Spark's JDBC reader, two parts
 * of eight at a time by the first column of its key, to Parquet with zstd. Prints what it took from
 * the first read to the last file, with two threads; Spark's own start is not counted.
 */
public final class SparkLoad {
  private static final int PARTS = 8;

  public static void main(String[] args) throws Exception {
    Properties source = new Properties();
    try (Reader in = Files.newBufferedReader(Path.of(args[0]))) {
      source.load(in);
    }
    Path folder = Path.of(args[1]);
    String url =
        "jdbc:postgresql://%s:%s/%s"
            .formatted(
                source.getProperty("host"), source.getProperty("port"), source.getProperty("database"));
    Properties connection = new Properties();
    connection.setProperty("user", source.getProperty("user"));
    connection.setProperty("password", System.getenv("BENCH_PASSWORD"));
    connection.setProperty("driver", "org.postgresql.Driver");
    connection.setProperty("fetchsize", "10000");
    try (SparkSession spark =
        SparkSession.builder()
            .master("local[2]")
            .appName("load")
            .config("spark.ui.enabled", "false")
            .config("spark.driver.bindAddress", "127.0.0.1")
            .config("spark.driver.host", "127.0.0.1")
            .config("spark.sql.parquet.compression.codec", "zstd")
            .config("spark.sql.warehouse.dir", folder.resolve("warehouse").toString())
            .getOrCreate()) {
      spark.range(1_000_000).selectExpr("sum(id)").collect();
      long begun = System.nanoTime();
      double cpu = cpu();
      for (String table : source.getProperty("tables").split(",")) {
        String key = spark.read().jdbc(url, table, connection).schema().fieldNames()[0];
        String bounds = "(SELECT min(%s) AS low, max(%s) AS high FROM %s) t".formatted(key, key, table);
        Row keys = spark.read().jdbc(url, bounds, connection).first();
        Dataset<Row> rows =
            spark
                .read()
                .jdbc(url, table, key, keys.getLong(0), keys.getLong(1) + 1, PARTS, connection);
        rows.write().parquet(folder.resolve(table).toString());
      }
      double seconds = (System.nanoTime() - begun) / 1e9;
      double used = cpu() - cpu;
      long rows = 0;
      for (String table : source.getProperty("tables").split(",")) {
        rows += spark.read().parquet(folder.resolve(table).toString()).count();
      }
      System.out.println("rows " + rows);
      System.out.printf("load_millis %d%n", (long) (seconds * 1000));
      System.out.printf("load_rows_per_second %d%n", (long) (rows / seconds));
      System.out.printf("load_cpu_seconds %.1f%n", used);
      System.out.println("peak_mb " + (peakKilobytes() >> 10));
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
