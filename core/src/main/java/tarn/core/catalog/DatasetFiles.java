package tarn.core.catalog;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import tarn.core.engine.RawInput;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.ledger.Batch;
import tarn.core.ledger.Ledger;
import tarn.core.ledger.RawFile;

/** The files of a dataset that are in raw, as the ledger lists them. */
public final class DatasetFiles {
  private static final int PAGE = 1_000;
  private static final int ATTEMPTS = 5;

  private final Ledger ledger;
  private final RawInputs inputs;

  public DatasetFiles(Ledger ledger, RawInputs inputs) {
    this.ledger = ledger;
    this.inputs = inputs;
  }

  /**
   * Files of a dataset whose bytes are not in raw.
   *
   * @param archived that can be brought back
   * @param expired that are gone for good
   */
  public record Away(long archived, long expired) {
    public boolean isEmpty() {
      return archived == 0 && expired == 0;
    }
  }

  /**
   * How many files of a dataset, of batches after a sequence number, are not in raw any more; those
   * that the dataset passes over are not counted. 0 asks for all.
   */
  public Away away(Dataset dataset, long afterSeq) {
    long archived = 0;
    long expired = 0;
    long after = afterSeq;
    while (true) {
      List<Batch> page = ledger.batches(Set.of(dataset.source()), after, PAGE);
      for (Batch batch : page) {
        after = batch.seq();
        for (RawFile file : ledger.files(batch.seq())) {
          if (!file.isStored() && inputs.isOf(dataset.name(), batch.source(), file)) {
            archived += file.state() == RawFile.State.ARCHIVED ? 1 : 0;
            expired += file.state() == RawFile.State.EXPIRED ? 1 : 0;
          }
        }
      }
      if (page.size() < PAGE) {
        return new Away(archived, expired);
      }
    }
  }

  /** Every readable file that is in raw, in the ledger's order. */
  public List<RawInput> inputs(Dataset dataset) {
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      Optional<Long> before = ledger.oldestSegment(dataset.source());
      List<RawInput> listed = list(dataset);
      if (ledger.oldestSegment(dataset.source()).equals(before)) {
        return listed;
      }
    }
    throw new TarnException(
        ErrorCode.CONFLICT,
        "files of " + dataset.name() + " are compacted while they are listed; try again");
  }

  private List<RawInput> list(Dataset dataset) {
    List<RawInput> found = new ArrayList<>();
    long after = 0;
    while (true) {
      List<Batch> page = ledger.batches(Set.of(dataset.source()), after, PAGE);
      for (Batch batch : page) {
        after = batch.seq();
        for (RawFile file : ledger.files(batch.seq())) {
          DatasetLayout.Spot spot = inputs.spot(batch.source(), file);
          if (file.isStored()
              && spot.dataset().equals(dataset.name())
              && inputs.find(batch.seq(), file, spot)
                  instanceof RawInputs.Found.Readable readable) {
            found.add(readable.input());
          }
        }
      }
      if (page.size() < PAGE) {
        return found;
      }
    }
  }
}
