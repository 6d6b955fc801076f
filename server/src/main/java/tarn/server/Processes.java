package tarn.server;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import tarn.api.ProcessStatus;

/** The server and the processes that it started. */
final class Processes {
  private static final String BROKER = ".BrokerMain";

  private Processes() {}

  static List<ProcessStatus> all() {
    List<ProcessStatus> processes = new ArrayList<>();
    ProcessHandle self = ProcessHandle.current();
    processes.add(new ProcessStatus("server", self.pid(), resident(self.pid())));
    self.children()
        .forEach(c -> processes.add(new ProcessStatus(kind(c.pid()), c.pid(), resident(c.pid()))));
    return processes;
  }

  /** Linux tells the log's broker from the engine's workers; elsewhere all are workers. */
  private static String kind(long pid) {
    try {
      String line =
          Files.readString(Path.of("/proc/" + pid + "/cmdline"), StandardCharsets.ISO_8859_1);
      return line.contains(BROKER) ? "broker" : "worker";
    } catch (IOException e) {
      return "worker";
    }
  }

  /** Linux tells; elsewhere -1. */
  private static long resident(long pid) {
    try {
      for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/status"))) {
        if (line.startsWith("VmRSS:")) {
          return Long.parseLong(line.replaceAll("\\D", "")) * 1024;
        }
      }
    } catch (IOException e) {
      return -1;
    }
    return -1;
  }
}
