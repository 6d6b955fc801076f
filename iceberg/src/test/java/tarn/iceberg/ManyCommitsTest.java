package tarn.iceberg;

import static org.assertj.core.api.Assertions.assertThat;
import static tarn.testkit.TableLake.ORDERS;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tarn.core.storage.ObjectKey;
import tarn.core.table.DataChange;
import tarn.core.table.ScanFile;
import tarn.core.table.TableState;
import tarn.testkit.TableLake;

/**
 * A table that gets small commits without end, and is compacted now and then but never maintained
 * otherwise: its metadata stays bounded, and so does what one more commit costs.
 */
class ManyCommitsTest {
  private static final Logger LOG = LoggerFactory.getLogger(ManyCommitsTest.class);
  private static final int FIRST = 200;
  private static final int LAST = 100;
  private static final int COMPACTION_EVERY = 50;

  @TempDir private Path temp;

  @Test
  void metadataStaysBounded() {
    commit(400);
  }

  @Test
  @Tag("soak")
  void metadataStaysBoundedForLong() {
    commit(3_000);
  }

  private void commit(int commits) {
    try (TableLake lake = Lakes.sqlite(temp)) {
      TableState state = lake.create(ORDERS, 3);
      long started = System.nanoTime();
      Cost mark = Cost.of(lake);
      Cost first = mark;
      for (int i = 1; i <= commits; i++) {
        state = lake.append(state, i, i);
        if (i % COMPACTION_EVERY == 0) {
          state = compact(lake, state);
        }
        if (i == FIRST) {
          first = Cost.of(lake).since(mark).per(FIRST);
        }
        if (i == commits - LAST) {
          mark = Cost.of(lake);
        }
        if (i % FIRST == 0) {
          assertBounded(lake, state);
        }
      }
      Cost last = Cost.of(lake).since(mark).per(LAST);
      long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - started);
      LOG.info("{} commits in {} ms; first {}, last {}", commits, millis, first, last);
      assertThat(last.objects()).isLessThanOrEqualTo(first.objects() * 1.05);
      // Metadata lists 1 to 200 snapshots while the first come, and 100 to 200 ever after.
      assertThat(last.bytes()).isLessThanOrEqualTo(first.bytes() * 1.4);
      assertThat(lake.scan(ORDERS).rows()).isEqualTo(commits);
    }
  }

  private static TableState compact(TableLake lake, TableState state) {
    List<ScanFile> files = lake.scan(ORDERS).files();
    long rows = files.stream().mapToLong(ScanFile::rows).sum();
    return lake.commit(state, new DataChange.Rewrite(files, List.of(lake.file(state, 1, rows))));
  }

  private static void assertBounded(TableLake lake, TableState state) {
    long snapshots = lake.store.history(ORDERS, 10_000).stream().filter(s -> s.readable()).count();
    assertThat(snapshots).isLessThanOrEqualTo(TablePolicies.MAX_SNAPSHOTS);
    assertThat(lake.objects(state, ".metadata.json")).hasSizeLessThanOrEqualTo(11);
    assertThat(lake.objects(state, "/snap-"))
        .hasSizeLessThanOrEqualTo(TablePolicies.MAX_SNAPSHOTS + 1);
    // A snapshot of an append has a manifest of its own at most, one of a compaction two or three.
    assertThat(lake.objects(state, "/metadata/"))
        .hasSizeLessThanOrEqualTo(11 + 3 * TablePolicies.MAX_SNAPSHOTS);
    AtomicLong bytes = new AtomicLong();
    ObjectKey root = lake.objects.key(state.location() + "/metadata");
    lake.objects.list(root.zone(), root.path() + "/", info -> bytes.addAndGet(info.bytes()));
    assertThat(bytes.get()).isLessThanOrEqualTo(8L << 20);
    LOG.info(
        "{} objects of metadata, {} bytes, {} snapshots",
        lake.objects(state, "/metadata/").size(),
        bytes.get(),
        snapshots);
  }

  /** What was put. */
  private record Cost(double objects, double bytes) {
    static Cost of(TableLake lake) {
      return new Cost(lake.objects.puts(), lake.objects.bytesPut());
    }

    Cost since(Cost before) {
      return new Cost(objects - before.objects, bytes - before.bytes);
    }

    Cost per(int commits) {
      return new Cost(objects / commits, bytes / commits);
    }
  }
}
