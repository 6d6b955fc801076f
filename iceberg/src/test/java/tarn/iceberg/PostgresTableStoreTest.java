package tarn.iceberg;

import java.nio.file.Path;
import tarn.testkit.TableLake;
import tarn.testkit.TableStoreContract;

class PostgresTableStoreTest extends TableStoreContract {
  @Override
  protected TableLake lake(Path temp) {
    return Lakes.postgres(temp);
  }
}
