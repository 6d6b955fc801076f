package tarn.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Arrays;
import org.apache.iceberg.Schema;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import tarn.core.engine.LoadResult;
import tarn.core.engine.RawInput;
import tarn.core.table.TableName;

/** One world for all tests of a class: engines are slow to start. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class EngineFixture {
  protected EngineWorld world;

  /** Makes an engine, its objects and its tables, all with nothing in them. */
  protected abstract EngineWorld open(Path temp);

  @BeforeAll
  void openWorld(@TempDir Path temp) {
    world = open(temp);
  }

  @AfterAll
  void closeWorld() {
    world.close();
  }

  protected LoadResult load(TableName table, Schema schema, RawInput... inputs) {
    return world.load(table, EngineWorld.Plan.append(schema), Arrays.asList(inputs));
  }

  /** Every record that was read is somewhere. */
  protected static void conserves(LoadResult result) {
    assertThat(result.stored() + result.superseded() + result.filtered() + result.rejected())
        .isEqualTo(result.read());
    assertThat(result.superseded()).isNotNegative();
    assertThat(result.filtered()).isNotNegative();
  }
}
