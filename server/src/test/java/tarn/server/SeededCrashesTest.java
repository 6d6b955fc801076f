package tarn.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Function;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tarn.testkit.S3Fixture;

/** A lake that dies at drawn moments ends as one that never did. */
class SeededCrashesTest {
  private static final int CRASHES = Integer.getInteger("tarn.crashes", 40);

  @TempDir Path folder;

  @Test
  void noCrashLosesOrRepeatsARecord() throws IOException {
    crash(CRASHES, 1, WorldShape::onThisMachine);
  }

  @Test
  void noneDoesOnServersEither() throws IOException {
    try (S3Fixture storage = S3Fixture.start(folder.resolve("buckets"))) {
      crash(CRASHES / 2, 500_000, home -> WorldShape.onServers(home, storage));
    }
  }

  @Test
  @Tag("soak")
  void noneOfAThousandCrashesLosesOrRepeatsARecord() throws IOException {
    crash(1_000, 1_000_000, WorldShape::onThisMachine);
  }

  @Test
  @Tag("soak")
  void noneOfAThousandDoesOnServersEither() throws IOException {
    try (S3Fixture storage = S3Fixture.start(folder.resolve("buckets"))) {
      crash(1_000, 2_000_000, home -> WorldShape.onServers(home, storage));
    }
  }

  private void crash(int wanted, long firstSeed, Function<Path, WorldShape> shape)
      throws IOException {
    int crashes = 0;
    long seed = firstSeed;
    try (CrashingWorld.WarmEngine engine = new CrashingWorld.WarmEngine(folder.resolve("engine"))) {
      while (crashes < wanted) {
        Path lake = folder.resolve("lake-" + seed);
        crashes +=
            new CrashingWorld(lake, shape.apply(lake.resolve(".datalake")), seed, engine).live();
        seed++;
      }
    }
    System.out.println(crashes + " crashes in " + (seed - firstSeed) + " worlds");
    assertThat(crashes).isGreaterThanOrEqualTo(wanted);
  }
}
