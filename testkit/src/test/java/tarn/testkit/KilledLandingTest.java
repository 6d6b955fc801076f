package tarn.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tarn.core.database.Database;
import tarn.core.database.SqliteDatabase;
import tarn.core.ledger.Batch;
import tarn.core.ledger.LandOutcome;
import tarn.core.ledger.Landing;
import tarn.core.ledger.Ledger;
import tarn.core.ledger.Offset;
import tarn.core.ledger.RawFile;
import tarn.core.ledger.SourceName;
import tarn.core.ledger.SqlLedger;
import tarn.core.storage.Buckets;
import tarn.core.storage.LocalObjectStore;
import tarn.core.storage.ObjectKey;
import tarn.core.storage.ObjectStore;
import tarn.core.storage.Zone;

/** Hop 1 on one machine, killed again and again in one home. */
class KilledLandingTest {
  private static final int KILLS = Integer.getInteger("tarn.kills", 20);
  private static final int MOST_MILLIS = 400;
  private static final SourceName SOURCE = new SourceName("killed");
  private static final Buckets BUCKETS = new Buckets("kill", "test");

  @TempDir private Path home;

  @Test
  void whatIsListedIsThereAndWhatWasAcknowledgedIsListed() throws Exception {
    Random random = new Random(20260301);
    int acknowledged = 0;
    for (int kill = 1; kill <= KILLS; kill++) {
      List<String> said =
          KilledProcess.run(
              Lander.class, random.nextInt(MOST_MILLIS), home.toString(), "" + random.nextLong());
      check(kill, said);
      acknowledged += said.size();
    }
    System.out.println(KILLS + " kills, " + acknowledged + " landings acknowledged");
    assertThat(acknowledged).isGreaterThanOrEqualTo(KILLS);
  }

  private void check(int kill, List<String> acknowledged) throws Exception {
    try (Database database = database(home);
        ObjectStore store = store(home)) {
      Ledger ledger = new SqlLedger(database);
      List<Batch> batches = ledger.batches(Set.of(), 0, Integer.MAX_VALUE);
      assertThat(batches.stream().map(Batch::seq))
          .as("after kill %d", kill)
          .containsExactlyElementsOf(LongStream.rangeClosed(1, ledger.lastSeq()).boxed().toList());
      for (Batch batch : batches) {
        for (RawFile file : ledger.files(batch.seq())) {
          try (InputStream in = store.read(file.key())) {
            assertThat(Sha256.hex(in.readAllBytes())).isEqualTo(file.sha256());
          }
        }
      }
      assertThat(acknowledged)
          .as("acknowledged before kill %d", kill)
          .allSatisfy(sha -> assertThat(ledger.find(SOURCE, "", sha)).as(sha).isPresent());
      assertThat(home.resolve("zones/kill-raw-test/.staging"))
          .satisfiesAnyOf(
              staging -> assertThat(staging).doesNotExist(),
              staging -> assertThat(staging).isEmptyDirectory());
    }
  }

  private static Database database(Path home) {
    return SqliteDatabase.open(home.resolve("catalog.db"));
  }

  private static ObjectStore store(Path home) {
    return new LocalObjectStore(home.resolve("zones"), BUCKETS, true);
  }

  /** Lands in two partitions at once, and says what was acknowledged. */
  static final class Lander {
    public static void main(String[] arguments) {
      Path home = Path.of(arguments[0]);
      Database database = database(home);
      ObjectStore store = store(home);
      Ledger ledger = new SqlLedger(database);
      Random random = new Random(Long.parseLong(arguments[1]));
      CompletableFuture<Void> other =
          CompletableFuture.runAsync(() -> land(store, ledger, "1", new Random(random.nextLong())));
      land(store, ledger, "0", new Random(random.nextLong()));
      other.join();
    }

    private static void land(ObjectStore store, Ledger ledger, String partition, Random random) {
      Offset offset = ledger.takeOver(SOURCE, partition);
      for (int i = 0; i < 100_000; i++) {
        byte[] bytes = new byte[random.nextInt(50_000)];
        random.nextBytes(bytes);
        String sha = Sha256.hex(bytes);
        ObjectKey key = new ObjectKey(Zone.RAW, "landing/killed/" + UUID.randomUUID());
        put(store, key, bytes);
        RawFile file = new RawFile(key, "", "f" + i, bytes.length, sha, Instant.now());
        LandOutcome outcome =
            ledger.land(
                new Landing(
                    SOURCE, "files", partition, offset, "" + i, List.of(file), Instant.now()));
        if (outcome instanceof LandOutcome.Landed landed) {
          KilledProcess.say(sha);
          if (i == 0 && partition.equals("0")) {
            KilledProcess.ready();
          }
          offset = new Offset(landed.batch().to(), offset.epoch());
        } else {
          offset = ledger.offset(SOURCE, partition);
        }
      }
    }

    private static void put(ObjectStore store, ObjectKey key, byte[] bytes) {
      try {
        Path folder = store.stagingDirectory(Zone.RAW);
        store.put(key, Files.write(folder.resolve("file"), bytes));
        Files.delete(folder);
      } catch (java.io.IOException e) {
        throw new java.io.UncheckedIOException(e);
      }
    }
  }
}
