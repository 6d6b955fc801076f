package tarn.core.source;

import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import tarn.core.change.ChangeSource;
import tarn.core.change.ChangeStream;
import tarn.core.change.Lsn;
import tarn.core.change.SourceTable;
import tarn.core.engine.Crashes;
import tarn.core.engine.Engine;
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
 * Hop 1 for a database: lands its tables' rows once, and then its transactions, each whole and in
 * the order of their commits. What landed and how far the database was read are one transaction of
 * the ledger; only then is the database told that it need not keep it. After any failure {@link
 * #follow} asks the ledger and goes on from there.
 */
final class Following {
  /** Offsets of a source's changes. */
  static final String PARTITION = "changes";

  private static final String KIND = "changes";
  private static final long LARGE_BATCH_BYTES = 64L << 20;
  private static final Duration LOOK = Duration.ofMillis(200);

  /** How often the offset moves although nothing happened to the tables. */
  private static final long IDLE_NANOS = Duration.ofSeconds(5).toNanos();

  /** How often it is looked whether the tables are those that they were. */
  private static final long LOOK_AT_TABLES_NANOS = Duration.ofMinutes(1).toNanos();

  private final SourceName source;
  private final ChangeSource database;
  private final Ledger ledger;
  private final ObjectStore objects;
  private final RawTables raw;
  private final InitialLoads loads;
  private final Duration freshness;
  private final CopyName names;
  private final Clock clock;
  private final BooleanSupplier stopped;
  private long moved = System.nanoTime();

  Following(
      SourceName source,
      ChangeSource database,
      Ledger ledger,
      ObjectStore objects,
      Engine engine,
      Clock clock,
      CopyName names,
      Overflows overflows,
      Pace pace,
      BooleanSupplier stopped) {
    this.source = source;
    this.database = database;
    this.ledger = ledger;
    this.objects = objects;
    this.raw = new RawTables(source, engine, objects, clock, pace.timeout(), overflows);
    this.loads = new InitialLoads(source, ledger, objects, raw, clock, stopped);
    this.freshness = pace.freshness();
    this.names = names;
    this.clock = clock;
    this.stopped = stopped;
  }

  /**
   * How quickly.
   *
   * @param freshness how soon after its commit a change should be in the ledger
   * @param timeout of one piece of work
   */
  record Pace(Duration freshness, Duration timeout) {}

  /** What is being loaded; empty if nothing is. */
  String loading() {
    return loads.now();
  }

  /**
   * Follows until it is stopped, or until the tables are others than they were: then it is to be
   * called again.
   *
   * @param news told of what is done, first of the tables that are not copied
   */
  void follow(Consumer<News> news) {
    Selection selection = Selection.of(database.tables(), names);
    news.accept(new News.Left(selection.left()));
    if (selection.copied().isEmpty()) {
      throw new TarnException(
          ErrorCode.SOURCE_REFUSED,
          source
              + " has no table that can be copied: none with a primary key is named by `tables`");
    }
    SourceOffset offset = known(selection.copied());
    try (ChangeStream changes = database.follow(offset.lsn())) {
      Offset own = ledger.takeOver(source, PARTITION);
      if (!own.value().equals(offset.toString())) {
        throw new TarnException(
            ErrorCode.CONFLICT, "the changes of " + source + " were landed by another meanwhile");
      }
      Map<String, Loaded> tables = loaded(selection.copied());
      news.accept(new News.Begun());
      long looked = System.nanoTime();
      while (!stopped.getAsBoolean()) {
        own = landed(changes, tables, own, offset.system(), news);
        if (System.nanoTime() - looked > LOOK_AT_TABLES_NANOS) {
          if (!isAsItWas(selection)) {
            return;
          }
          looked = System.nanoTime();
        }
      }
    } catch (Gathered.TableChanged e) {
      loads.forget(e.table());
    }
  }

  /** New tables come, others go, and one may be replaced by another of its name. */
  private boolean isAsItWas(Selection selection) {
    return Selection.of(database.tables(), names).equals(selection)
        && database.published().containsAll(selection.names());
  }

  /**
   * The tables' loads. Those that have none are loaded; so are those whose changes were not kept
   * for a while, and those whose key or columns are others than what their load had. Only the owner
   * of the slot does this.
   */
  private Map<String, Loaded> loaded(List<SourceTable> tables) {
    Set<String> published = database.published();
    tables.stream().filter(t -> !published.contains(t.fullName())).forEach(loads::forget);
    long after = ledger.lastSeq();
    database.prepare(tables);
    List<SourceTable> fresh =
        tables.stream().filter(t -> loads.find(t).filter(l -> l.fits(t)).isEmpty()).toList();
    if (!fresh.isEmpty()) {
      database.awaitOpenTransactions();
      loads.load(database, fresh, after);
    }
    Map<String, Loaded> all = new HashMap<>();
    for (SourceTable table : tables) {
      loads.find(table).ifPresent(l -> all.put(table.fullName(), l));
    }
    return all;
  }

  /** What is done. */
  sealed interface News {
    /** These tables are not copied, with the reason for each. */
    record Left(List<String> tables) implements News {}

    /** Changes are being read. */
    record Begun() implements News {}

    /** Something is in the ledger. */
    record Landed() implements News {}
  }

  /** From where changes come. What keeps them is made if they were never followed. */
  private SourceOffset known(List<SourceTable> tables) {
    String known = ledger.offset(source, PARTITION).value();
    ChangeSource.State state = database.state();
    if (known.isEmpty()) {
      database.prepare(tables);
      return begun();
    }
    SourceOffset offset = SourceOffset.parse(known);
    if (!state.system().equals(offset.system())) {
      throw new TarnException(
          ErrorCode.SOURCE_LOST,
          "the database of "
              + source
              + " is another one than before (system "
              + state.system()
              + ", it was "
              + offset.system()
              + "): give its copy a source of its own, or correct the connection");
    }
    Optional<ChangeSource.Slot> slot = state.slot();
    if (slot.isEmpty() || !slot.get().usable()) {
      throw new TarnException(
          ErrorCode.SOURCE_LOST,
          "the replication slot of "
              + source
              + (slot.isEmpty() ? " is gone" : " was invalidated")
              + ": changes after "
              + offset.lsn()
              + " are lost; load the tables anew into a source of another name");
    }
    if (slot.get().confirmed().compareTo(offset.lsn()) > 0) {
      throw new TarnException(
          ErrorCode.SOURCE_LOST,
          "changes of "
              + source
              + " up to "
              + slot.get().confirmed()
              + " were acknowledged, but the ledger has them up to "
              + offset.lsn()
              + " only: the lake is an older copy, or another lake uses this slot; load the tables anew into a source of another name");
    }
    return offset;
  }

  private SourceOffset begun() {
    ChangeSource.State state = database.state();
    Lsn from = state.slot().map(ChangeSource.Slot::confirmed).orElse(state.log());
    SourceOffset offset = new SourceOffset(from, state.system());
    Offset own = ledger.takeOver(source, PARTITION);
    if (own.value().isEmpty()) {
      entered(own, offset, List.of());
      return offset;
    }
    return SourceOffset.parse(own.value()); // another server was faster
  }

  /** The next batch, in the ledger and acknowledged; the same offset if nothing came. */
  private Offset landed(
      ChangeStream changes,
      Map<String, Loaded> tables,
      Offset own,
      String system,
      Consumer<News> news) {
    try (Staging.Folder staging = new Staging.Folder(objects.stagingDirectory(Zone.RAW));
        Gathered gathered = new Gathered(staging.path(), tables)) {
      while (!isDue(gathered)) {
        changes.next(gathered, LOOK);
        if (stopped.getAsBoolean()) {
          return own;
        }
        if (gathered.isEmpty() && gathered.isWhole() && isIdle(changes, own)) {
          return moved(changes, own, new SourceOffset(changes.readThrough(), system), List.of());
        }
      }
      Lsn after = SourceOffset.parse(own.value()).lsn();
      List<RawFile> files = new ArrayList<>();
      for (ChangeText text : gathered.texts()) {
        files.add(
            Crashes.survive(
                text.table().fullName(),
                () ->
                    raw.store(
                        text.table(),
                        "changes after " + after,
                        text.file(),
                        text.columns(),
                        RawFile.Role.CHANGES)));
      }
      Offset now = moved(changes, own, new SourceOffset(gathered.end(), system), files);
      news.accept(new News.Landed());
      return now;
    } catch (IOException e) {
      throw new TarnException(
          ErrorCode.STORAGE_UNAVAILABLE,
          "changes of " + source + " cannot be staged: " + e.getMessage(),
          e);
    }
  }

  /**
   * Whether the database's log went on without changes of these tables for a while: it must not be
   * kept for them. What is acknowledged is in the ledger, so that an older ledger can be told.
   */
  private boolean isIdle(ChangeStream changes, Offset own) {
    return System.nanoTime() - moved > IDLE_NANOS
        && changes.readThrough().compareTo(SourceOffset.parse(own.value()).lsn()) > 0;
  }

  /** First in the ledger, then acknowledged. */
  private Offset moved(ChangeStream changes, Offset own, SourceOffset to, List<RawFile> files) {
    entered(own, to, files);
    changes.acknowledge(to.lsn());
    moved = System.nanoTime();
    return new Offset(to.toString(), own.epoch());
  }

  private boolean isDue(Gathered gathered) {
    return gathered.isWhole()
        && !gathered.isEmpty()
        && (gathered.ageNanos() >= freshness.toNanos() || gathered.bytes() >= LARGE_BATCH_BYTES);
  }

  /** Offsets move without files, too: then there is nothing to count. */
  private void entered(Offset own, SourceOffset to, List<RawFile> files) {
    LandOutcome outcome =
        ledger.land(
            new Landing(
                source,
                KIND,
                PARTITION,
                own,
                to.toString(),
                files,
                clock.instant(),
                files.isEmpty() ? Optional.of(EventCounts.NONE) : Optional.empty()));
    if (outcome instanceof LandOutcome.Fenced) {
      throw new TarnException(ErrorCode.FENCED, "another server follows " + source + " now");
    } else if (outcome instanceof LandOutcome.Stale) {
      throw new TarnException(
          ErrorCode.CONFLICT, "the offset of " + source + " was moved by another");
    }
  }
}
