package tarn.core.source;

import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tarn.core.change.ChangeSource;
import tarn.core.change.ChangeStream;
import tarn.core.change.Lsn;
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
 * Hop 1 for a database: lands its tables' rows once, and then its transactions, each whole and in
 * the order of their commits. What landed and how far the database was read are one transaction of
 * the ledger; only then is the database told that it need not keep it. After any failure {@link
 * #follow} asks the ledger and goes on from there.
 */
final class Following {
  private static final Logger LOG = LoggerFactory.getLogger(Following.class);

  /** Offsets of a source's changes. */
  static final String PARTITION = "changes";

  private static final String KIND = "changes";
  private static final long LARGE_BATCH_BYTES = 64L << 20;
  private static final Duration LOOK = Duration.ofMillis(200);

  /** For so long nothing comes before others have a turn. */
  private static final long QUIET_NANOS = Duration.ofSeconds(1).toNanos();

  /** How often the offset moves although nothing happened to the tables. */
  private static final long IDLE_NANOS = Duration.ofSeconds(5).toNanos();

  /** How often it is looked whether the tables are those that they were. */
  private static final long LOOK_AT_TABLES_NANOS = Duration.ofMinutes(1).toNanos();

  /** How often what the source refused is tried again. */
  private static final long AGAIN_NANOS = Duration.ofMinutes(5).toNanos();

  private final SourceName source;
  private final ChangeSource database;
  private final Ledger ledger;
  private final ObjectStore objects;
  private final RawTables raw;
  private final InitialLoads loads;
  private final Manner manner;
  private final CopyName names;
  private final Clock clock;
  private final BooleanSupplier stopped;
  private long moved = System.nanoTime();
  private volatile boolean again;
  private volatile boolean loading = true;

  Following(
      SourceName source,
      ChangeSource database,
      Follower.Parts parts,
      CopyName names,
      Manner manner,
      BooleanSupplier stopped) {
    this.source = source;
    this.database = database;
    this.ledger = parts.ledger();
    this.objects = parts.objects();
    this.clock = parts.clock();
    this.raw =
        new RawTables(source, parts.engine(), objects, clock, manner.timeout(), manner.overflows());
    this.loads =
        new InitialLoads(
            source,
            ledger,
            objects,
            raw,
            clock,
            manner.split(),
            () -> stopped.getAsBoolean() || again);
    this.manner = manner;
    this.names = names;
    this.stopped = stopped;
  }

  /** What is being loaded, for people; empty if nothing is, or that is not known yet. */
  String loading() {
    return loads.now();
  }

  /** How many rows were loaded so far. */
  long loadedRows() {
    return loads.landedRows();
  }

  /** Whether tables are still to be loaded. */
  boolean isLoading() {
    return loading;
  }

  /** Lets {@link #follow} return soon, to be called again: loads have been taken back. */
  void lookAgain() {
    again = true;
  }

  /**
   * Follows until it is stopped or has reached its goal, or until the tables are others than they
   * were: then it is to be called again.
   *
   * @param news told of what is done, first of the tables that are not copied; also by another
   *     thread
   * @return whether the goal is reached
   */
  boolean follow(Goal goal, Consumer<News> news) {
    again = false;
    Selection selection = Selection.of(database.tables(), names);
    news.accept(new News.Left(selection.left()));
    if (selection.copied().isEmpty()) {
      throw new TarnException(
          ErrorCode.SOURCE_REFUSED,
          source
              + " has no table that can be copied"
              + (selection.left().isEmpty()
                  ? ": `tables` names none that is there"
                  : ": " + String.join("; ", selection.left())));
    }
    SourceOffset offset = known(selection.copied());
    try (ChangeStream changes = database.follow(offset.lsn())) {
      ChangeSource.State state = database.state();
      if (state.timeline() != offset.timeline()) {
        return false; // another server took its place just now
      }
      Lsn end = state.log();
      Offset own = ledger.takeOver(source, PARTITION);
      if (!own.value().equals(offset.toString())) {
        throw new TarnException(
            ErrorCode.CONFLICT, "the changes of " + source + " were landed by another meanwhile");
      }
      long after = prepared(selection.copied());
      Selection now = Selection.of(database.tables(), names); // a filter may be another one
      if (!now.names().equals(selection.names())) {
        return false;
      }
      Map<String, Loaded> tables = new ConcurrentHashMap<>();
      try (Loading loading = loading(now, after, tables, () -> news.accept(new News.Landed()))) {
        news.accept(new News.Begun());
        return follow(changes, own, new Round(goal, end, now, tables, loading), news);
      }
    } catch (Gathered.TableChanged e) {
      loads.forget(e.table());
      return false;
    }
  }

  /** One time of following: the same tables, the same connection. */
  private record Round(
      Goal goal, Lsn end, Selection selection, Map<String, Loaded> tables, Loading loading) {}

  private boolean follow(ChangeStream changes, Offset own, Round round, Consumer<News> news) {
    try {
      return followOn(changes, own, round, news);
    } finally {
      again = true; // loads end, too
    }
  }

  private boolean followOn(ChangeStream changes, Offset begun, Round round, Consumer<News> news) {
    Offset own = begun;
    long began = System.nanoTime();
    long looked = began;
    int refused = 0;
    while (!stopped.getAsBoolean() && !again) {
      round.loading().between();
      loading = !round.loading().isDone();
      if (round.loading().refused().size() > refused) {
        refused = round.loading().refused().size();
        news.accept(new News.Refused(left(round)));
      }
      if (isReached(round, own)) {
        return true;
      }
      own = landed(changes, round, own, news);
      long now = System.nanoTime();
      if (now - looked > LOOK_AT_TABLES_NANOS) {
        boolean tryAgain = !round.loading().refused().isEmpty() && now - began > AGAIN_NANOS;
        if (tryAgain || !isAsItWas(round)) {
          return false;
        }
        looked = now;
      }
    }
    return false;
  }

  private static List<String> left(Round round) {
    List<String> left = new ArrayList<>(round.selection().left());
    round.loading().refused().forEach((table, why) -> left.add(table + " (" + why + ")"));
    return List.copyOf(left);
  }

  private static boolean isReached(Round round, Offset own) {
    return round.goal() != Goal.ALWAYS
        && round.loading().isDone()
        && (round.goal() == Goal.LOADED
            || SourceOffset.parse(own.value()).lsn().compareTo(round.end()) >= 0);
  }

  /** New tables come, others go, and one may be replaced by another of its name. */
  private boolean isAsItWas(Round round) {
    Selection selection = round.selection();
    return Selection.of(database.tables(), names).equals(selection)
        && database.published().containsAll(selection.names())
        && selection.copied().stream()
            .filter(t -> isWhole(round.tables().get(t.fullName())))
            .allMatch(t -> loads.find(t).equals(optional(round, t)));
  }

  private static boolean isWhole(@Nullable Loaded loaded) {
    return loaded != null && loaded.isWhole();
  }

  private static Optional<Loaded> optional(Round round, SourceTable table) {
    return Optional.ofNullable(round.tables().get(table.fullName()));
  }

  /**
   * Lets the changes of tables be kept. Loads that do not hold for their tables are forgotten
   * before that and after it: what is published before tells of changes that did not come, and what
   * is published after which come now. Only the owner of the slot does this.
   *
   * @return the ledger's last batch before
   */
  private long prepared(List<SourceTable> tables) {
    Set<String> published = database.published();
    tables.stream()
        .map(SourceTable::fullName)
        .filter(t -> !published.contains(t))
        .forEach(loads::forget);
    tables.forEach(this::holding);
    long after = ledger.lastSeq();
    database.prepare(tables);
    return after;
  }

  /** A table's load if changes can go on from it; one that they cannot go on from is forgotten. */
  private Optional<Loaded> holding(SourceTable table) {
    Optional<Loaded> loaded = loads.find(table);
    if (loaded.isPresent() && !loaded.get().fits(table)) {
      loads.forget(table.fullName());
      return Optional.empty();
    }
    return loaded;
  }

  /**
   * Begins with the tables' loads. Those that have none are loaded; so are those whose changes were
   * not kept for a while, and those whose key, columns or part are others than what their load had.
   *
   * @param after the ledger's last batch before what keeps the changes
   * @param followed gets those whose changes are to land
   */
  private Loading loading(
      Selection selection, long after, Map<String, Loaded> followed, Runnable landed) {
    List<SourceTable> fresh = new ArrayList<>();
    List<SourceTable> cut = new ArrayList<>();
    for (SourceTable table : selection.copied()) {
      Optional<Loaded> loaded = holding(table);
      loaded.ifPresent(l -> followed.put(table.fullName(), l));
      if (loaded.isEmpty()) {
        fresh.add(table);
      } else if (!loaded.get().isWhole()) {
        cut.add(table);
      }
    }
    return Loading.start(
        database,
        loads,
        new Loading.Work(followed, fresh, cut, after),
        landed,
        () -> stopped.getAsBoolean() || again);
  }

  /** What is done. */
  sealed interface News {
    /** These tables are not copied, with the reason for each. */
    record Left(List<String> tables) implements News {}

    /** These are not, now that the source refused to give some. */
    record Refused(List<String> left) implements News {}

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
      return fromNow(tables, state);
    }
    SourceOffset offset = SourceOffset.parse(known);
    if (!state.system().equals(offset.system())) {
      throw lost(
          "the database of "
              + source
              + " is another one than before (system "
              + state.system()
              + ", it was "
              + offset.system()
              + ")");
    }
    Optional<ChangeSource.Slot> slot = state.slot();
    if (slot.isEmpty() || !slot.get().usable()) {
      return anew(
          "the replication slot of "
              + source
              + (slot.isEmpty() ? " is gone" : " was invalidated")
              + ": changes after "
              + offset.lsn()
              + " are lost",
          tables,
          state);
    }
    if (state.timeline() != 0 && state.timeline() != offset.timeline()) {
      Lsn end = offset.timeline() == 0 ? offset.lsn() : database.endOf(offset.timeline());
      if (end.compareTo(offset.lsn()) < 0) {
        return anew(
            "another server has taken the place of the database of "
                + source
                + ", and did not have all of its changes: they are in the lake up to "
                + offset.lsn()
                + ", and there up to "
                + (end.equals(Lsn.ZERO) ? "no place of that log" : end)
                + " only",
            tables,
            state);
      }
      offset = continued(offset, end, state);
    }
    if (slot.get().confirmed().compareTo(offset.lsn()) > 0) {
      throw lost(
          "changes of "
              + source
              + " up to "
              + slot.get().confirmed()
              + " were acknowledged, but the ledger has them up to "
              + offset.lsn()
              + " only: the lake is an older copy, or another lake uses this slot");
    }
    return offset;
  }

  /** As the source's policy for lost changes says: with new loads, or not at all. */
  private SourceOffset anew(String why, List<SourceTable> tables, ChangeSource.State state) {
    if (!manner.reloads()) {
      throw lost(why);
    }
    LOG.warn("{}; its tables are loaded anew", why);
    beginAnew(ledger, source, clock.instant());
    return fromNow(tables, state);
  }

  /**
   * Goes on at a server that took the place of another. Loads that have rows of after that are
   * forgotten, as those rows may never have been there.
   *
   * @param end where the log is that of the server before
   */
  private SourceOffset continued(SourceOffset offset, Lsn end, ChangeSource.State state) {
    ledger
        .offsets(source)
        .forEach(
            (partition, load) -> {
              if (Loaded.isPartition(partition)
                  && !load.value().isEmpty()
                  && offset.timeline() != 0
                  && !Loaded.parse(Loaded.table(partition), load.value()).isWithin(end)) {
                InitialLoads.forget(ledger, source, Loaded.table(partition), clock.instant());
              }
            });
    Offset own = ledger.takeOver(source, PARTITION);
    if (!own.value().equals(offset.toString())) {
      return SourceOffset.parse(own.value()); // another server of the lake was faster
    }
    SourceOffset now = new SourceOffset(offset.lsn(), offset.system(), state.timeline());
    entered(own, now, List.of());
    return now;
  }

  private TarnException lost(String why) {
    return new TarnException(
        ErrorCode.SOURCE_LOST,
        why
            + "; if this is the right database, load its tables anew with: datalake source reload "
            + source);
  }

  /** A slot that has lost changes is of no use. */
  private SourceOffset fromNow(List<SourceTable> tables, ChangeSource.State state) {
    if (state.slot().filter(slot -> !slot.usable()).isPresent()) {
      database.forget();
    }
    database.prepare(tables);
    return begun();
  }

  /**
   * Lets nothing of a source hold any longer, whoever follows it now: its tables are loaded anew,
   * and followed from then on. Copies stay until they are replaced.
   */
  static void beginAnew(Ledger ledger, SourceName source, Instant now) {
    for (String partition : ledger.offsets(source).keySet()) {
      if (Loaded.isPartition(partition)) {
        InitialLoads.forget(ledger, source, Loaded.table(partition), now);
      }
    }
    Offset own = ledger.takeOver(source, PARTITION);
    if (!own.value().isEmpty()) {
      enter(ledger, source, own, "", List.of(), now);
    }
  }

  private SourceOffset begun() {
    ChangeSource.State state = database.state();
    Lsn from = state.slot().map(ChangeSource.Slot::confirmed).orElse(state.log());
    SourceOffset offset = new SourceOffset(from, state.system(), state.timeline());
    Offset own = ledger.takeOver(source, PARTITION);
    if (own.value().isEmpty()) {
      entered(own, offset, List.of());
      return offset;
    }
    return SourceOffset.parse(own.value()); // another server was faster
  }

  /**
   * The next batch, in the ledger and acknowledged; the same offset if nothing came for a while.
   */
  private Offset landed(ChangeStream changes, Round round, Offset own, Consumer<News> news) {
    SourceOffset begun = SourceOffset.parse(own.value());
    try (Staging.Folder staging = new Staging.Folder(objects.stagingDirectory(Zone.RAW));
        Gathered gathered = new Gathered(staging.path(), round.tables())) {
      long quiet = System.nanoTime() + QUIET_NANOS;
      while (!isDue(gathered)) {
        changes.next(gathered, LOOK);
        if (stopped.getAsBoolean() || again) {
          return own;
        }
        if (gathered.isEmpty() && gathered.isWhole()) {
          if (isIdle(changes, own) || isAtEnd(changes, round, own)) {
            return moved(changes, own, begun.at(changes.readThrough()), List.of());
          } else if (System.nanoTime() > quiet || round.loading().isWaiting()) {
            return own;
          }
        }
      }
      List<RawFile> files = new ArrayList<>();
      for (ChangeText text : gathered.texts()) {
        files.add(
            Crashes.survive(
                text.table().fullName(),
                () ->
                    raw.store(
                        text.table(),
                        "changes after " + begun.lsn(),
                        text.file(),
                        text.columns(),
                        RawFile.Role.CHANGES)));
      }
      Offset now = moved(changes, own, begun.at(gathered.end()), files);
      news.accept(new News.Landed());
      return now;
    } catch (IOException e) {
      throw new TarnException(
          ErrorCode.STORAGE_UNAVAILABLE,
          "changes of " + source + " cannot be staged: " + e.getMessage(),
          e);
    }
  }

  /** Whether nothing more is to come for one who wants what there was at the beginning. */
  private static boolean isAtEnd(ChangeStream changes, Round round, Offset own) {
    return round.goal() == Goal.CAUGHT_UP
        && changes.readThrough().compareTo(round.end()) >= 0
        && SourceOffset.parse(own.value()).lsn().compareTo(round.end()) < 0;
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
        && (gathered.ageNanos() >= manner.freshness().toNanos()
            || gathered.bytes() >= LARGE_BATCH_BYTES);
  }

  private void entered(Offset own, SourceOffset to, List<RawFile> files) {
    enter(ledger, source, own, to.toString(), files, clock.instant());
  }

  /** Offsets move without files, too: then there is nothing to count. */
  private static void enter(
      Ledger ledger, SourceName source, Offset own, String to, List<RawFile> files, Instant now) {
    LandOutcome outcome =
        ledger.land(
            new Landing(
                source,
                KIND,
                PARTITION,
                own,
                to,
                files,
                now,
                files.isEmpty() ? Optional.of(EventCounts.NONE) : Optional.empty()));
    if (outcome instanceof LandOutcome.Fenced) {
      throw new TarnException(ErrorCode.FENCED, "another server follows " + source + " now");
    } else if (outcome instanceof LandOutcome.Stale) {
      throw new TarnException(
          ErrorCode.CONFLICT, "the offset of " + source + " was moved by another");
    }
  }
}
