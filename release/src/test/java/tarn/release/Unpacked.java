package tarn.release;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * The archive, unpacked into a folder where nothing of the sources is.
 *
 * @param folder where commands run
 * @param tarn what was in the archive
 */
record Unpacked(Path folder, Path tarn) {

  /** What a command came to; {@code said} is both of its streams. */
  record Answer(int exitCode, String said) {}

  static Unpacked into(Path folder) throws IOException, InterruptedException {
    List<Path> archives = new ArrayList<>();
    try (Stream<Path> files = Files.list(Path.of("target").toAbsolutePath())) {
      files.filter(f -> f.toString().endsWith(".tar.gz")).forEach(archives::add);
    }
    assertThat(archives).hasSize(1);
    Unpacked here = new Unpacked(folder, folder);
    assertThat(here.run(folder, "tar -xzf '" + archives.get(0) + "'").exitCode()).isZero();
    try (Stream<Path> files = Files.list(folder)) {
      return new Unpacked(
          folder, files.filter(f -> f.toString().contains("tarn-")).findFirst().orElseThrow());
    }
  }

  /** A folder with PostgreSQL's programs, as if it were installed. */
  Path postgres() throws IOException, InterruptedException {
    Path home = Files.createDirectories(folder.resolve("home/postgres"));
    try (InputStream packed = Unpacked.class.getResourceAsStream("/postgres-linux-x86_64.txz")) {
      Files.copy(Objects.requireNonNull(packed), home.resolve("postgres.txz"));
    }
    Answer answer = run(home, "tar -xJf postgres.txz");
    assertThat(answer.exitCode()).as(answer.said()).isZero();
    return home.resolve("bin");
  }

  /** Runs a shell command whose path begins with the archive's commands. */
  Answer run(Path in, String command) throws IOException, InterruptedException {
    ProcessBuilder process =
        new ProcessBuilder("bash", "-c", command).redirectErrorStream(true).directory(in.toFile());
    process.redirectInput(ProcessBuilder.Redirect.from(new java.io.File("/dev/null")));
    process.environment().keySet().retainAll(List.of("PATH", "JAVA_HOME", "LANG"));
    process.environment().merge("PATH", tarn.resolve("bin").toString(), (a, b) -> b + ":" + a);
    process.environment().put("HOME", folder.resolve("home").toString());
    Process running = process.start();
    String said = new String(running.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(running.waitFor(5, TimeUnit.MINUTES)).as(said).isTrue();
    return new Answer(running.exitValue(), said);
  }

  /** The same, in its folder; what it said if it ended well. */
  String run(int exitCode, String command) throws IOException, InterruptedException {
    Answer answer = run(folder, command);
    assertThat(answer.exitCode()).as(command + "\n" + answer.said()).isEqualTo(exitCode);
    return answer.said();
  }
}
