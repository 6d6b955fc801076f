package tarn.testkit;

import java.nio.file.Path;

class PostgresShardsTest extends ShardsContract {
  @Override
  protected DatabasePlace place(Path temp) {
    return PostgresFixture.freshPlace();
  }
}
