package tarn.core.source;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.apache.iceberg.expressions.Expressions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tarn.core.change.ChangeSource;
import tarn.core.change.LoadView;
import tarn.core.change.Lsn;
import tarn.core.change.Moment;
import tarn.core.change.SourceTable;
import tarn.core.engine.ColumnarJob;
import tarn.core.engine.CompareJob;
import tarn.core.engine.Compression;
import tarn.core.engine.Crashes;
import tarn.core.engine.Engine;
import tarn.core.engine.RawFormat;
import tarn.core.engine.RawInput;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.ledger.Batch;
import tarn.core.ledger.Ledger;
import tarn.core.ledger.RawFile;
import tarn.core.ledger.SourceName;
import tarn.core.observe.Progress;
import tarn.core.storage.ObjectInfo;
import tarn.core.storage.ObjectKey;
import tarn.core.storage.ObjectStore;
import tarn.core.storage.Staging;
import tarn.core.storage.Zone;
import tarn.core.table.At;
import tarn.core.table.Scan;
import tarn.core.table.TableName;
import tarn.core.table.TableState;
import tarn.core.table.TableStore;

/**
 * Compares a source's tables with their copies, while both change.
 *
 * <p>The source's rows are read as of one moment. The copies are waited for until they have all
 * that the moment sees; what they have beyond it is in the ledger's batches since, and the keys of
 * those changes are passed over. Batches from before the moment have nothing beyond it, because
 * transactions that were open when the last of them was looked up have ended before it.
 */
public final class Verification {
  private static final Logger LOG = LoggerFactory.getLogger(Verification.class);
  private static final String FOLDER = "verify";
  private static final String STAGE = "verify";
  private static final long PART_BYTES = 128L << 20;
  private static final Duration LEFTOVERS = Duration.ofDays(1);
  private static final int BUFFER = 1 << 20;
  private static final int PAGE = 500;
  private static final long LOOK_MILLIS = 100;

  private final Ledger ledger;
  private final ObjectStore objects;
  private final TableStore tables;
  private final Engine engine;
  private final Clock clock;
  private final Duration timeout;

  /**
   * @param timeout of one piece of the engine's work
   */
  public Verification(
      Ledger ledger,
      ObjectStore objects,
      TableStore tables,
      Engine engine,
      Clock clock,
      Duration timeout) {
    this.ledger = ledger;
    this.objects = objects;
    this.tables = tables;
    this.engine = engine;
    this.clock = clock;
    this.timeout = timeout;
  }

  /**
   * What is asked.
   *
   * @param table a table's full name, or its copy's; empty for all
   * @param patience how long the copies are waited for
   * @param ranges so many ranges of keys are summed up for a table, at most
   * @param mostKeys so many keys that differ are told for a table, at most
   */
  public record Wanted(
      SourceName source,
      CopyName names,
      String table,
      Duration patience,
      int ranges,
      int mostKeys) {}

  /**
   * What was found.
   *
   * @param log a place in the source's log: the rows are those of transactions before it
   * @param left tables that were asked for and not compared, each with the reason
   */
  public record Report(Lsn log, List<Compared> tables, List<String> left) {
    public Report {
      tables = List.copyOf(tables);
      left = List.copyOf(left);
    }
  }

  /**
   * A table and its copy.
   *
   * @param snapshot of the copy; empty if it has no rows yet
   */
  public record Compared(
      String table, TableName copy, OptionalLong snapshot, CompareJob.Result result) {}

  /** How those are who bring the copies up to date; the reason if they do not any more. */
  public record Health(boolean hopeless, String problem) {}

