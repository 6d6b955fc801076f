package tarn.core.catalog;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import tarn.core.engine.RawInput;
import tarn.core.ledger.Batch;
import tarn.core.ledger.Ledger;
import tarn.core.ledger.RawFile;

/** The files of a dataset, as the ledger lists them. */
public final class DatasetFiles {
  private static final int PAGE = 1_000;

  private final Ledger ledger;
  private final RawInputs inputs;

  public DatasetFiles(Ledger ledger, RawInputs inputs) {
    this.ledger = ledger;
    this.inputs = inputs;
  }

  /** Every readable file, in the ledger's order. */
  public List<RawInput> inputs(Dataset dataset) {
    List<RawInput> found = new ArrayList<>();
    long after = 0;
    while (true) {
      List<Batch> page = ledger.batches(Set.of(dataset.source()), after, PAGE);
      for (Batch batch : page) {
        after = batch.seq();
        for (RawFile file : ledger.files(batch.seq())) {
          DatasetLayout.Spot spot = inputs.spot(batch.source(), file);
          if (spot.dataset().equals(dataset.name())
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
