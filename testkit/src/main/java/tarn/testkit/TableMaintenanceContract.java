package tarn.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static tarn.testkit.TableLake.LONGEST_WORK;
import static tarn.testkit.TableLake.ORDERS;

import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.iceberg.expressions.Expressions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tarn.core.errors.TarnException;
import tarn.core.storage.ObjectKey;
import tarn.core.table.At;
import tarn.core.table.DataChange;
import tarn.core.table.MaintenancePolicy;
import tarn.core.table.ScanFile;
import tarn.core.table.SnapshotInfo;
import tarn.core.table.TableState;
import tarn.core.table.TableStore.MaintenanceReport;

/** What maintenance of a table store removes, and what it never does. */
public abstract class TableMaintenanceContract {
  private static final Duration GRACE = Duration.ofDays(3);
  private static final MaintenancePolicy STRICT = new MaintenancePolicy(Duration.ZERO, 1, GRACE);
  private static final MaintenancePolicy IMPATIENT =
      new MaintenancePolicy(Duration.ZERO, 1, Duration.ZERO);

  @TempDir protected Path temp;
  private TableLake lake;

  /** A fresh lake, with nothing in it. */
  protected abstract TableLake lake(Path temp);

  @BeforeEach
  void open() {
    lake = lake(temp);
  }

  @AfterEach
  void close() {
    lake.close();
  }

  @Test
  void expiryKeepsWhatThePolicySays() {
    TableState state = lake.create(ORDERS, 2);
    for (int i = 0; i < 6; i++) {
      state = lake.append(state, i, i);
    }
    MaintenancePolicy week = new MaintenancePolicy(Duration.ofDays(7), 1, GRACE);
    assertThat(lake.store.maintain(ORDERS, week).snapshotsExpired()).isZero();
    lake.clock.advance(Duration.ofDays(8));
    MaintenancePolicy four = new MaintenancePolicy(Duration.ofDays(7), 4, GRACE);
    MaintenanceReport report = lake.store.maintain(ORDERS, four);
    assertThat(report.snapshotsExpired()).isEqualTo(2);
    assertThat(report.filesRemoved()).isPositive();
    assertThat(lake.objects(state, "/snap-")).hasSize(4);
    assertThat(lake.store.history(ORDERS, 100).stream().filter(SnapshotInfo::readable)).hasSize(4);
    assertThat(lake.scan(ORDERS).rows()).isEqualTo(6);
    assertThat(lake.store.maintain(ORDERS, week).snapshotsExpired()).isEqualTo(3);
  }

  @Test
  void manyManifestsBecomeFew() {
    TableState state = lake.create(ORDERS, 2);
    for (int i = 0; i < 12; i++) {
      state = lake.append(state, i, i);
    }
    MaintenanceReport report = lake.store.maintain(ORDERS, STRICT);
    assertThat(report.manifestsBefore()).isEqualTo(12);
    assertThat(report.manifestsAfter()).isEqualTo(1);
    assertThat(lake.scan(ORDERS).rows()).isEqualTo(12);
  }

  @Test
  void dataFilesOfExpiredSnapshotsGoAfterTwoSweepsAGracePeriodApart() {
    TableState state = lake.append(lake.create(ORDERS, 2), 1, 10);
    ScanFile old = lake.only(ORDERS);
    lake.commit(state, new DataChange.ReplaceAll(List.of(lake.file(state, 1, 3))));
    ScanFile live = lake.only(ORDERS);
    lake.clock.advance(LONGEST_WORK.plusMinutes(1));
    assertThat(sweepTwice(STRICT)).as("a readable snapshot lists it").isZero();
    lake.store.maintain(ORDERS, STRICT);
    assertThat(lake.store.removeOrphans(STRICT)).isZero();
    lake.clock.advance(GRACE.minusMinutes(1));
    assertThat(lake.other.removeOrphans(STRICT)).isZero();
    assertThat(lake.objects.stat(old.key())).isPresent();
    lake.clock.advance(Duration.ofMinutes(2));
    assertThat(lake.other.removeOrphans(STRICT)).isEqualTo(1);
    assertThat(lake.objects.stat(old.key())).isEmpty();
    assertThat(lake.objects.stat(live.key())).isPresent();
  }

  private long sweepTwice(MaintenancePolicy policy) {
    long first = lake.store.removeOrphans(policy);
    lake.clock.advance(GRACE.plusMinutes(1));
    return first + lake.store.removeOrphans(policy);
  }

  @Test
  void whatASnapshotThatCanBeReadListsNeverGoes() {
    TableState state = lake.append(lake.create(ORDERS, 3), 0, 9);
    state = lake.append(state, 10, 19);
    state = lake.commit(state, TableLake.delete(lake.scan(ORDERS).files().get(0), 1, 2));
    long past = state.snapshotId().getAsLong();
    lake.commit(state, new DataChange.ReplaceAll(List.of(lake.file(state, 1, 1))));
    Set<ObjectKey> before = lake.everything();
    lake.clock.advance(LONGEST_WORK.plusMinutes(1));
    assertThat(sweepTwice(STRICT)).isZero();
    assertThat(lake.everything()).isEqualTo(before);
    for (ScanFile file :
        lake.fresh().scan(ORDERS, new At.Snapshot(past), Expressions.alwaysTrue()).files()) {
      assertThat(lake.deletedPositions(file)).hasSize((int) file.deleted());
    }
  }

