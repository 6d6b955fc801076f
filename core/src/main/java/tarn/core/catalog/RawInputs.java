package tarn.core.catalog;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import tarn.core.engine.RawInput;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.ledger.RawFile;
import tarn.core.storage.ObjectStore;

/**
 * Finds out how to read raw files, from their first bytes. Answers are remembered for a while: raw
 * files never change.
 */
public final class RawInputs {
  private static final int REMEMBERED = 20_000;

  private final ObjectStore objects;
  private final Map<String, FileSniffer.Sniffed> known =
      Collections.synchronizedMap(
          new LinkedHashMap<>(64, 0.75f, true) {
            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(Map.Entry<String, FileSniffer.Sniffed> eldest) {
              return size() > REMEMBERED;
            }
          });

  public RawInputs(ObjectStore objects) {
    this.objects = objects;
  }

  /** What a raw file turned out to be. */
  public sealed interface Found {
    /** It has records. */
    record Readable(RawInput input) implements Found {}

    /** It has none: it is empty. */
    record Empty() implements Found {}

    /** It cannot be read; the reason is for its quarantine. */
    record Unreadable(String reason) implements Found {}
  }

  /** Looks at a file; {@code FILE_DAMAGED} if the ledger lists it and it is not there. */
  public Found find(long ledgerSeq, RawFile file) {
    FileSniffer.Sniffed sniffed = known.get(file.key().path());
    if (sniffed == null) {
      sniffed = FileSniffer.sniff(head(file));
      known.put(file.key().path(), sniffed);
    }
    if (!sniffed.problem().isEmpty()) {
      return new Found.Unreadable(sniffed.problem());
    } else if (sniffed.format() == null) {
      return new Found.Empty();
    }
    return new Found.Readable(
        new RawInput(
            ledgerSeq,
            file,
            sniffed.format(),
            sniffed.compression(),
            DatasetName.partitionValues(file.folder())));
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
