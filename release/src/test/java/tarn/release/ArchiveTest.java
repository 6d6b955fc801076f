package tarn.release;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The archive, unpacked somewhere else, does what the sources do. */
class ArchiveTest {
  @TempDir private Path folder;

  private String run(int exitCode, String... command) throws IOException, InterruptedException {
    ProcessBuilder process = new ProcessBuilder(command).redirectErrorStream(true);
    process.directory(folder.toFile());
    process.environment().keySet().retainAll(List.of("PATH", "JAVA_HOME", "LANG"));
    process.environment().put("HOME", folder.resolve("home").toString());
    Process running = process.start();
    String said = new String(running.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(running.waitFor(5, TimeUnit.MINUTES)).as(said).isTrue();
    assertThat(running.exitValue()).as(said).isEqualTo(exitCode);
    return said;
  }

  @Test
  void itMakesALakeWithoutTheSources() throws IOException, InterruptedException {
    List<Path> archives = new ArrayList<>();
    try (Stream<Path> files = Files.list(Path.of("target").toAbsolutePath())) {
      files.filter(f -> f.toString().endsWith(".tar.gz")).forEach(archives::add);
    }
    assertThat(archives).hasSize(1);
    run(0, "tar", "-xzf", archives.get(0).toString());
    Path tarn;
    try (Stream<Path> files = Files.list(folder)) {
      tarn = files.filter(f -> f.toString().contains("tarn-")).findFirst().orElseThrow();
    }
    assertThat(tarn.resolve("systemd/tarn@.service")).isRegularFile();
    assertThat(tarn.resolve("docs/README.md")).isRegularFile();
    assertThat(tarn.resolve("Dockerfile")).isRegularFile();
    String datalake = tarn.resolve("bin/datalake").toString();
    assertThat(run(0, datalake, "version")).contains("build 0.1.0-");
    assertThat(run(0, datalake, "demo", "--directory", "shop"))
        .contains("analytics.top_products", "written");
    assertThat(run(1, datalake, "status", "--lake", "shop")).contains("no server runs");
    assertThat(folder.resolve("home/.cache/tarn")).as("class archives").isDirectory();
  }
}
