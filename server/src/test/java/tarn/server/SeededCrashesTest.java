package tarn.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A lake that dies at drawn moments ends as one that never did. */
@Tag("soak")
class SeededCrashesTest {
  private static final int CRASHES = Integer.getInteger("tarn.crashes", 25);

  @TempDir Path folder;

  @Test
  void noCrashLosesOrRepeatsARecord() throws IOException {
    crash(CRASHES, 1);
  }

  @Test
  @Tag("soak")
  void noneOfAThousandCrashesLosesOrRepeatsARecord() throws IOException {
    crash(1_000, 1_000_000);
  }

  private void crash(int wanted, long firstSeed) throws IOException {
    int crashes = 0;
    long seed = firstSeed;
    try (CrashingWorld.WarmEngine engine = new CrashingWorld.WarmEngine(folder.resolve("engine"))) {
      while (crashes < wanted) {
        Path lake = folder.resolve("lake-" + seed);
        crashes += new CrashingWorld(lake, seed, engine).live();
        seed++;
      }
    }
    System.out.println(crashes + " crashes in " + (seed - firstSeed) + " worlds");
    assertThat(crashes).isGreaterThanOrEqualTo(wanted);
  }
}
