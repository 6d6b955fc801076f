package tarn.testkit;

import java.nio.file.Path;

class SqliteRunStoreTest extends RunStoreContract {
  @Override
  protected DatabasePlace place(Path temp) {
    return DatabasePlace.sqlite(temp);
  }
}
