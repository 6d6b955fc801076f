package tarn.testkit;

import java.nio.file.Path;

class PostgresRunStoreTest extends RunStoreContract {
  @Override
  protected DatabasePlace place(Path temp) {
    return PostgresFixture.freshPlace();
  }
}
