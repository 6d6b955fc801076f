package tarn.testkit;

import java.nio.file.Path;

class SqliteShardsTest extends ShardsContract {
  @Override
  protected DatabasePlace place(Path temp) {
    return DatabasePlace.sqlite(temp);
  }
}
