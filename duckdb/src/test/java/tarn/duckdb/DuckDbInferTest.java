package tarn.duckdb;

import java.nio.file.Path;
import tarn.testkit.EngineInferContract;
import tarn.testkit.EngineWorld;

class DuckDbInferTest extends EngineInferContract {
  @Override
  protected EngineWorld open(Path temp) {
    return DuckDbWorld.open(temp);
  }
}
