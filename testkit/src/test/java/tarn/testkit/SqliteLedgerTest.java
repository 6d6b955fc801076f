package tarn.testkit;

import java.nio.file.Path;

class SqliteLedgerTest extends LedgerContract {
  @Override
  protected DatabasePlace place(Path temp) {
    return DatabasePlace.sqlite(temp);
  }
}