  /**
   * Compares.
   *
   * @param health asked while the copies are waited for
   * @throws TarnException {@code NOT_FOUND} if there is no such table or it has no copy; {@code
   *     CONFLICT} if a table is loaded anew or truncated meanwhile; {@code TIMEOUT} if the copies
   *     do not come as far, with what is known of the reason; {@code SOURCE_LOST} if they cannot
   */
  public Report compare(
      ChangeSource database, Wanted wanted, Supplier<Health> health, Progress progress) {
    Selection selection = Selection.of(database.tables(), wanted.names());
    List<SourceTable> chosen = chosen(selection, wanted);
    String folder = FOLDER + "/" + UUID.randomUUID();
    removeLeftovers();
    try {
      long before = ledger.lastSeq();
      database.awaitOpenTransactions();
      Map<SourceTable, List<RawInput>> rows = new LinkedHashMap<>();
      Moment moment;
      try (LoadView view = database.view()) {
        moment = view.moment();
        if (!database.tables().containsAll(chosen)) {
          throw new TarnException(
              ErrorCode.CONFLICT,
              "a table of " + wanted.source() + " was altered meanwhile; compare again");
        }
        for (SourceTable table : chosen) {
          rows.put(table, read(view, table, folder, progress));
        }
      }
      long upTo = landed(wanted, moment.log(), health, progress);
      List<Compared> compared = new ArrayList<>();
      for (SourceTable table : chosen) {
        TableState copy = caughtUp(wanted, table, before, upTo, health, progress);
        progress.report(STAGE, table.fullName(), compared.size(), chosen.size(), "tables");
        compared.add(
            compared(wanted, table, copy, rows.getOrDefault(table, List.of()), before, moment));
      }
      return new Report(moment.log(), compared, left(selection, wanted));
    } finally {
      remove(folder, info -> true);
    }
  }

  /** What is said of tables that are not compared. */
  private static List<String> left(Selection selection, Wanted wanted) {
    List<String> left = new ArrayList<>(selection.left());
    selection.copied().stream()
        .filter(t -> t.key().isEmpty())
        .forEach(t -> left.add(t.fullName() + " (it has no key by which rows could be compared)"));
    left.removeIf(why -> !wanted.table().isEmpty() && !why.startsWith(wanted.table() + " ("));
    return left;
  }

  private static List<SourceTable> chosen(Selection selection, Wanted wanted) {
    List<SourceTable> chosen =
        selection.copied().stream()
            .filter(t -> !t.key().isEmpty()) // rows are compared by it
            .filter(
                t ->
                    wanted.table().isEmpty()
                        || wanted.table().equals(t.fullName())
                        || wanted.table().equals(wanted.names().of(t.fullName()).toString()))
            .toList();
    if (chosen.isEmpty()) {
      List<String> why = left(selection, wanted);
      String left = why.isEmpty() ? "" : ": " + String.join(", ", why);
      throw new TarnException(
          ErrorCode.NOT_FOUND,
          (wanted.table().isEmpty()
                  ? wanted.source() + " has no table with a key that is copied"
                  : wanted.source()
                      + " has no table '"
                      + wanted.table()
                      + "' with a key that is copied")
              + left
              + "; `datalake source tables "
              + wanted.source()
              + "` lists them");
    }
    return chosen;
  }

  // ---- the source's rows ----

