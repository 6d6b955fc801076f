package tarn.server;

import java.nio.file.Path;
import tarn.aws.S3ObjectStore;
import tarn.aws.S3Settings;
import tarn.core.database.Database;
import tarn.core.database.PostgresDatabase;
import tarn.core.database.SqliteDatabase;
import tarn.core.storage.Buckets;
import tarn.core.storage.LocalObjectStore;
import tarn.core.storage.ObjectStore;
import tarn.testkit.PostgresFixture;
import tarn.testkit.S3Fixture;

/** What a world's lake stands on, opened anew by each of its lives. */
interface WorldShape {
  ObjectStore objects();

  Database database();

  /** A catalog file and local folders. */
  static WorldShape onThisMachine(Path home) {
    return new WorldShape() {
      @Override
      public ObjectStore objects() {
        return new LocalObjectStore(home.resolve("zones"), new Buckets("world", "dev"), false);
      }

      @Override
      public Database database() {
        return SqliteDatabase.open(home.resolve("catalog.db"));
      }
    };
  }

  /** PostgreSQL and an S3 API. */
  static WorldShape onServers(Path home, S3Fixture storage) {
    Buckets buckets = S3Fixture.freshBuckets();
    String schema = PostgresFixture.freshSchema();
    return new WorldShape() {
      @Override
      public ObjectStore objects() {
        return new S3ObjectStore(
            new S3Settings(
                storage.endpoint(),
                S3Fixture.REGION,
                new S3Settings.Key(S3Fixture.ACCESS_KEY_ID, S3Fixture.SECRET_ACCESS_KEY),
                home.resolve("cache").resolve("objects"),
                64L << 20),
            buckets);
      }

      @Override
      public Database database() {
        return PostgresDatabase.open(
            PostgresFixture.url(), PostgresFixture.user(), PostgresFixture.password(), schema);
      }
    };
  }
}
