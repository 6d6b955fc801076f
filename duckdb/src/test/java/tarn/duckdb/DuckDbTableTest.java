package tarn.duckdb;

import java.nio.file.Path;
import tarn.testkit.EngineTableContract;
import tarn.testkit.EngineWorld;

class DuckDbTableTest extends EngineTableContract {
  @Override
  protected EngineWorld open(Path temp) {
    return DuckDbWorld.open(temp);
  }
}
