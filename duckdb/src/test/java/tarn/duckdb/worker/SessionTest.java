package tarn.duckdb.worker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SessionTest {
  private final Session session =
      new Session(new DataOutputStream(new ByteArrayOutputStream()), "100MB", "1");

  private JsonNode copyGood(Path from, String to) throws IOException {
    return session.handle(
        Frames.MAPPER
            .createObjectNode()
            .put("op", "good")
            .put("format", "json")
            .put("path", from.toString())
            .put("compression", "NONE")
            .put("work", to)
            .put("most", 10));
  }

  /** A worker that died of it would be started and tried again, eight times. */
  @Test
  void aFullDiskIsAnAnswer(@TempDir Path temp) throws IOException {
    assumeTrue(Files.exists(Path.of("/dev/full")), "only Linux has a disk that is always full");
    Path file = Files.write(temp.resolve("a.json"), "{\"id\":1}\n".getBytes(UTF_8));
    JsonNode answer = copyGood(file, "/dev/full");
    assertThat(answer.path("ok").asBoolean()).isFalse();
    assertThat(answer.path("code").asText()).isEqualTo("DISK_FULL");
  }

  @Test
  void aFileThatIsNotThereIsAnAnswer(@TempDir Path temp) throws IOException {
    JsonNode answer = copyGood(temp.resolve("gone"), temp.resolve("work").toString());
    assertThat(answer.path("code").asText()).isEqualTo("STORAGE_UNAVAILABLE");
    assertThat(answer.path("message").asText()).contains("gone");
  }
}
