package tarn.duckdb;

import java.nio.file.Path;
import tarn.testkit.EngineMeasureContract;
import tarn.testkit.EngineWorld;

class DuckDbMeasureTest extends EngineMeasureContract {
  @Override
  protected EngineWorld open(Path temp) {
    return DuckDbWorld.open(temp);
  }
}
