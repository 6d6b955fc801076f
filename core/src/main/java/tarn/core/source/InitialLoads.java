package tarn.core.source;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
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
import tarn.core.change.ChangeSource;
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
 * Lands tables' rows as they are at one moment. Each table is one batch of the ledger: it has been
 * loaded, or not at all, and then its load begins anew.
 */
final class InitialLoads {
  private static final Logger LOG = LoggerFactory.getLogger(InitialLoads.class);

  /** Of the ledger's batches with loads. */
  static final String KIND = "load";

  private static final long PART_BYTES = 128L << 20;
  private static final int AT_ONCE = 2;
  private static final int BUFFER = 1 << 20;

  private final SourceName source;
  private final Ledger ledger;
  private final ObjectStore objects;
  private final RawTables raw;
  private final Clock clock;
  private final BooleanSupplier stopped;
  private final AtomicLong rows = new AtomicLong();
  private volatile String table = "";

  InitialLoads(
      SourceName source,
      Ledger ledger,
      ObjectStore objects,
      RawTables raw,
      Clock clock,
      BooleanSupplier stopped) {
    this.source = source;
    this.ledger = ledger;
    this.objects = objects;
    this.raw = raw;
    this.clock = clock;
    this.stopped = stopped;
  }

  /** What is being loaded, for people: {@code public.orders, 120000 rows}; empty if nothing is. */
  String now() {
    return table.isEmpty() ? "" : table + ", " + rows.get() + " rows";
  }

  /** A table's load; empty if it has none that holds. */
  Optional<Loaded> find(SourceTable wanted) {
    String text = ledger.offset(source, Loaded.partition(wanted.fullName())).value();
    return text.isEmpty() ? Optional.empty() : Optional.of(Loaded.parse(wanted.fullName(), text));
  }

  /** Lets a table's load hold no longer: it will be loaded anew. Its copy stays until then. */
  void forget(SourceTable table) {
    String partition = Loaded.partition(table.fullName());
    Offset own = ledger.takeOver(source, partition);
    if (!own.value().isEmpty()) {
      LOG.info("{} of {} is to be loaded anew", table.fullName(), source);
      checked(
          table,
          ledger.land(
              new Landing(
                  source,
                  KIND,
                  partition,
                  own,
                  "",
                  List.of(),
                  clock.instant(),
                  Optional.of(EventCounts.NONE))));
    }
  }

  /**
   * Loads tables.
   *
   * @param after the ledger's last batch when what keeps changes was made, or later ones that have
   *     none of these tables' changes
   */
  void load(ChangeSource database, List<SourceTable> tables, long after) {
    try (LoadView view = database.view()) {
      for (SourceTable wanted : tables) {
        load(view, wanted, after);
      }
    } finally {
      table = "";
    }
  }

  private void load(LoadView view, SourceTable wanted, long after) {
    String partition = Loaded.partition(wanted.fullName());
    Offset own = ledger.takeOver(source, partition);
    rows.set(0);
    table = wanted.fullName();
    List<RawFile> files = files(view, wanted);
    checked(
        wanted,
        ledger.land(
            new Landing(
                source,
                KIND,
                partition,
                own,
                Loaded.of(wanted, view.moment(), after).text(),
                files,
                clock.instant())));
    LOG.info("{} of {} is loaded: {} rows", wanted.fullName(), source, rows.get());
  }

  private void checked(SourceTable table, LandOutcome outcome) {
    if (outcome instanceof LandOutcome.Fenced || outcome instanceof LandOutcome.Stale) {
      throw new TarnException(
          ErrorCode.FENCED, "another server loads " + table.fullName() + " of " + source + " now");
    }
  }

  /** The parts of a table, some of them beside each other, in their order. */
  private List<RawFile> files(LoadView view, SourceTable wanted) {
    ExecutorService workers = Executors.newFixedThreadPool(AT_ONCE);
    try {
      List<Future<RawFile>> parts = new ArrayList<>();
      for (LoadView.Part part : view.parts(wanted, PART_BYTES)) {
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
      throw new TarnException(ErrorCode.CANCELLED, "the load is stopped; it begins anew later");
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
      rows.addAndGet(copied);
      return file;
    }
  }
}
