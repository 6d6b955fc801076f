package tarn.duckdb;

import java.nio.file.Path;
import tarn.testkit.EngineUpsertContract;
import tarn.testkit.EngineWorld;

class DuckDbUpsertTest extends EngineUpsertContract {
  @Override
  protected EngineWorld open(Path temp) {
    return DuckDbWorld.open(temp);
  }
}
