package tarn.core.source;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tarn.core.change.Change;
import tarn.core.change.ChangeSink;
import tarn.core.change.Lsn;
import tarn.core.change.SourceTable;
import tarn.core.change.Transaction;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;

/**
 * Whole transactions that will be one batch of the ledger, in local files. What a large one takes
 * is disk, not memory.
 */
final class Gathered implements ChangeSink, Closeable {
  private final Path folder;
  private final Map<String, Loaded> tables;
  private final Map<SourceTable, ChangeText> texts = new LinkedHashMap<>();
  private @Nullable Transaction open;

  /** The table of the last change, what is known of it, and where its changes go. */
  private @Nullable SourceTable table;

  private @Nullable Loaded loaded;
  private @Nullable Loaded renamed;
  private @Nullable ChangeText last;
  private long ordinal;
  private long began;
  private Lsn end = Lsn.ZERO;

  /**
   * @param folder an empty one
   * @param tables the loads of those that are copied, by full name; changes of others are passed
   *     over, and those that a load has seen
   */
  Gathered(Path folder, Map<String, Loaded> tables) {
    this.folder = folder;
    this.tables = tables;
  }

  @Override
  public void begin(Transaction transaction) {
    open = transaction;
    ordinal = 0;
  }

  @Override
  public void change(Change change) {
    Transaction transaction = open;
    if (transaction == null) {
      throw new IllegalStateException(
          "a change of " + change.table().fullName() + " outside of a transaction");
    }
    if (change.table() != table) {
      table = change.table();
      loaded = tables.get(table.fullName());
      last = null;
      renamed = ofAnotherName(table, loaded);
    }
    Loaded other = renamed;
    if (other != null && !other.sees(transaction)) {
      throw new TableChanged(other.table());
    }
    Loaded load = loaded;
    if (load == null || load.sees(transaction)) {
      return;
    }
    if (isWithoutValues(change)) {
      throw new TableChanged(change.table().fullName());
    }
    if (texts.isEmpty()) {
      began = System.nanoTime();
    }
    try {
      text(load, change.table()).write(transaction, ordinal++, change);
    } catch (IOException e) {
      throw unwritten(e);
    }
  }

  /** The load of the same table under another name, which it had or will have. */
  private @Nullable Loaded ofAnotherName(SourceTable now, @Nullable Loaded loaded) {
    if (now.id() == 0 || loaded != null && loaded.id() == now.id()) {
      return null;
    }
    return tables.values().stream()
        .filter(load -> load.id() == now.id() && load != loaded)
        .findFirst()
        .orElse(null);
  }

  /**
   * Whether a row came into the part of its table that is copied, and the source does not say its
   * large values, as they did not change: the copy has never had them.
   */
  private static boolean isWithoutValues(Change change) {
    if (change.op() == Change.Op.INSERT && !change.table().part().isEmpty()) {
      byte @Nullable [] @Nullable [] values = change.after();
      for (int i = 0; values != null && i < values.length; i++) {
        if (values[i] == Change.UNCHANGED) {
          return true;
        }
      }
    }
    return false;
  }

  /**
   * A change cannot be applied to the load of its table: that has not its name, key, columns or
   * rows any more, or values are missing.
   */
  static final class TableChanged extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final String table;

    /**
     * @param table the full name that it was loaded by
     */
    TableChanged(String table) {
      super(table + " is not what it was when it was loaded");
      this.table = table;
    }

    String table() {
      return table;
    }
  }

  private ChangeText text(Loaded load, SourceTable table) throws IOException {
    ChangeText text = last;
    if (text != null) {
      return text;
    }
    text = texts.get(table);
    if (text == null) {
      if (!load.fits(table)) {
        throw new TableChanged(table.fullName());
      }
      text = new ChangeText(table, folder.resolve("changes-" + texts.size() + ".csv"));
      texts.put(table, text);
    }
    last = text;
    return text;
  }

  @Override
  public void commit(Lsn to) {
    open = null;
    end = to;
  }

  /** Whether the last transaction that began has ended. */
  boolean isWhole() {
    return open == null;
  }

  /** Whether there is no change. */
  boolean isEmpty() {
    return texts.isEmpty();
  }

  /** Where the last whole transaction ends; zero if there was none. */
  Lsn end() {
    return end;
  }

  long bytes() {
    return texts.values().stream().mapToLong(ChangeText::bytes).sum();
  }

  /** For how long it has had changes. */
  long ageNanos() {
    return isEmpty() ? 0 : System.nanoTime() - began;
  }

  /** The files, whole on disk. */
  List<ChangeText> texts() {
    try {
      close();
    } catch (IOException e) {
      throw unwritten(e);
    }
    return new ArrayList<>(texts.values());
  }

  private static TarnException unwritten(IOException e) {
    return new TarnException(
        ErrorCode.STORAGE_UNAVAILABLE, "changes cannot be staged: " + e.getMessage(), e);
  }

  @Override
  public void close() throws IOException {
    for (ChangeText text : texts.values()) {
      text.close();
    }
  }
}
