package tarn.duckdb;

import java.nio.file.Path;
import java.time.Clock;
import tarn.core.database.Database;
import tarn.core.database.SqliteDatabase;
import tarn.core.storage.Buckets;
import tarn.core.storage.LocalObjectStore;
import tarn.core.storage.ObjectStore;
import tarn.core.table.TableStore;
import tarn.iceberg.IcebergTables;
import tarn.testkit.EngineWorld;

/** The engine between local files and tables in an SQLite catalog. */
final class DuckDbWorld {
  static final long MEMORY = 600L << 20;

  private DuckDbWorld() {}

  static EngineWorld open(Path temp) {
    return open(temp, settings(temp, 1, 2));
  }

  static EngineWorld open(Path temp, EngineSettings settings) {
    ObjectStore objects =
        new LocalObjectStore(temp.resolve("zones"), new Buckets("shop", "dev"), false);
    Database database = SqliteDatabase.open(temp.resolve("catalog.db"));
    TableStore tables =
        new IcebergTables(
            database, objects, Clock.systemUTC(), "test", java.time.Duration.ofHours(1));
    return new EngineWorld(
        new DuckDbEngine(settings, objects, tables::deletedPositions), objects, tables);
  }

  /** So little memory that a sort of a hundred megabytes must spill. */
  static EngineSettings small(Path temp, long spillBytes) {
    return new EngineSettings(
        64L << 20, 1, 2, 2, spillBytes, temp.resolve("work"), temp.resolve("native"));
  }

  static EngineSettings settings(Path temp, int workers, int queue) {
    return new EngineSettings(
        MEMORY, workers, queue, 2, 64L << 20, temp.resolve("work"), temp.resolve("native"));
  }
}
