package tarn.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tarn.core.lake.LakeDefinition;
import tarn.core.lake.LakeFolder;

class SecretsTest {
  @TempDir Path dir;

  @Test
  void eachPasswordComesFromItsOwnFile() throws IOException {
    Files.writeString(
        dir.resolve("lake.yaml"),
        """
        name: shop
        database: {kind: postgresql, url: "jdbc:postgresql://h/db", password_file: db.secret}
        log: {kind: kafka, bootstrap: "h:9092", user: lake, password_file: kafka.secret}
        """);
    Files.writeString(dir.resolve("db.secret"), "one\n");
    Files.writeString(dir.resolve("kafka.secret"), "two\nthree\n");
    LakeDefinition lake = LakeFolder.load(dir).orThrow();

    assertThat(Secrets.databasePassword(lake)).isEqualTo("one");
    assertThat(Secrets.logPassword(lake)).isEqualTo("two");

    Files.delete(dir.resolve("kafka.secret"));
    assertThatThrownBy(() -> Secrets.logPassword(lake))
        .hasMessageContaining("kafka.secret, named by log.password_file, cannot be read");
  }

  @Test
  void aVariableThatIsNotSetIsNamed() throws IOException {
    Files.writeString(
        dir.resolve("lake.yaml"),
        """
        name: shop
        log: {kind: kafka, bootstrap: "h:9092", user: lake, password_env: TARN_NO_SUCH_VARIABLE}
        """);

    assertThatThrownBy(() -> Secrets.logPassword(LakeFolder.load(dir).orThrow()))
        .hasMessageContaining("TARN_NO_SUCH_VARIABLE is not set; log.password_env says");
  }
}
