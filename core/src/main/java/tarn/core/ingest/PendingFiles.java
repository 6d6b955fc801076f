package tarn.core.ingest;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import tarn.core.catalog.Dataset;
import tarn.core.catalog.DatasetFiles;
import tarn.core.catalog.DatasetLayout;
import tarn.core.catalog.RawInputs;
import tarn.core.engine.LoadJob;
import tarn.core.engine.RawInput;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.ledger.Batch;
import tarn.core.ledger.Ledger;
import tarn.core.ledger.RawFile;

/**
 * The files of a dataset that a table is to read next.
 *
 * @param inputs in the ledger's order
 * @param unreadable those without a record that can be read
 * @param upTo the table's sequence number afterwards
 */
record PendingFiles(List<RawInput> inputs, List<LoadJob.Unreadable> unreadable, long upTo) {
  private static final int PAGE = 500;
  private static final int ATTEMPTS = 5;

  /** How much one commit takes at most; it takes at least one batch. */
  record Portion(long bytes, long files) {
    /** So much that memory and the cost of a failure are bounded. */
    static final Portion OF_A_LOAD = new Portion(8L << 30, 2_000);

    static final Portion ALL = new Portion(Long.MAX_VALUE, Long.MAX_VALUE);
  }

  boolean isEmpty() {
    return inputs.isEmpty() && unreadable.isEmpty();
  }

  /** Those beyond a sequence number that the crawler has seen. */
  static PendingFiles after(
      long consumed, Dataset dataset, Ledger ledger, RawInputs raw, Portion portion) {
    return between(consumed, Long.MAX_VALUE, dataset, ledger, raw, portion);
  }

  /** Those beyond one sequence number and not beyond another that the crawler has seen. */
  static PendingFiles between(
      long consumed, long last, Dataset dataset, Ledger ledger, RawInputs raw, Portion portion) {
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      Optional<Long> before = ledger.oldestSegment(dataset.source());
      PendingFiles listed = list(consumed, last, dataset, ledger, raw, portion);
      if (ledger.oldestSegment(dataset.source()).equals(before)) {
        return listed;
      }
    }
    throw new TarnException(
        ErrorCode.CONFLICT,
        "files of " + dataset.name() + " are compacted while they are listed; try again");
  }

  /** Only those that a stream delivered. */
  PendingFiles ofEvents() {
    return new PendingFiles(
        inputs.stream().filter(i -> i.file().role() == RawFile.Role.EVENTS).toList(),
        unreadable.stream().filter(u -> u.file().role() == RawFile.Role.EVENTS).toList(),
        upTo);
  }

  private static PendingFiles list(
      long consumed, long last, Dataset dataset, Ledger ledger, RawInputs raw, Portion portion) {
    List<RawInput> readable = new ArrayList<>();
    List<LoadJob.Unreadable> unreadable = new ArrayList<>();
    long bytes = 0;
    long upTo = consumed;
    while (bytes < portion.bytes && readable.size() < portion.files) {
      List<Batch> page = ledger.batches(Set.of(dataset.source()), upTo, PAGE);
      for (Batch batch : page) {
        if (batch.seq() > last) {
          return new PendingFiles(readable, unreadable, upTo);
        } else if (batch.seq() > dataset.crawledSeq()) {
          return new PendingFiles(readable, unreadable, upTo); // it may have unknown columns
        }
        for (RawFile file : ledger.files(batch.seq())) {
          DatasetLayout.Spot spot = raw.spot(batch.source(), file);
          if (spot.dataset().equals(dataset.name())) {
            if (file.isCompacted() && file.firstSeq() <= consumed) {
              throw partlyTaken(dataset, file, batch, consumed);
            }
            if (!file.isStored() && !spot.excluded()) {
              throw away(ledger, raw, dataset, consumed);
            }
            RawInputs.Found found = raw.find(batch.seq(), file, spot);
            if (found instanceof RawInputs.Found.Readable input) {
              readable.add(input.input());
              bytes += file.bytes();
            } else if (found instanceof RawInputs.Found.Unreadable bad) {
              unreadable.add(new LoadJob.Unreadable(batch.seq(), file, bad.reason()));
            }
          }
        }
        upTo = batch.seq();
        if (bytes >= portion.bytes || readable.size() >= portion.files) {
          break;
        }
      }
      if (page.size() < PAGE) {
        break;
      }
    }
    return new PendingFiles(readable, unreadable, upTo);
  }

  /** After an undo: the rows of some of a file's batches are there, those of others are not. */
  private static TarnException partlyTaken(
      Dataset dataset, RawFile file, Batch batch, long consumed) {
    return new TarnException(
        ErrorCode.CONFLICT,
        "the load is to begin after batch "
            + consumed
            + " of "
            + dataset.name()
            + ", but the events of batches "
            + file.firstSeq()
            + " to "
            + batch.seq()
            + " lie together since: make the table anew with `datalake backfill`");
  }

  /** A load that left files out without a word would lose their rows. */
  private static TarnException away(Ledger ledger, RawInputs raw, Dataset dataset, long after) {
    DatasetFiles.Away away = new DatasetFiles(ledger, raw).away(dataset, after);
    String archived =
        away.archived() == 0
            ? ""
            : away.archived()
                + " are archived (bring them back with `datalake unarchive "
                + dataset.name()
                + "`)";
    String expired = away.expired() == 0 ? "" : away.expired() + " have expired and are gone";
    return new TarnException(
        ErrorCode.FILE_ARCHIVED,
        "the load needs files of "
            + dataset.name()
            + " that are not in raw any more: "
            + String.join(
                " and ", Stream.of(archived, expired).filter(s -> !s.isEmpty()).toList()));
  }
}
