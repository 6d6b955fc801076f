package tarn.benchmarks;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * The engine alone: runs the statements on standard input (each ends with {@code ;} at a line's
 * end), with the memory and threads of the machine, and prints for each how long it took in
 * milliseconds, then the process's CPU seconds and peak memory.
 */
public final class BareDuckDb {
  private BareDuckDb() {}

  public static void main(String[] args) throws SQLException, IOException {
    String text = new String(System.in.readAllBytes(), StandardCharsets.UTF_8);
    try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
        Statement warm = connection.createStatement()) {
      warm.execute("SELECT 1");
      for (String sql : text.split(";\\s*\\n")) {
        if (!sql.isBlank()) {
          System.out.println("millis " + run(connection, sql));
        }
      }
    }
    System.out.println(
        "cpu_seconds "
            + ProcessHandle.current()
                .info()
                .totalCpuDuration()
                .map(d -> d.toMillis() / 1000.0)
                .orElse(-1.0));
    for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
      if (line.startsWith("VmHWM:")) {
        System.out.println("peak_mb " + Long.parseLong(line.replaceAll("\\D", "")) / 1024);
      }
    }
  }

  private static long run(Connection connection, String sql) throws SQLException {
    long started = System.nanoTime();
    try (Statement statement = connection.createStatement()) {
      if (statement.execute(sql)) {
        try (ResultSet result = statement.getResultSet()) {
          while (result.next()) {
            result.getObject(1);
          }
        }
      }
    }
    return (System.nanoTime() - started) / 1_000_000;
  }
}
