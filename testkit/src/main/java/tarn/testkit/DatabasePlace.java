package tarn.testkit;

import java.nio.file.Path;
import tarn.core.database.Database;
import tarn.core.database.SqliteDatabase;

/** Where one lake's database is: opening it twice gives what two servers would have. */
@FunctionalInterface
public interface DatabasePlace {

  /** Opens the database; the caller closes it. */
  Database open();

  /** A catalog file in a folder. */
  static DatabasePlace sqlite(Path folder) {
    return () -> SqliteDatabase.open(folder.resolve("catalog.db"));
  }
}
