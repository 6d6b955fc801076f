package tarn.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CompletionTest {
  @TempDir private Path folder;

  @ParameterizedTest
  @CsvSource({
    "uplo, upload",
    "query --ma, --max-rows",
    "help quar, quarantine",
    "-q up --det, --detach"
  })
  void bashCompletesCommandsAndTheirOptions(String typed, String completed) throws Exception {
    Path script = Files.writeString(folder.resolve("script"), printed("bash"));
    String ask =
        "source '%s'; COMP_WORDS=(datalake %s); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _datalake; echo \"${COMPREPLY[@]}\""
            .formatted(script, typed);
    Process bash = new ProcessBuilder("bash", "-c", ask).redirectErrorStream(true).start();
    assertThat(new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip())
        .isEqualTo(completed);
  }

  @ParameterizedTest
  @CsvSource({"datalake uplo, upload", "datalake query --ma, --max-rows"})
  void fishCompletesCommandsAndTheirOptions(String typed, String completed) throws Exception {
    Path script = Files.writeString(folder.resolve("script"), printed("fish"));
    assertThat(asked("fish", "-c", "source %s; complete -C '%s'".formatted(script, typed)))
        .startsWith(completed + "\t");
  }

  @Test
  void zshTakesTheScript() throws Exception {
    Path script = Files.writeString(folder.resolve("script"), printed("zsh"));
    String ask =
        "autoload -Uz compinit; compinit -D -u; source %s; print $_comps[datalake]"
            .formatted(script);
    assertThat(asked("zsh", "-f", "-c", ask)).isEqualTo("_datalake");
  }

  /** What a shell says; skipped where it is not installed. */
  private static String asked(String... command) throws Exception {
    try {
      Process shell = new ProcessBuilder(command).redirectErrorStream(true).start();
      return new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    } catch (IOException e) {
      Assumptions.abort(command[0] + " is not installed: its completion is not tried");
      throw e;
    }
  }

  /** The other shells are not everywhere: that all is there. */
  @Test
  void theOtherShellsKnowEveryCommandToo() {
    for (Command command : Commands.ALL) {
      assertThat(printed("zsh")).contains("'" + command.name() + ":");
      assertThat(printed("fish")).contains(" -a " + command.name() + " ");
    }
  }

  private String printed(String shell) {
    StringBuilder out = new StringBuilder();
    PrintStream err = new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8);
    Terminal terminal = new Terminal(false, false, false, 80, false);
    assertThat(Main.run(List.of("completion", shell), out, err, terminal, folder)).isZero();
    return out.toString();
  }
}
