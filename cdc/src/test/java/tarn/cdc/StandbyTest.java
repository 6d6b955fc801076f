package tarn.cdc;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import tarn.core.change.ChangeSource;
import tarn.core.change.Lsn;
import tarn.core.errors.ErrorCode;
import tarn.testkit.SourcePostgres;

/** A server that only repeats what another does. */
class StandbyTest {
  @Test
  void case_52_aStandbyIsRefused() {
    Shop shop = new Shop("CREATE TABLE t (id int PRIMARY KEY)").prepared();
    Shop later = new Shop("CREATE TABLE t (id int PRIMARY KEY)");
    SourcePostgres.asStandby(
        () -> {
          FollowTest.assertFails(
              later::prepared, ErrorCode.SOURCE_REFUSED, "standby", "connect to its primary");
          FollowTest.assertFails(
              () -> shop.source.follow(Lsn.ZERO), ErrorCode.SOURCE_REFUSED, "standby");
        });
    shop.database.execute("INSERT INTO t VALUES (1)");
    assertThat(shop.follow(Lsn.ZERO, 1)).hasSize(1);
    later.prepared();
  }

  @Test
  void aServerThatTookThePlaceOfAnotherTellsHowFarItsLogIsTheSame() {
    Shop shop = new Shop("CREATE TABLE t (id int PRIMARY KEY)").prepared();
    if (SourcePostgres.version() >= 17) {
      assertThat(shop.database.value("SELECT bool_or(failover) FROM pg_replication_slots"))
          .isEqualTo("t");
    }
    ChangeSource.State before = shop.source.state();
    assertThat(before.timeline()).isPositive();
    Lsn written = Lsn.parse(shop.database.value("SELECT pg_current_wal_flush_lsn()"));
    Path standby = SourcePostgres.lagging();
    shop.database.execute("INSERT INTO t VALUES (1)");
    Lsn lost = shop.source.state().log();
    SourcePostgres.failOver(standby);
    ChangeSource.State after = shop.source.state();
    assertThat(after.system()).isEqualTo(before.system());
    assertThat(after.timeline()).isGreaterThan(before.timeline());
    assertThat(shop.source.endOf(before.timeline())).isBetween(written, lost);
    assertThat(shop.source.endOf(after.timeline() + 1)).isEqualTo(Lsn.ZERO);
    assertThat(shop.database.query("SELECT * FROM t")).isEmpty();
  }
}
