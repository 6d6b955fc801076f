package tarn.testkit;

import java.nio.file.Path;

class SqliteDatabaseTest extends DatabaseContract {
  @Override
  protected DatabasePlace place(Path temp) {
    return DatabasePlace.sqlite(temp);
  }
}