  @Test
  void runningWorkLosesNothingHoweverShortTheGracePeriod() {
    TableState state = lake.append(lake.create(ORDERS, 2), 1, 10);
    lake.clock.advance(LONGEST_WORK.plusMinutes(1));
    List<ScanFile> reading = lake.scan(ORDERS).files();
    TableState after = lake.commit(state, new DataChange.ReplaceAll(List.of()));
    lake.store.maintain(ORDERS, IMPATIENT);
    assertThat(lake.store.removeOrphans(IMPATIENT)).isZero();
    lake.clock.advance(LONGEST_WORK.minusMinutes(1));
    assertThat(lake.store.removeOrphans(IMPATIENT)).isZero();
    assertThat(lake.objects.stat(reading.get(0).key())).isPresent();
    lake.clock.advance(Duration.ofMinutes(2));
    assertThat(lake.store.removeOrphans(IMPATIENT)).isEqualTo(1);
    assertThat(lake.objects(after, "/data/")).isEmpty();
  }

  @Test
  void aFileThatACommitMayStillListIsNotACandidate() {
    TableState state = lake.append(lake.create(ORDERS, 2), 1, 10);
    DataChange late = new DataChange.Append(List.of(lake.file(state, 11, 20)));
    assertThat(lake.store.removeOrphans(IMPATIENT)).isZero();
    lake.clock.advance(LONGEST_WORK.minusMinutes(1));
    assertThat(lake.store.removeOrphans(IMPATIENT)).isZero();
    assertThat(candidates()).isZero();
    lake.commit(state, late);
    lake.clock.advance(GRACE);
    assertThat(lake.store.removeOrphans(IMPATIENT)).isZero();
    assertThat(lake.scan(ORDERS).files()).allMatch(f -> lake.objects.stat(f.key()).isPresent());
  }

  @Test
  void aCrashBeforeFilesAreRemovedLeavesOrphansForTheNextSweeps() {
    TableState state = lake.create(ORDERS, 2);
    for (int i = 0; i < 5; i++) {
      state = lake.append(state, i, i);
    }
    lake.objects.refuseDeletes(true);
    assertThatThrownBy(() -> lake.store.maintain(ORDERS, new MaintenancePolicy(minus(), 1, GRACE)))
        .isInstanceOf(TarnException.class);
    lake.objects.refuseDeletes(false);
    assertThat(lake.store.history(ORDERS, 100).stream().filter(SnapshotInfo::readable)).hasSize(1);
    assertThat(lake.objects(state, "/snap-")).hasSize(5);
    lake.clock.advance(LONGEST_WORK.plusMinutes(1));
    assertThat(sweepTwice(STRICT)).isEqualTo(4);
    assertThat(lake.objects(state, "/snap-")).hasSize(1);
    assertThat(lake.scan(ORDERS).rows()).isEqualTo(5);
  }

  /** A retention that ends after now: the last commit's time counts as past, too. */
  private static Duration minus() {
    return Duration.ofMinutes(-1);
  }

  @Test
  void forgottenCandidatesOnlyDelay() {
    TableState state = lake.append(lake.create(ORDERS, 2), 1, 10);
    ObjectKey orphan = lake.file(state, 1, 1).key();
    lake.clock.advance(LONGEST_WORK.plusMinutes(1));
    lake.store.removeOrphans(STRICT);
    lake.clock.advance(GRACE.plusMinutes(1));
    lake.database.write(h -> h.execute("DELETE FROM orphan_candidate"));
    assertThat(sweepTwice(STRICT)).isEqualTo(1);
    assertThat(lake.objects.stat(orphan)).isEmpty();
    assertThat(lake.scan(ORDERS).rows()).isEqualTo(10);
  }

  @Test
  void theFilesOfADroppedTableGo() {
    TableState dropped = lake.append(lake.create(ORDERS, 2), 1, 10);
    TableState kept = lake.append(lake.create(TableLake.SALES, 2), 1, 10);
    Set<ObjectKey> keptFiles = new HashSet<>(lake.objects(kept, ""));
    lake.store.drop(ORDERS);
    lake.clock.advance(LONGEST_WORK.plusMinutes(1));
    assertThat(sweepTwice(STRICT)).isPositive();
    assertThat(lake.objects(dropped, "")).isEmpty();
    assertThat(lake.everything()).isEqualTo(keptFiles);
    assertThat(lake.store.removeOrphans(STRICT)).isZero();
    assertThat(candidates()).isZero();
  }

  private long candidates() {
    return lake.database.read(
        h -> h.createQuery("SELECT count(*) FROM orphan_candidate").mapTo(Long.class).one());
  }
}
