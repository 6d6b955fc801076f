package tarn.core.catalog;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import tarn.core.engine.RawInput;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.lake.DatasetDefinition;
import tarn.core.ledger.RawFile;
import tarn.core.ledger.SourceName;
import tarn.core.storage.ObjectStore;
import tarn.core.table.TableName;

/**
 * Finds out how to read raw files, from their first bytes. Answers are remembered for a while: raw
 * files never change.
 */
public final class RawInputs {
  private static final int REMEMBERED = 20_000;

  private final ObjectStore objects;
  private final Supplier<DatasetLayout> layout;
  private final Map<Known, FileSniffer.Sniffed> known =
      Collections.synchronizedMap(
          new LinkedHashMap<>(64, 0.75f, true) {
            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(Map.Entry<Known, FileSniffer.Sniffed> eldest) {
              return size() > REMEMBERED;
            }
          });

  /** Of a lake that says nothing of its datasets. */
  public RawInputs(ObjectStore objects) {
    this(objects, () -> new DatasetLayout(List.of()));
  }

  /**
   * @param layout asked anew for every file
   */
  public RawInputs(ObjectStore objects, Supplier<DatasetLayout> layout) {
    this.objects = objects;
    this.layout = layout;
  }

  /** A file, read as what is said of it says. */
  private record Known(String path, String said) {}

  /** What belongs where now. */
  DatasetLayout layout() {
    return layout.get();
  }

  /** What a raw file turned out to be. */
  public sealed interface Found {
    /** It has records. */
    record Readable(RawInput input) implements Found {}

    /** It has none: it is empty. */
    record Empty() implements Found {}

    /** Its dataset passes it over. */
    record Excluded() implements Found {}

    /** It cannot be read; the reason is for its quarantine. */
    record Unreadable(String reason) implements Found {}
  }

  /** Which dataset a source's file belongs to. */
  public DatasetLayout.Spot spot(SourceName source, RawFile file) {
    return layout.get().of(source, file);
  }

  /** Whether a dataset has this file, and does not pass it over. */
  public boolean isOf(TableName dataset, SourceName source, RawFile file) {
    DatasetLayout.Spot spot = spot(source, file);
    return spot.dataset().equals(dataset) && !spot.excluded();
  }

  /**
   * Looks at a file of a dataset of which nothing is said; {@code FILE_DAMAGED} if the ledger lists
   * it and it is not there.
   */
  public Found find(long ledgerSeq, RawFile file) {
    return find(ledgerSeq, file, DatasetName.partitionValues(file.folder()), Optional.empty());
  }

  /** Looks at a file where it belongs. */
  public Found find(long ledgerSeq, RawFile file, DatasetLayout.Spot spot) {
    if (spot.excluded()) {
      return new Found.Excluded();
    } else if (!spot.problem().isEmpty()) {
      return new Found.Unreadable(spot.problem());
    }
    return find(ledgerSeq, file, spot.partitionValues(), spot.definition());
  }

  private Found find(
      long ledgerSeq,
      RawFile file,
      Map<String, String> partitionValues,
      Optional<DatasetDefinition> said) {
    Known key = new Known(file.key().path(), said.map(DatasetDefinition::fingerprint).orElse(""));
    FileSniffer.Sniffed sniffed = known.get(key);
    if (sniffed == null) {
      sniffed = FileSniffer.sniff(head(file), said);
      known.put(key, sniffed);
    }
    if (!sniffed.problem().isEmpty()) {
      return new Found.Unreadable(sniffed.problem());
    } else if (sniffed.format() == null) {
      return new Found.Empty();
    }
    boolean events = file.role() == RawFile.Role.EVENTS;
    return new Found.Readable(
        new RawInput(
            ledgerSeq,
            file,
            sniffed.format(),
            sniffed.compression(),
            events ? Map.of(RawInput.BATCH, Long.toString(ledgerSeq)) : partitionValues));
  }

  private byte[] head(RawFile file) {
    try {
      return objects.read(file.key(), 0, (int) Math.min(file.bytes(), FileSniffer.HEAD_BYTES));
    } catch (TarnException e) {
      if (e.code() == ErrorCode.NOT_FOUND) {
        throw new TarnException(
            ErrorCode.FILE_DAMAGED,
            "the ledger lists " + file.key() + ", which is gone; restore it from a backup",
            e);
      }
      throw e;
    }
  }
}
