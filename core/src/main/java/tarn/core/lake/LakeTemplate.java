package tarn.core.lake;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;

/** Makes the folder of a new lake: {@code datalake init}. */
public final class LakeTemplate {
  private static final String LAKE =
      """
      # The lake. Every setting and its default: docs/settings.md; check with `datalake validate`.
      name: %s

      # First part of the bucket names <prefix>-<zone>-<environment>.
      # prefix: %s

      # What was acknowledged survives a power loss (fsync), or a crash of the process only (none).
      # durability: fsync

      # engine:
      #   memory: 4GB
      #   query_timeout: 5m
      """;
  private static final String DEV =
      """
      # What differs in the environment dev. The same keys as in lake.yaml; they win.
      # durability: none
      """;
  private static final String TABLES =
      """
      # Clean tables

      One file per table, `<table>.yaml`:

      ```yaml
      # clean.orders, made from the dataset raw.orders
      from: orders
      description: One row per order.
      recipe:
        - UPPER_CASE: {sourceColumn: country}
      quality:
        - IsComplete "order_id"
      key: [order_id]
      partition: [month(ordered_at)]
      ```
      """;
  private static final String MODELS =
      """
      # Analytics tables

      One file per table, `<table>.sql`, with one SELECT:

      ```sql
      ---
      description: Revenue per month.
      ---
      SELECT date_trunc('month', ordered_at) AS month, sum(total) AS revenue
      FROM clean.orders
      GROUP BY 1
      ```
      """;
  private static final String STREAMS =
      """
      # Streams of events

      One file per stream, `<stream>.yaml`; every key may be left out:

      ```yaml
      # the fields of an event that have its id, time and type
      id: event_id
      time: occurred_at
      type: event_type
      ```
      """;
  private static final String SOURCES =
      """
      # Databases

      One file per database, `<source>.yaml`. Its tables are loaded once and then followed:

      ```yaml
      connection:
        host: localhost
        database: shop
        user: tarn
        # never the password itself
        password: env:SHOP_PASSWORD
      tables: [public.*]
      ```
      """;
  private static final String IGNORE = ".datalake/\n";

  private LakeTemplate() {}

  /**
   * Writes the files of a new lake. Existing files are kept as they are.
   *
   * @param dir is made if it is not there
   * @param name the lake's name
   * @return the files written, relative to the folder
   * @throws TarnException {@code ALREADY_EXISTS} if the folder has a lake.yaml (nothing is
   *     written), {@code BAD_REQUEST} for a name that no lake can have, or a folder that cannot be
   *     written (some files may be there then)
   */
  public static List<String> write(Path dir, String name) {
    if (!name.matches(Types.BUCKET_PART)) {
      throw new TarnException(
          ErrorCode.BAD_REQUEST,
          "'" + name + "' is not a lake's name: a-z, 0-9 and '-', at most 40 characters");
    }
    if (Files.exists(dir.resolve(LakeFolder.LAKE_FILE))) {
      throw new TarnException(
          ErrorCode.ALREADY_EXISTS,
          "there is already a lake in " + dir + ": choose another folder, or edit its lake.yaml");
    }
    Map<String, String> files =
        new TreeMap<>(
            Map.of(
                LakeFolder.LAKE_FILE,
                LAKE.formatted(name, name),
                "environments/dev.yaml",
                DEV,
                "tables/README.md",
                TABLES,
                "models/README.md",
                MODELS,
                "streams/README.md",
                STREAMS,
                "sources/README.md",
                SOURCES,
                ".gitignore",
                IGNORE));
    return files.entrySet().stream()
        .filter(file -> create(dir.resolve(file.getKey()), file.getValue()))
        .map(Map.Entry::getKey)
        .toList();
  }

  private static boolean create(Path file, String text) {
    try {
      Path folder = file.getParent();
      if (folder != null) {
        Files.createDirectories(folder);
      }
      Files.writeString(file, text, StandardOpenOption.CREATE_NEW);
      return true;
    } catch (FileAlreadyExistsException e) {
      if (Files.isRegularFile(file)) {
        return false;
      }
      throw cannot(file, e);
    } catch (IOException e) {
      throw cannot(file, e);
    }
  }

  private static TarnException cannot(Path file, IOException e) {
    return new TarnException(ErrorCode.BAD_REQUEST, file + " cannot be written: " + e, e);
  }
}
