package tarn.iceberg;

import java.nio.file.Path;
import tarn.testkit.TableLake;
import tarn.testkit.TableMaintenanceContract;

class SqliteTableMaintenanceTest extends TableMaintenanceContract {
  @Override
  protected TableLake lake(Path temp) {
    return Lakes.sqlite(temp);
  }
}
