package tarn.server;

import java.nio.file.Path;
import java.util.Optional;
import tarn.core.database.Database;
import tarn.core.database.SqliteDatabase;

/** SQLite and local files: a lake on one machine. */
class EndToEndOnThisMachineTest extends EndToEndTest {
  @Override
  String lakeYaml(Path folder) {
    return "name: ecommerce\nengine:\n  memory: 512MB\n  threads: 2\n";
  }

  @Override
  Database database(Path folder) {
    return SqliteDatabase.open(folder.resolve(".datalake").resolve("catalog.db"));
  }

  @Override
  Optional<WorkerKiller> killer() {
    return Optional.empty();
  }
}
