package tarn.core.stream;

import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.ledger.Batch;
import tarn.core.ledger.Ledger;
import tarn.core.ledger.RawFile;
import tarn.core.ledger.SourceName;
import tarn.core.storage.ObjectStore;

/** The events of streams that could not be taken, as raw keeps them. */
public final class DeadLetters {
  private static final int PAGE = 1_000;

  private final Ledger ledger;
  private final ObjectStore objects;

  public DeadLetters(Ledger ledger, ObjectStore objects) {
    this.ledger = ledger;
    this.objects = objects;
  }

  /** A stream's newest, the newest first. */
  public List<DeadLetter> newest(SourceName stream, int limit) {
    List<Batch> batches = batches(stream, Instant.MIN, Instant.MAX);
    List<DeadLetter> found = new ArrayList<>();
    for (int b = batches.size() - 1; b >= 0 && found.size() < limit; b--) {
      for (RawFile file : ledger.files(batches.get(b).seq(), RawFile.Role.DEAD)) {
        List<DeadLetter> letters = read(file);
        for (int i = letters.size() - 1; i >= 0 && found.size() < limit; i--) {
          found.add(letters.get(i));
        }
      }
    }
    return found;
  }

  /** Batches that may have letters, landed in a span of time, in order. */
  List<Batch> batches(SourceName stream, Instant from, Instant to) {
    List<Batch> found = new ArrayList<>();
    long after = 0;
    while (true) {
      List<Batch> page = ledger.batches(Set.of(stream), after, PAGE);
      for (Batch batch : page) {
        after = batch.seq();
        boolean counted =
            batch
                .events()
                .filter(e -> e.rejected() != 0 || e.conflict() != 0 || e.received() == 0)
                .isPresent();
        if (counted && !batch.landedAt().isBefore(from) && batch.landedAt().isBefore(to)) {
          found.add(batch);
        }
      }
      if (page.size() < PAGE) {
        return found;
      }
    }
  }

  List<DeadLetter> read(RawFile file) {
    try (InputStream in = objects.read(file.key())) {
      return DeadLetter.read(in);
    } catch (IOException e) {
      throw new TarnException(
          ErrorCode.FILE_DAMAGED, file.key() + " cannot be read: " + e.getMessage(), e);
    }
  }
}
