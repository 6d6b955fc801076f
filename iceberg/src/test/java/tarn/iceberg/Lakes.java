package tarn.iceberg;

import java.nio.file.Path;
import tarn.core.storage.Buckets;
import tarn.core.storage.LocalObjectStore;
import tarn.core.storage.ObjectStore;
import tarn.testkit.DatabasePlace;
import tarn.testkit.PostgresFixture;
import tarn.testkit.TableLake;

/** The lakes that the contracts run on. */
final class Lakes {
  private Lakes() {}

  static TableLake sqlite(Path temp) {
    return lake(DatabasePlace.sqlite(temp), temp);
  }

  static TableLake postgres(Path temp) {
    return lake(PostgresFixture.freshPlace(), temp);
  }

  private static TableLake lake(DatabasePlace place, Path temp) {
    ObjectStore objects =
        new LocalObjectStore(temp.resolve("zones"), new Buckets("lake", "test"), false);
    return new TableLake(place, objects, (d, o, c, w) -> new IcebergTables(d, o, c, "tester", w));
  }
}
