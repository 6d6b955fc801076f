package tarn.testkit;

import java.nio.file.Path;

class PostgresDatabaseTest extends DatabaseContract {
  @Override
  protected DatabasePlace place(Path temp) {
    return PostgresFixture.freshPlace();
  }
}
