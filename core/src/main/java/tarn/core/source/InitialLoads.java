package tarn.core.source;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tarn.core.change.LoadView;
import tarn.core.change.SourceTable;
import tarn.core.engine.Crashes;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.ledger.EventCounts;
import tarn.core.ledger.LandOutcome;
import tarn.core.ledger.Landing;
import tarn.core.ledger.Ledger;
import tarn.core.ledger.Offset;
import tarn.core.ledger.RawFile;
import tarn.core.ledger.SourceName;
import tarn.core.storage.ObjectStore;
import tarn.core.storage.Staging;
import tarn.core.storage.Zone;

/**
 * Lands tables' rows. A table that is not large is one batch of the ledger, its rows of one moment:
 * it has been loaded, or not at all. A large one lands in ranges of its key, each a batch of its
 * own and of its own moment; what came between the first moment and a range's is in the changes,
 * which are landed from the first moment on.
 */
final class InitialLoads {
  private static final Logger LOG = LoggerFactory.getLogger(InitialLoads.class);

  /** Of the ledger's batches with loads. */
  static final String KIND = "load";

  private static final long PART_BYTES = 128L << 20;
  private static final long LIKELY_ROW_BYTES = 200;
  private static final int AT_ONCE = 2;
  private static final int BUFFER = 1 << 20;

  private final SourceName source;
  private final Ledger ledger;
  private final ObjectStore objects;
  private final RawTables raw;
  private final Clock clock;
  private final long split;
  private final BooleanSupplier stopped;
  private final Rate rate = new Rate();
  private final AtomicLong landedRows = new AtomicLong();

  /**
   * @param split so many bytes of a table in the source are one batch
   * @param stopped whether to end after the parts that are being copied
   */
  InitialLoads(
      SourceName source,
      Ledger ledger,
      ObjectStore objects,
      RawTables raw,
      Clock clock,
      long split,
      BooleanSupplier stopped) {
    this.source = source;
    this.ledger = ledger;
    this.objects = objects;
    this.raw = raw;
    this.clock = clock;
    this.split = split;
    this.stopped = stopped;
  }

  /** What is being loaded, for people; empty if nothing is. */
  String now() {
    return rate.text();
  }

  /** How many rows have landed. */
  long landedRows() {
    return landedRows.get();
  }

  /** A table's load, or what there is of it; empty if it has none that holds. */
  Optional<Loaded> find(SourceTable wanted) {
    String text = ledger.offset(source, Loaded.partition(wanted.fullName())).value();
    return text.isEmpty() ? Optional.empty() : Optional.of(Loaded.parse(wanted.fullName(), text));
  }

  /** Lets a table's load hold no longer: it will be loaded anew. Its copy stays until then. */
  void forget(String table) {
    forget(ledger, source, table, clock.instant());
  }

  /**
   * Lets a table's load hold no longer, whoever loads it now.
   *
   * @return whether it had one
   */
  static boolean forget(Ledger ledger, SourceName source, String table, Instant now) {
    String partition = Loaded.partition(table);
    Offset own = ledger.takeOver(source, partition);
    if (own.value().isEmpty()) {
      return false;
    }
    LOG.info("{} of {} is to be loaded anew", table, source);
    checked(
        source,
        table,
        ledger.land(
            new Landing(
                source, KIND, partition, own, "", List.of(), now, Optional.of(EventCounts.NONE))));
    return true;
  }

  /** Whether a table is to land in ranges. */
  boolean isLarge(LoadView view, SourceTable wanted) {
    return view.estimatedBytes(wanted) > split && view.hasRanges(wanted);
  }

  /**
   * Lands a table as one batch.
   *
   * @param after the ledger's last batch when what keeps changes was made, or later ones that have
   *     none of these tables' changes
   */
  Loaded whole(LoadView view, SourceTable wanted, long after) {
    rate.begin(wanted.fullName(), view.estimatedRows(wanted));
    try {
      Offset own = ledger.takeOver(source, Loaded.partition(wanted.fullName()));
      return landed(
          wanted,
          own,
          Loaded.of(wanted, view.moment(), after),
          files(view, wanted, view.parts(wanted, PART_BYTES)));
    } finally {
      rate.end();
    }
  }

