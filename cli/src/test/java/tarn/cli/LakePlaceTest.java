package tarn.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LakePlaceTest {
  @TempDir Path folder;

  @Test
  void theNearestFolderUpwardsIsTheLake() throws IOException {
    write("lake.yaml", "name: x\n");
    Path inside = Files.createDirectories(folder.resolve("a/b"));
    assertThat(LakePlace.find(null, null, inside).folder()).isEqualTo(folder);
    assertThat(LakePlace.find(null, null, inside).home()).isEqualTo(folder.resolve(".datalake"));
  }

  @Test
  void homeIsReadFromTheEnvironmentThatHolds() throws IOException {
    write("lake.yaml", "name: x\nhome: 'state # here'   # why\nenvironment: prod # default\n");
    assertThat(at(null)).isEqualTo(folder.resolve("state # here"));
    write("environments/prod.yaml", "home: /srv/lake # big disk\n");
    assertThat(at(null)).isEqualTo(Path.of("/srv/lake"));
    assertThat(at("dev")).isEqualTo(folder.resolve("state # here"));
    write("environments/dev.yaml", "engine:\n  home: nested\n");
    assertThat(at("dev")).isEqualTo(folder.resolve("state # here"));
  }

  @Test
  void aFolderWithoutLakeYamlIsNoLake() {
    assertThatThrownBy(() -> LakePlace.find(folder.toString(), null, folder))
        .hasMessageContaining("no lake.yaml in " + folder)
        .hasMessageContaining("datalake init");
  }

  private Path at(@Nullable String environment) {
    return LakePlace.at(folder, environment).home();
  }

  private void write(String file, String text) throws IOException {
    Files.createDirectories(folder.resolve(file).getParent());
    Files.writeString(folder.resolve(file), text);
  }
}
