package tarn.duckdb;

import java.nio.file.Path;
import tarn.testkit.EngineRecipeContract;
import tarn.testkit.EngineWorld;

class DuckDbRecipeTest extends EngineRecipeContract {
  @Override
  protected EngineWorld open(Path temp) {
    return DuckDbWorld.open(temp);
  }
}
