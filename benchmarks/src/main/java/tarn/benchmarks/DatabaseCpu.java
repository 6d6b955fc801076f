package tarn.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import tarn.testkit.SourcePostgres;

/** What a PostgreSQL of this machine has used. */
final class DatabaseCpu {
  private static final double TICKS = 100;

  private DatabaseCpu() {}

  /** Of the server and its processes, those that have ended included. */
  static double seconds(SourcePostgres database) throws IOException {
    long postmaster =
        Long.parseLong(
            Files.readAllLines(Path.of(database.value("SHOW data_directory"), "postmaster.pid"))
                .get(0)
                .strip());
    double ticks = ticks(postmaster, true);
    for (ProcessHandle child : ProcessHandle.of(postmaster).orElseThrow().children().toList()) {
      ticks += ticks(child.pid(), false);
    }
    return ticks / TICKS;
  }

  private static double ticks(long pid, boolean withEnded) {
    try {
      String stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
      String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
      double own = Double.parseDouble(fields[11]) + Double.parseDouble(fields[12]);
      return withEnded
          ? own + Double.parseDouble(fields[13]) + Double.parseDouble(fields[14])
          : own;
    } catch (IOException e) {
      return 0; // it has ended
    }
  }
}
