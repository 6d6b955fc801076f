package tarn.duckdb;

import java.nio.file.Path;
import tarn.testkit.EngineChangesContract;
import tarn.testkit.EngineWorld;

class DuckDbChangesTest extends EngineChangesContract {
  @Override
  protected EngineWorld open(Path temp) {
    return DuckDbWorld.open(temp);
  }
}
