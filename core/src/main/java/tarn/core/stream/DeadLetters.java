package tarn.core.stream;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
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
    List<DeadLetter> found = new ArrayList<>();
    for (Batch batch : batches(stream, limit)) {
      for (RawFile file : ledger.files(batch.seq(), RawFile.Role.DEAD)) {
        List<DeadLetter> letters = read(file);
        for (int i = letters.size() - 1; i >= 0 && found.size() < limit; i--) {
          found.add(letters.get(i));
        }
      }
    }
    return found;
  }

  /** The last batches that have letters, so many as can be needed, the newest first. */
  private Deque<Batch> batches(SourceName stream, int most) {
    Deque<Batch> last = new ArrayDeque<>();
    long after = 0;
    while (true) {
      List<Batch> page = ledger.batches(Set.of(stream), after, PAGE);
      for (Batch batch : page) {
        after = batch.seq();
        if (batch.events().filter(e -> e.rejected() + e.conflict() > 0).isPresent()) {
          last.addFirst(batch);
          if (last.size() > most) {
            last.removeLast();
          }
        }
      }
      if (page.size() < PAGE) {
        return last;
      }
    }
  }

  private List<DeadLetter> read(RawFile file) {
    try (InputStream in = objects.read(file.key())) {
      return DeadLetter.read(in);
    } catch (IOException e) {
      throw new TarnException(
          ErrorCode.FILE_DAMAGED, file.key() + " cannot be read: " + e.getMessage(), e);
    }
  }
}
