package tarn.core.validate;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class PagesTest {
  private static final Path ROOT = Path.of("..");
  private static final boolean REGENERATE = Boolean.getBoolean("tarn.regenerate");

  @ParameterizedTest
  @MethodSource("paths")
  void theCommittedFileIsWhatTheTablesSay(String path) throws IOException {
    String generated = String.valueOf(Pages.all().get(path));
    Path file = ROOT.resolve(path);
    if (REGENERATE) {
      Files.createDirectories(file.getParent());
      Files.writeString(file, generated);
    }
    assertThat(file)
        .as(
            "%s is generated; write it anew with ./mvnw -pl core test -Dtest=PagesTest -Dtarn.regenerate=true",
            path)
        .exists()
        .hasContent(generated);
  }

  @Test
  void theSchemasAreShipped() {
    assertThat(Pages.class.getResource("/tarn/schemas/lake.schema.json")).isNotNull();
  }

  static Iterable<String> paths() {
    return Pages.all().keySet();
  }
}
