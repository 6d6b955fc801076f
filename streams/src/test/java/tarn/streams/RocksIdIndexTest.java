package tarn.streams;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.ledger.SourceName;
import tarn.core.stream.IdIndex;
import tarn.testkit.IdIndexContract;
import tarn.testkit.KilledProcess;

class RocksIdIndexTest extends IdIndexContract {
  private static final SourceName CLICKS = new SourceName("clicks");
  private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");
  private static final int BATCH = 20_000;
  private static final long CACHE = 8L << 20;

  @TempDir Path temp;

  @Override
  protected IdIndex open() {
    return new RocksIdIndexes(temp, CACHE).open(CLICKS);
  }

  @Test
  void whatWasAddedIsThereWhenItIsOpenedAgain() {
    index.add(5, entries(0, 100, NOON));
    index.close();
    index = open();
    assertThat(index.upTo()).isEqualTo(5);
    assertThat(index.find(ids(0, 100))).doesNotContainNull();
  }

  @Test
  void anIndexThatIsOpenIsNotOpenedTwice() {
    failsWith(ErrorCode.CONFLICT);
  }

  @Test
  void anIndexThatIsDiscardedIsEmpty() {
    index.add(5, entries(0, 100, NOON));
    index.close();
    new RocksIdIndexes(temp, CACHE).discard(CLICKS);
    assertThat(temp.resolve("clicks")).doesNotExist();
    index = open();
    assertThat(index.upTo()).isZero();
    assertThat(index.find(ids(0, 1))).containsExactly((IdIndex.Seen) null);
  }

  @Test
  void filesThatAreGoneAreDamage() throws IOException {
    index.add(1, entries(0, 100, NOON));
    index.close();
    Files.delete(file(".sst"));
    failsWith(ErrorCode.FILE_DAMAGED);
    Files.delete(temp.resolve("clicks/CURRENT"));
    failsWith(ErrorCode.FILE_DAMAGED);
  }

  @Test
  void bytesThatChangedAreDamage() throws IOException {
    index.add(1, entries(0, 1000, NOON));
    index.close();
    byte[] bytes = Files.readAllBytes(file(".sst"));
    bytes[100] ^= 1;
    Files.write(file(".sst"), bytes);
    assertThatThrownBy(
            () -> {
              index = open();
              index.find(ids(0, 1000));
            })
        .isInstanceOfSatisfying(
            TarnException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.FILE_DAMAGED));
  }

  @Test
  void aKilledProcessLeavesAllIdsUpToItsBatchAndNoneBeyond() throws Exception {
    Random random = new Random(5);
    for (int kill = 0; kill < 2; kill++) {
      Path folder = temp.resolve("kill " + kill);
      KilledProcess.run(Adding.class, 400 + random.nextInt(1500), folder.toString());
      try (IdIndex left = new RocksIdIndexes(folder, CACHE).open(CLICKS)) {
        long upTo = left.upTo();
        for (long seq = 1; seq <= upTo; seq++) {
          assertThat(left.find(ids(seq * BATCH, (seq + 1) * BATCH)).contains(null))
              .as("an id of batch %s of %s is missing", seq, upTo)
              .isFalse();
        }
        assertThat(left.find(ids((upTo + 1) * BATCH, (upTo + 3) * BATCH))).containsOnlyNulls();
      }
    }
  }

  /** Adds batches for as long as it lives. */
  static final class Adding {
    private Adding() {}

    public static void main(String[] args) {
      IdIndex index = new RocksIdIndexes(Path.of(args[0]), CACHE).open(CLICKS);
      KilledProcess.ready();
      for (long seq = 1; seq < 10_000; seq++) {
        index.add(seq, entries(seq * BATCH, (seq + 1) * BATCH, NOON));
      }
    }
  }

  private void failsWith(ErrorCode code) {
    assertThatThrownBy(this::open)
        .isInstanceOfSatisfying(TarnException.class, e -> assertThat(e.code()).isEqualTo(code));
  }

  private Path file(String ending) throws IOException {
    try (Stream<Path> files = Files.list(temp.resolve("clicks"))) {
      List<Path> found = files.filter(f -> f.toString().endsWith(ending)).toList();
      assertThat(found).hasSize(1);
      return found.get(0);
    }
  }
}
