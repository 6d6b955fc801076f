package tarn.core.backup;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.storage.ObjectKey;
import tarn.core.storage.Zone;
import tarn.core.table.TableStore;

/**
 * Decides which objects a lake needs: the files that its ledger lists, in raw or archived, and all
 * that its tables' current metadata leads to. Everything else can be made again or belongs to
 * nothing.
 */
final class LakeObjects {
  private final List<LakeObject> raw;
  private final List<String> metadata;

  private LakeObjects(List<LakeObject> raw, List<String> metadata) {
    this.raw = raw;
    this.metadata = metadata;
  }

  /** The rows of one state of a lake's database. */
  @FunctionalInterface
  interface Catalog {
    /** Visits a table's rows by column. */
    void rows(String table, Consumer<Map<String, @Nullable Object>> row);
  }

  /** Reads what the catalog lists. */
  static LakeObjects of(Catalog catalog) {
    List<String> metadata = new ArrayList<>();
    catalog.rows("lake_table", row -> metadata.add(text(row, "metadata_location")));
    return new LakeObjects(raw(catalog), metadata);
  }

  /** Of every file that landed and has not expired, where its bytes are. */
  private static List<LakeObject> raw(Catalog catalog) {
    List<LakeObject> raw = new ArrayList<>();
    Set<ObjectKey> seen = new HashSet<>();
    catalog.rows(
        "ledger_file",
        row -> {
          @Nullable LakeObject object =
              switch (text(row, "state")) {
                case "stored" -> stored(row);
                case "archived" -> archived(row);
                default -> null; // expired: it is nowhere any more
              };
          if (object != null && seen.add(object.key())) {
            raw.add(object);
          }
        });
    return raw;
  }

  private static LakeObject stored(Map<String, @Nullable Object> row) {
    return new LakeObject(
        new ObjectKey(Zone.RAW, text(row, "path")),
        OptionalLong.of((Long) value(row, "bytes")),
        text(row, "sha256"));
  }

  /** The ledger's hash is that of the file: an object that is compressed has another. */
  private static LakeObject archived(Map<String, @Nullable Object> row) {
    boolean plain = text(row, "archive_encoding").equals("PLAIN");
    return new LakeObject(
        new ObjectKey(Zone.ARCHIVE, text(row, "archive_path")),
        OptionalLong.of((Long) value(row, "archive_bytes")),
        plain ? text(row, "sha256") : null);
  }

  /**
   * All objects, each once.
   *
   * @param tables finds what the tables' metadata leads to
   * @param unreadable hears of metadata that cannot be read; what it leads to is not in the list
   */
  List<LakeObject> all(TableStore tables, Consumer<TarnException> unreadable) {
    List<LakeObject> all = new ArrayList<>(raw);
    Set<ObjectKey> seen = new HashSet<>();
    for (String location : metadata) {
      try {
        tables.files(
            location,
            file -> {
              if (seen.add(file.key())) {
                all.add(new LakeObject(file.key(), file.bytes(), null));
              }
            });
      } catch (TarnException e) {
        unreadable.accept(e);
      }
    }
    return all;
  }

  private static String text(Map<String, @Nullable Object> row, String column) {
    return (String) value(row, column);
  }

  private static Object value(Map<String, @Nullable Object> row, String column) {
    Object value = row.get(column);
    if (value == null) {
      throw new TarnException(
          ErrorCode.CATALOG_CORRUPT, "a row of the catalog has no " + column + ": " + row);
    }
    return value;
  }
}
