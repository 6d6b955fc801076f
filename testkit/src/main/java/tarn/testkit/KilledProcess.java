package tarn.testkit;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Timer;
import java.util.TimerTask;

/** A child JVM that is killed as by {@code kill -9}, at a moment that the caller draws. */
public final class KilledProcess {
  private static final String SAID = "said to the parent: ";
  private static final String READY = "ready";

  private KilledProcess() {}

  /** For the child: its preparations are done, its time runs from here. */
  public static void ready() {
    say(READY);
  }

  /** For the child: something that the parent should know had happened before the kill. */
  public static void say(String line) {
    System.out.println(SAID + line);
    System.out.flush();
  }

  /**
   * Runs a main class and kills it so many milliseconds after it said that it was ready; returns
   * what else it {@linkplain #say said}. Its log goes to the caller's standard error. One that ends
   * by itself before is fine.
   */
  public static List<String> run(Class<?> main, int millisAfterReady, String... arguments)
      throws IOException, InterruptedException {
    Process child = new ProcessBuilder(command(main, arguments)).redirectErrorStream(true).start();
    Timer timer = new Timer(true);
    List<String> said = new ArrayList<>();
    try (BufferedReader lines = child.inputReader(StandardCharsets.UTF_8)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.equals(SAID + READY)) {
          timer.schedule(kill(child), millisAfterReady);
        } else if (line.startsWith(SAID)) {
          said.add(line.substring(SAID.length()));
        } else {
          System.err.println(line);
        }
      }
    } finally {
      child.destroyForcibly();
      timer.cancel();
    }
    child.waitFor();
    return said;
  }

  private static TimerTask kill(Process child) {
    return new TimerTask() {
      @Override
      public void run() {
        // Process.destroyForcibly would also close the pipe and lose what was said before.
        child.toHandle().destroyForcibly();
      }
    };
  }

  private static List<String> command(Class<?> main, String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(System.getProperty("java.home") + File.separator + "bin" + File.separator + "java");
    command.addAll(
        List.of("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    command.addAll(Arrays.asList(arguments));
    return command;
  }
}
