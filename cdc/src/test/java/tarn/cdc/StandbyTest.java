package tarn.cdc;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
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
}
