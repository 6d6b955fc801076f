package tarn.testkit;

import java.nio.file.Path;

class PostgresLedgerTest extends LedgerContract {
  @Override
  protected DatabasePlace place(Path temp) {
    return PostgresFixture.freshPlace();
  }
}
