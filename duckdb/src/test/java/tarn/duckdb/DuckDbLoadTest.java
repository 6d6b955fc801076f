package tarn.duckdb;

import java.nio.file.Path;
import tarn.testkit.EngineLoadContract;
import tarn.testkit.EngineWorld;

class DuckDbLoadTest extends EngineLoadContract {
  @Override
  protected EngineWorld open(Path temp) {
    return DuckDbWorld.open(temp);
  }
}
