package tarn.core.source;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
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
  private final Set<String> tables;
  private final Map<SourceTable, ChangeText> texts = new LinkedHashMap<>();
  private @Nullable Transaction open;
  private long ordinal;
  private long began;
  private Lsn end = Lsn.ZERO;

  /**
   * @param folder an empty one
   * @param tables full names of those that are copied; changes of others are passed over
   */
  Gathered(Path folder, Set<String> tables) {
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
    } else if (!tables.contains(change.table().fullName())) {
      return;
    }
    if (texts.isEmpty()) {
      began = System.nanoTime();
    }
    try {
      text(change.table()).write(transaction, ordinal++, change);
    } catch (IOException e) {
      throw unwritten(e);
    }
  }

  private ChangeText text(SourceTable table) throws IOException {
    ChangeText text = texts.get(table);
    if (text == null) {
      text = new ChangeText(table, folder.resolve("changes-" + texts.size() + ".csv"));
      texts.put(table, text);
    }
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
