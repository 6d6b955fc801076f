package tarn.core.lake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;

class LakeTemplateTest {
  @TempDir Path dir;

  @Test
  void aNewLakeIsValid() {
    assertThat(LakeTemplate.write(dir.resolve("new"), "shop"))
        .contains("lake.yaml", "environments/dev.yaml", ".gitignore");

    LakeFolder folder = LakeFolder.load(dir.resolve("new"));

    assertThat(folder.problems()).isEmpty();
    assertThat(folder.orThrow().name()).isEqualTo("shop");
  }

  @Test
  void aFolderThatIsALakeIsLeftAlone() throws IOException {
    Files.writeString(dir.resolve("lake.yaml"), "name: old\n");

    assertThatThrownBy(() -> LakeTemplate.write(dir, "shop"))
        .isInstanceOfSatisfying(
            TarnException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.ALREADY_EXISTS));
    assertThat(dir)
        .isDirectoryContaining("glob:**lake.yaml")
        .isDirectoryNotContaining("glob:**tables");
    assertThat(dir.resolve("lake.yaml")).hasContent("name: old");
  }

  @Test
  void existingFilesAreKept() throws IOException {
    Files.writeString(dir.resolve(".gitignore"), "mine\n");

    assertThat(LakeTemplate.write(dir, "shop")).doesNotContain(".gitignore");
    assertThat(dir.resolve(".gitignore")).hasContent("mine");
  }

  @Test
  void aNameThatNoBucketCanHaveIsRefused() {
    assertThatThrownBy(() -> LakeTemplate.write(dir, "My Shop")).hasMessageContaining("'My Shop'");
    assertThat(dir).isEmptyDirectory();
  }
}
