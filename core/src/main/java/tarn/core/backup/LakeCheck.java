package tarn.core.backup;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tarn.core.database.CatalogRows;
import tarn.core.database.Database;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.observe.Progress;
import tarn.core.storage.Hashes;
import tarn.core.storage.HeldObjectStore;
import tarn.core.storage.ObjectInfo;
import tarn.core.table.TableName;
import tarn.core.table.TableStore;

/** Checks that a lake has all that its ledger and its tables list, while it is used. */
public final class LakeCheck {
  private final Database database;
  private final HeldObjectStore objects;
  private final TableStore tables;
  private final ContentHash hash;

  public LakeCheck(
      Database database, HeldObjectStore objects, TableStore tables, ContentHash hash) {
    this.database = database;
    this.objects = objects;
    this.tables = tables;
    this.hash = hash;
  }

  /**
   * What was found.
   *
   * @param contents of the tables that could be read, by name
   * @param objects how many were looked at
   * @param bytes of those that are there
   * @param problems what is missing or broken, one line each
   */
  public record Report(
      List<ContentHash.Content> contents, long objects, long bytes, List<String> problems) {}

  /**
   * Looks whether each object is there with its size, and reads every table.
   *
   * @param deep whether to read every object to its end and compare its hash where the ledger has
   *     one
   */
  public Report check(boolean deep, Progress progress) {
    Damages damages = new Damages();
    AtomicLong bytes = new AtomicLong();
    try (HeldObjectStore.Hold hold = objects.hold()) {
      List<LakeObject> needed = needed(damages);
      AtomicLong done = new AtomicLong();
      InParallel.each(
          needed,
          object -> {
            progress.report("verify", "objects", done.get(), needed.size(), "files");
            bytes.addAndGet(check(object, deep, damages));
            done.incrementAndGet();
          });
      return new Report(contents(damages, progress), needed.size(), bytes.get(), damages.all());
    }
  }

  private List<LakeObject> needed(Damages damages) {
    LakeObjects listed =
        database.read(
            handle -> {
              CatalogRows catalog = new CatalogRows(database, handle);
              return LakeObjects.of((table, row) -> rows(catalog, table, row));
            });
    return listed.all(tables, e -> damages.add(e.line()));
  }

  private static void rows(
      CatalogRows catalog, String table, Consumer<Map<String, @Nullable Object>> row) {
    for (CatalogRows.Table each : catalog.tables()) {
      if (each.name().equals(table)) {
        catalog.read(each, values -> row.accept(CatalogFiles.named(each.names(), values)));
      }
    }
  }

  private long check(LakeObject object, boolean deep, Damages damages) {
    Optional<ObjectInfo> info = objects.stat(object.key());
    if (info.isEmpty()) {
      damages.add(object.key() + " is missing");
      return 0;
    }
    long bytes = info.get().bytes();
    if (bytes != object.bytes().orElse(bytes)) {
      damages.add(
          object.key() + " has " + bytes + " bytes instead of " + object.bytes().orElse(bytes));
    } else if (deep) {
      read(object, damages);
    }
    return bytes;
  }

  private void read(LakeObject object, Damages damages) {
    try (InputStream in = objects.read(object.key())) {
      Hashes.Summed summed = Hashes.of(in);
      if (!object.fits(summed.bytes(), summed.sha256())) {
        damages.add(object.key() + " is not what the ledger lists: its SHA-256 differs");
      }
    } catch (IOException e) {
      damages.add(object.key() + " cannot be read: " + e.getMessage());
    } catch (TarnException e) {
      if (e.code() != ErrorCode.NOT_FOUND) {
        throw e;
      }
      damages.add(object.key() + " is missing");
    }
  }

  private List<ContentHash.Content> contents(Damages damages, Progress progress) {
    List<ContentHash.Content> contents = new ArrayList<>();
    List<TableName> names = tables.list();
    for (TableName name : names) {
      progress.report("verify", name.toString(), contents.size(), names.size(), "tables");
      try {
        contents.add(hash.of(name));
      } catch (TarnException e) {
        if (e.code() == ErrorCode.CANCELLED) {
          throw e;
        }
        damages.add("table " + name + " cannot be read: " + e.line());
      }
    }
    return contents;
  }
}