  private List<RawInput> read(LoadView view, SourceTable table, String folder, Progress progress) {
    List<RawInput> inputs = new ArrayList<>();
    long rows = 0;
    for (LoadView.Part part : view.parts(table, PART_BYTES)) {
      progress.report(
          STAGE, "reading " + table.fullName(), rows, view.estimatedRows(table), "rows");
      try (Staging.Folder staging = new Staging.Folder(objects.stagingDirectory(Zone.TEMP))) {
        Path text = staging.path().resolve("rows.csv");
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(text), BUFFER)) {
          rows += view.copy(table, part, out);
        }
        ObjectKey key = new ObjectKey(Zone.TEMP, folder + "/" + UUID.randomUUID() + ".parquet");
        ColumnarJob.Stored stored =
            Crashes.survive(
                table.fullName(),
                () ->
                    engine.columnar(
                        new ColumnarJob(text, ChangeText.columns(table), key, timeout)));
        inputs.add(input(table, key, stored));
      } catch (IOException e) {
        throw new TarnException(
            ErrorCode.STORAGE_UNAVAILABLE,
            "rows of " + table.fullName() + " cannot be staged: " + e.getMessage(),
            e);
      }
    }
    return inputs;
  }

  private RawInput input(SourceTable table, ObjectKey key, ColumnarJob.Stored stored) {
    Instant now = clock.instant();
    RawFile file =
        RawFile.ofTable(
            key,
            table.fullName(),
            key.name(),
            stored.bytes(),
            stored.sha256(),
            now,
            RawFile.Role.LOAD);
    return input(0, file);
  }

  private static RawInput input(long seq, RawFile file) {
    return new RawInput(seq, file, new RawFormat.Parquet(), Compression.NONE, Map.of());
  }

  /** Of servers that were killed. */
  private void removeLeftovers() {
    Instant old = clock.instant().minus(LEFTOVERS);
    remove(FOLDER, info -> info.modified().isBefore(old));
  }

  /** What cannot be removed goes as other files of the temp zone do. */
  private void remove(String folder, Predicate<ObjectInfo> which) {
    boolean interrupted = Thread.interrupted();
    try {
      List<ObjectKey> keys = new ArrayList<>();
      objects.list(
          Zone.TEMP,
          folder + "/",
          info -> {
            if (which.test(info)) {
              keys.add(info.key());
            }
          });
      keys.forEach(objects::delete);
    } catch (TarnException e) {
      LOG.warn("{} of the temp zone could not be removed: it expires later", folder, e);
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  // ---- the copies ----

  /** The ledger's last batch when it has all changes before a place in the log. */
  private long landed(Wanted wanted, Lsn log, Supplier<Health> health, Progress progress) {
    Waiting waiting = new Waiting(wanted, health, progress, "changes up to " + log);
    while (true) {
      String offset = ledger.offset(wanted.source(), Following.PARTITION).value();
      if (!offset.isEmpty() && SourceOffset.parse(offset).lsn().compareTo(log) >= 0) {
        return ledger.lastSeq();
      }
      waiting.more();
    }
  }

  /** The copy, with all of its table's changes up to a batch. */
  private TableState caughtUp(
      Wanted wanted,
      SourceTable table,
      long before,
      long upTo,
      Supplier<Health> health,
      Progress progress) {
    TableName name = wanted.names().of(table.fullName());
    Waiting waiting = new Waiting(wanted, health, progress, name.toString());
    while (true) {
      TableState state = tables.load(name).orElse(null);
      if (state != null && isCopy(wanted, table, state)) {
        checkLoad(wanted, table, state, before);
        if (hasAll(wanted, table, state, upTo)) {
          return state;
        }
      }
      waiting.more();
    }
  }

  private static boolean isCopy(Wanted wanted, SourceTable table, TableState state) {
    return (wanted.source() + "/" + table.fullName()).equals(state.properties().get(Copies.OF))
        && state.properties().containsKey(Copies.LOAD);
  }

  private void checkLoad(Wanted wanted, SourceTable table, TableState state, long before) {
    String load = ledger.offset(wanted.source(), Loaded.partition(table.fullName())).value();
    boolean fits =
        !load.isEmpty()
            && Loaded.parse(table.fullName(), load).fits(table)
            && loadOf(state) <= before;
    if (!fits) {
      throw new TarnException(
          ErrorCode.CONFLICT,
          state.name()
              + " is loaded anew, or waits for it: its table has another key, other columns or another filter than it had; compare later");
    }
  }

  private static long loadOf(TableState state) {
    return Long.parseLong(state.properties().getOrDefault(Copies.LOAD, "0"));
  }

  /** A copy without changes is not told how far it is: then there are none. */
  private boolean hasAll(Wanted wanted, SourceTable table, TableState state, long upTo) {
    long at = state.ledgerSeq();
    while (at < upTo) {
      List<Batch> page = ledger.batches(Set.of(wanted.source()), at, PAGE);
      for (Batch batch : page) {
        if (batch.seq() <= upTo && isNews(batch, table, state)) {
          return false;
        }
      }
      if (page.size() < PAGE) {
        return true;
      }
      at = page.get(page.size() - 1).seq();
    }
    return true;
  }

  private boolean isNews(Batch batch, SourceTable table, TableState state) {
    if (batch.kind().equals(InitialLoads.KIND)) {
      return Loaded.table(batch.partition()).equals(table.fullName())
          && batch.seq() > loadOf(state);
    }
    return ledger.files(batch.seq(), RawFile.Role.CHANGES).stream()
        .anyMatch(file -> file.folder().equals(table.fullName()));
  }

  /** For something that others do. */
  private static final class Waiting {
    private final Wanted wanted;
    private final Supplier<Health> health;
    private final Progress progress;
    private final String what;
    private final long began = System.nanoTime();

    Waiting(Wanted wanted, Supplier<Health> health, Progress progress, String what) {
      this.wanted = wanted;
      this.health = health;
      this.progress = progress;
      this.what = what;
    }

    void more() {
      Health now = health.get();
      long waited = System.nanoTime() - began;
      progress.report(STAGE, "waiting for " + what, waited / 1_000_000_000, -1, "seconds");
      if (now.hopeless() || waited > wanted.patience().toNanos()) {
        throw new TarnException(
            now.hopeless() ? ErrorCode.SOURCE_LOST : ErrorCode.TIMEOUT,
            what
                + " of "
                + wanted.source()
                + (now.hopeless()
                    ? " will not come"
                    : " did not come within " + wanted.patience().toSeconds() + " seconds")
                + (now.problem().isEmpty() ? "" : ": " + now.problem())
                + "; nothing was compared");
      }
      try {
        Thread.sleep(LOOK_MILLIS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new TarnException(ErrorCode.CANCELLED, "the comparison was cancelled", e);
      }
    }
  }

  // ---- both ----

  private Compared compared(
      Wanted wanted,
      SourceTable table,
      TableState copy,
      List<RawInput> rows,
      long before,
      Moment moment) {
    At at =
        copy.snapshotId().isPresent()
            ? new At.Snapshot(copy.snapshotId().getAsLong())
            : new At.Now();
    Scan scan = tables.scan(copy.name(), at, Expressions.alwaysTrue());
    CompareJob.Result result =
        Crashes.survive(
            table.fullName(),
            () ->
                engine.compare(
                    new CompareJob(
                        copy,
                        scan,
                        ChangeText.columns(table),
                        table.key(),
                        rows,
                        changes(wanted, table, before, copy.ledgerSeq()),
                        moment,
                        wanted.ranges(),
                        wanted.mostKeys(),
                        timeout)));
    if (result.truncated()) {
      throw new TarnException(
          ErrorCode.CONFLICT,
          table.fullName() + " was truncated while it was compared; compare it again");
    }
    return new Compared(table.fullName(), copy.name(), copy.snapshotId(), result);
  }

  /** What a copy has that may have come after the moment. */
  private List<RawInput> changes(Wanted wanted, SourceTable table, long after, long upTo) {
    List<RawInput> changes = new ArrayList<>();
    long at = after;
    while (at < upTo) {
      List<Batch> page = ledger.batches(Set.of(wanted.source()), at, PAGE);
      for (Batch batch : page) {
        if (batch.seq() > upTo) {
          return changes;
        }
        for (RawFile file : ledger.files(batch.seq(), RawFile.Role.CHANGES)) {
          if (file.folder().equals(table.fullName())) {
            changes.add(input(batch.seq(), file));
          }
        }
        at = batch.seq();
      }
      if (page.size() < PAGE) {
        return changes;
      }
    }
    return changes;
  }
}
