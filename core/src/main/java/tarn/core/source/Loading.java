package tarn.core.source;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import tarn.core.change.ChangeSource;
import tarn.core.change.LoadView;
import tarn.core.change.SourceTable;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;

/**
 * Loads tables while the changes of the others, and of those that are being loaded, land. Which
 * changes a load has is known when its view is open; so that none between is taken for one that it
 * has, the view is opened by the thread that lands changes ({@link #between}), between two batches.
 */
final class Loading implements AutoCloseable {
  private static final long JOIN_MILLIS = 20_000;

  private final ChangeSource database;
  private final InitialLoads loads;
  private final Map<String, Loaded> tables;
  private final List<SourceTable> fresh;
  private final List<SourceTable> cut;
  private final long after;
  private final Runnable landed;
  private final BooleanSupplier stopped;
  private final Map<String, String> refused = new ConcurrentHashMap<>();
  private final CompletableFuture<LoadView> view = new CompletableFuture<>();
  private final Thread thread;
  private volatile boolean viewWanted;
  private volatile boolean done;
  private volatile @Nullable Throwable failure;

  private Loading(
      ChangeSource database,
      InitialLoads loads,
      Work work,
      Runnable landed,
      BooleanSupplier stopped) {
    this.database = database;
    this.loads = loads;
    this.tables = work.tables();
    this.fresh = List.copyOf(work.fresh());
    this.cut = new ArrayList<>(work.cut());
    this.after = work.after();
    this.landed = landed;
    this.stopped = stopped;
    this.thread = new Thread(this::run, "loading of " + database);
    thread.setDaemon(true);
  }

  /**
   * What there is to do.
   *
   * @param tables those whose changes land; a table comes in when its first moment is known
   * @param fresh tables of which nothing is loaded
   * @param cut tables whose load is in {@code tables} and not whole
   * @param after the ledger's last batch before what keeps the changes of the fresh ones
   */
  record Work(
      Map<String, Loaded> tables, List<SourceTable> fresh, List<SourceTable> cut, long after) {}

  /**
   * Begins.
   *
   * @param landed called whenever something is in the ledger, by another thread
   */
  static Loading start(
      ChangeSource database,
      InitialLoads loads,
      Work work,
      Runnable landed,
      BooleanSupplier stopped) {
    Loading loading = new Loading(database, loads, work, landed, stopped);
    loading.done = work.fresh().isEmpty() && work.cut().isEmpty();
    if (!loading.done) {
      loading.thread.start();
    }
    return loading;
  }

  /** Whether all are loaded, or refused. */
  boolean isDone() {
    return done;
  }

  /** Whether {@link #between} is waited for. */
  boolean isWaiting() {
    return viewWanted || failure != null;
  }

  /** Tables that the source refused to give, each with the reason. */
  Map<String, String> refused() {
    return new TreeMap<>(refused);
  }

  /** To be called between two batches of changes; throws what the loading failed with. */
  void between() {
    if (failure instanceof RuntimeException failed) {
      throw failed;
    } else if (failure instanceof Error failed) {
      throw failed;
    }
    if (viewWanted) {
      viewWanted = false;
      LoadView opened = view(fresh);
      fresh.forEach(t -> tables.put(t.fullName(), Loaded.of(t, opened.moment(), after)));
      view.complete(opened);
    }
  }

  /** No table can change its shape while the view is open, and none had before. */
  private LoadView view(List<SourceTable> wanted) {
    LoadView opened = database.view();
    try {
      List<SourceTable> now = database.tables();
      for (SourceTable table : wanted) {
        if (!now.contains(table)) {
          throw new Gathered.TableChanged(table.fullName());
        }
      }
      return opened;
    } catch (RuntimeException e) {
      opened.close();
      throw e;
    }
  }

  private void run() {
    try {
      loadFresh();
      for (SourceTable table : cut) {
        attempt(table, () -> finish(table));
      }
      done = true;
      landed.run();
    } catch (RuntimeException | Error e) {
      failure = e;
    }
  }

  private void loadFresh() {
    if (fresh.isEmpty()) {
      return;
    }
    database.awaitOpenTransactions();
    viewWanted = true;
    try (LoadView opened = opened()) {
      for (SourceTable table : fresh) {
        attempt(table, () -> begin(opened, table));
      }
    }
  }

  private LoadView opened() {
    while (true) {
      try {
        return view.get(100, TimeUnit.MILLISECONDS);
      } catch (TimeoutException e) {
        checkStopped();
      } catch (ExecutionException e) {
        throw new IllegalStateException(e.getCause());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new TarnException(ErrorCode.CANCELLED, "the load was cancelled", e);
      }
    }
  }

  private void checkStopped() {
    if (stopped.getAsBoolean()) {
      throw new TarnException(ErrorCode.CANCELLED, "the load is stopped; it goes on later");
    }
  }

  private void begin(LoadView opened, SourceTable table) {
    if (loads.isLarge(opened, table)) {
      Loaded first = loads.next(opened, table, Loaded.of(table, opened.moment(), after), false);
      tables.put(table.fullName(), first);
      cut.add(table);
    } else {
      tables.put(table.fullName(), loads.whole(opened, table, after));
    }
  }

  private void finish(SourceTable table) {
    Loaded soFar = tables.get(table.fullName());
    while (soFar != null && !soFar.isWhole()) {
      checkStopped();
      try (LoadView opened = view(List.of(table))) {
        soFar = loads.next(opened, table, soFar, true);
      }
      tables.put(table.fullName(), soFar);
    }
  }

  /** What the source refuses of one table is no reason to leave the others. */
  private void attempt(SourceTable table, Runnable load) {
    checkStopped();
    try {
      load.run();
      landed.run();
    } catch (TarnException e) {
      if (e.code() != ErrorCode.SOURCE_REFUSED) {
        throw e;
      }
      tables.remove(table.fullName());
      refused.put(table.fullName(), e.line());
    }
  }

  /** What is not landed is loaded later. */
  @Override
  public void close() {
    try {
      thread.join(JOIN_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (view.isDone()) {
      view.join().close();
    }
  }
}