  /**
   * Lands the next rows of a table, in the order of its key.
   *
   * @param soFar what there is of it; without rows if nothing is
   */
  Loaded next(LoadView view, SourceTable wanted, Loaded soFar, boolean begun) {
    rate.begin(wanted.fullName(), view.estimatedRows(wanted));
    try {
      Offset own = ledger.takeOver(source, Loaded.partition(wanted.fullName()));
      if (begun && !own.value().equals(soFar.text())) {
        throw elsewhere(source, wanted.fullName());
      }
      long partBytes = Math.min(PART_BYTES, split);
      long rows = rowsIn(view, wanted, partBytes);
      List<LoadView.Part> parts = new ArrayList<>();
      List<String> last = soFar.upTo();
      do {
        LoadView.Range range = view.range(wanted, last, rows);
        parts.add(range.part());
        last = range.last();
      } while (!last.isEmpty() && parts.size() * partBytes < split);
      return landed(wanted, own, soFar.with(last, view.moment()), files(view, wanted, parts));
    } finally {
      rate.end();
    }
  }

  private static long rowsIn(LoadView view, SourceTable wanted, long bytes) {
    long rows = view.estimatedRows(wanted);
    long each =
        rows == 0 ? LIKELY_ROW_BYTES : Math.max(1, view.estimatedBytes(wanted) / Math.max(1, rows));
    return Math.max(1, bytes / each);
  }

  private Loaded landed(SourceTable wanted, Offset own, Loaded loaded, List<RawFile> files) {
    checked(
        source,
        wanted.fullName(),
        ledger.land(
            new Landing(
                source,
                KIND,
                Loaded.partition(wanted.fullName()),
                own,
                loaded.text(),
                files,
                clock.instant())));
    LOG.info(
        "{} of {} is loaded{}: {} rows",
        wanted.fullName(),
        source,
        loaded.isWhole() ? "" : " in part",
        rate.rows());
    return loaded;
  }

  private static void checked(SourceName source, String table, LandOutcome outcome) {
    if (outcome instanceof LandOutcome.Fenced || outcome instanceof LandOutcome.Stale) {
      throw elsewhere(source, table);
    }
  }

  private static TarnException elsewhere(SourceName source, String table) {
    return new TarnException(
        ErrorCode.FENCED, "another server loads " + table + " of " + source + " now");
  }

  /** The parts of a table, some of them beside each other, in their order. */
  private List<RawFile> files(LoadView view, SourceTable wanted, List<LoadView.Part> all) {
    ExecutorService workers = Executors.newFixedThreadPool(AT_ONCE);
    try {
      List<Future<RawFile>> parts = new ArrayList<>();
      for (LoadView.Part part : all) {
        parts.add(workers.submit(() -> file(view, wanted, part)));
      }
      List<RawFile> files = new ArrayList<>();
      for (Future<RawFile> part : parts) {
        files.add(part.get());
      }
      return files;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new TarnException(ErrorCode.CANCELLED, "the load was cancelled", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof TarnException failure) {
        throw failure;
      }
      throw new IllegalStateException(e.getCause());
    } finally {
      workers.shutdownNow();
    }
  }

  private RawFile file(LoadView view, SourceTable wanted, LoadView.Part part) throws IOException {
    if (stopped.getAsBoolean()) {
      throw new TarnException(ErrorCode.CANCELLED, "the load is stopped; it goes on later");
    }
    try (Staging.Folder staging = new Staging.Folder(objects.stagingDirectory(Zone.RAW))) {
      Path text = staging.path().resolve("rows.csv");
      long copied;
      try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(text), BUFFER)) {
        copied = view.copy(wanted, part, out);
      }
      RawFile file =
          Crashes.survive(
              wanted.fullName(),
              () ->
                  raw.store(
                      wanted, "its load", text, ChangeText.columns(wanted), RawFile.Role.LOAD));
      rate.add(copied);
      landedRows.addAndGet(copied);
      return file;
    }
  }
}
