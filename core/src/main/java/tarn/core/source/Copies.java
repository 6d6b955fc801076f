package tarn.core.source;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.TypeUtil;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tarn.core.engine.ApplyJob;
import tarn.core.engine.ChangeColumns;
import tarn.core.engine.Column;
import tarn.core.engine.Compression;
import tarn.core.engine.Crashes;
import tarn.core.engine.Engine;
import tarn.core.engine.LoadJob;
import tarn.core.engine.LoadResult;
import tarn.core.engine.RawFormat;
import tarn.core.engine.RawInput;
import tarn.core.engine.WriteMode;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.ingest.Evolution;
import tarn.core.ledger.Batch;
import tarn.core.ledger.Ledger;
import tarn.core.ledger.Offset;
import tarn.core.ledger.RawFile;
import tarn.core.ledger.SourceName;
import tarn.core.table.At;
import tarn.core.table.CommitOutcome;
import tarn.core.table.DataChange;
import tarn.core.table.Scan;
import tarn.core.table.SchemaChange;
import tarn.core.table.TableChange;
import tarn.core.table.TableName;
import tarn.core.table.TableSpec;
import tarn.core.table.TableState;
import tarn.core.table.TableStore;

/**
 * Hop 2 for databases: copies of a source's tables. A copy begins with the rows of its load; then
 * the transactions of some batches are applied to all copies in one commit, so that readers never
 * see half of a transaction. How far a copy is, is a property of it ({@link
 * TableState#LEDGER_SEQ}), committed with its rows; after any doubt one goes on from there.
 */
public final class Copies {
  private static final Logger LOG = LoggerFactory.getLogger(Copies.class);
  private static final int FORMAT_WITH_VECTORS = 3;
  private static final int PAGE = 500;
  private static final int MAX_CONFLICTS = 8;

  /** So much that memory and the cost of a failure are bounded. */
  private static final long MOST_BYTES = 256L << 20;

  private static final int MOST_FILES = 200;

  /** A copy without changes is told how far it is once in so many batches. */
  private static final long IDLE_BATCHES = 1_000;

  /** The source and the table that a copy is of: {@code shop/public.orders}. */
  public static final String OF = "tarn.copy-of";

  /** The ledger's batch of the load that a copy begins with. */
  static final String LOAD = "tarn.copy-load";

  /** What the columns of the files were that a copy has taken last. */
  static final String SHAPE = "tarn.copy-shape";

  private final Ledger ledger;
  private final TableStore tables;
  private final Engine engine;
  private final Duration timeout;
  private final Map<SourceName, Known> sources = new ConcurrentHashMap<>();

  public Copies(Ledger ledger, TableStore tables, Engine engine, Duration timeout) {
    this.ledger = ledger;
    this.tables = tables;
    this.engine = engine;
    this.timeout = timeout;
  }

  /**
   * What was done to a copy.
   *
   * @param read rows of its load, or changes
   * @param upserted rows that are new or replace another
   * @param deleted rows that went
   */
  public record Applied(TableName table, long read, long upserted, long deleted) {}

  /**
   * Brings all copies of a source up to date with the ledger. One caller at a time for a source.
   *
   * @return what was done, by table; empty if there was nothing new
   */
  public List<Applied> catchUp(SourceName source, CopyName names) {
    Known known = known(source);
    Map<TableName, Applied> done = new TreeMap<>();
    int conflicts = 0;
    while (true) {
      long last;
      List<Load> loads;
      synchronized (this) { // others look for loads, too
        last = known.upTo;
        loads = List.copyOf(known.loads.values());
      }
      Map<String, Offset> now = ledger.offsets(source);
      List<Copy> copies = new ArrayList<>();
      for (Load load : loads) {
        Copy copy = copy(source, names, load, known, done);
        if (load.holds(now)) {
          copies.add(copy);
        }
      }
      Portion portion = Portion.next(ledger, source, copies, last);
      if (portion.upTo() == portion.after()) {
        return List.copyOf(done.values());
      }
      Optional<List<Applied>> applied =
          Crashes.survive("changes of " + source, () -> apply(copies, portion));
      if (applied.isEmpty() && ++conflicts >= MAX_CONFLICTS) {
        throw new TarnException(
            ErrorCode.CONFLICT, "other writers changed copies of " + source + " again and again");
      } else if (applied.isPresent()) {
        conflicts = 0;
        applied.get().forEach(a -> done.merge(a.table(), a, Copies::sum));
        copies.forEach(c -> known.taken.merge(c.key(), portion.upTo(), Math::max));
      }
    }
  }

  private static Applied sum(Applied a, Applied b) {
    return new Applied(
        a.table(), a.read() + b.read(), a.upserted() + b.upserted(), a.deleted() + b.deleted());
  }

  /** How many tables of a source are copied. */
  public synchronized int count(SourceName source) {
    return known(source).loads.size();
  }

  // ---- loads ----

  /** What has been learned from the ledger so far; it can be learned again. */
  private static final class Known {
    /** The newest load of each table, in the order in which they landed. */
    private final Map<String, Load> loads = new LinkedHashMap<>();

    /** Those of which ranges have landed, and not all. */
    private final Map<String, Load> parts = new HashMap<>();

    /** Batches up to here have been looked at for loads. */
    private long upTo;

    /** Up to which batch a copy has everything, also where it had no changes. */
    private final Map<String, Long> taken = new HashMap<>();
  }

  /**
   * A table's load in the ledger.
   *
   * @param seqs of its batches, in order
   */
  private record Load(List<Long> seqs, Loaded loaded) {

    /** What tells it from other loads of the table. */
    long seq() {
      return seqs.get(seqs.size() - 1);
    }

    /** With another batch of the same load, or that alone if it is of another one. */
    static Load with(@Nullable Load before, long seq, Loaded loaded) {
      List<Long> seqs = new ArrayList<>();
      if (before != null && before.loaded().isOf(loaded)) {
        seqs.addAll(before.seqs());
      }
      seqs.add(seq);
      return new Load(List.copyOf(seqs), loaded);
    }

    /**
     * Whether changes go on from it. While its table is loaded anew, the copy stays as it is: some
     * changes are in the new load only.
     */
    boolean holds(Map<String, Offset> now) {
      Offset offset = now.getOrDefault(Loaded.partition(loaded.table()), Offset.START);
      return offset.value().equals(loaded.text());
    }
  }

  /**
   * A table that is copied, as it is now.
   *
   * @param upTo it has everything up to this batch
   */
  private record Copy(Load load, TableState state, long upTo) {
    String table() {
      return load.loaded().table();
    }

    String key() {
      return state.id() + "/" + load.seq();
    }
  }

  private synchronized Known known(SourceName source) {
    Known known = sources.computeIfAbsent(source, s -> new Known());
    while (true) {
      List<Batch> page = ledger.batches(Set.of(source), known.upTo, PAGE);
      for (Batch batch : page) {
        if (batch.kind().equals(InitialLoads.KIND)) {
          String table = Loaded.table(batch.partition());
          Load load =
              Load.with(known.parts.remove(table), batch.seq(), Loaded.parse(table, batch.to()));
          (load.loaded().isWhole() ? known.loads : known.parts).put(table, load);
        }
        known.upTo = batch.seq();
      }
      if (page.size() < PAGE) {
        return known;
      }
    }
  }

  /** The copy, with the rows of its load at least. */
  private Copy copy(
      SourceName source, CopyName names, Load load, Known known, Map<TableName, Applied> done) {
    TableName name = names.of(load.loaded().table());
    String of = source + "/" + load.loaded().table();
    for (int attempt = 0; attempt < MAX_CONFLICTS; attempt++) {
      TableState state = tables.load(name).orElse(null);
      if (state == null) {
        state = created(name, of, load);
      } else if (!of.equals(state.properties().get(OF))) {
        throw new TarnException(
            ErrorCode.ALREADY_EXISTS,
            name
                + " is not the copy of "
                + of
                + ": give the copies of this source other names with `prefix:` in its file");
      }
      if (Long.toString(load.seq()).equals(state.properties().get(LOAD))) {
        String key = new Copy(load, state, 0).key();
        return new Copy(
            load, state, Math.max(state.ledgerSeq(), known.taken.getOrDefault(key, 0L)));
      }
      TableState base = state;
      long rows = Crashes.survive(name.toString(), () -> seed(base, load));
      if (rows >= 0) {
        done.merge(name, new Applied(name, rows, rows, 0), Copies::sum);
      }
    }
    throw new TarnException(
        ErrorCode.CONFLICT, "other writers changed " + name + " again and again");
  }

  private List<RawInput> inputs(Load load) {
    List<RawInput> inputs = new ArrayList<>();
    for (long seq : load.seqs()) {
      for (RawFile file : ledger.files(seq, RawFile.Role.LOAD)) {
        inputs.add(new RawInput(seq, file, new RawFormat.Parquet(), Compression.NONE, Map.of()));
      }
    }
    return inputs;
  }

  /** The columns of a source's table among those of its raw files. */
  private List<Column> columns(List<RawInput> inputs) {
    return engine.infer(inputs).stream()
        .filter(c -> !c.name().startsWith(ChangeColumns.PREFIX))
        .toList();
  }

  private static TableSpec spec(List<Column> columns, Map<String, String> properties) {
    return new TableSpec(
        Evolution.schema(columns), List.of(), List.of(), FORMAT_WITH_VECTORS, properties);
  }

  private TableState created(TableName name, String of, Load load) {
    TableSpec spec = spec(columns(inputs(load)), Map.of("comment", "a copy of " + of, OF, of));
    try {
      return tables.create(name, spec);
    } catch (TarnException e) {
      if (e.code() == ErrorCode.ALREADY_EXISTS) {
        return tables.load(name).orElseThrow(() -> e);
      }
      throw e;
    }
  }

  /** How many rows the load had; -1 if another writer was faster. */
  private long seed(TableState state, Load load) {
    List<RawInput> inputs = inputs(load);
    List<Column> columns = columns(inputs);
    TableSpec spec = spec(columns, Map.of());
    boolean anew = state.properties().containsKey(LOAD);
    TableState shaped = anew ? tables.reshaped(state, spec) : state;
    LoadResult result =
        engine.load(
            new LoadJob(
                shaped,
                inputs,
                List.of(),
                columns,
                List.of(),
                List.of(),
                List.of(),
                other -> {
                  throw new IllegalStateException("a copy looks into no other table");
                },
                new WriteMode.Append(),
                filter ->
                    new Scan(state.name(), OptionalLong.empty(), shaped.schema(), List.of(), 0),
                () -> {
                  throw new TarnException(
                      ErrorCode.DATA_INVALID,
                      "rows of " + load.loaded().table() + " do not fit their own columns");
                },
                timeout));
    CommitOutcome outcome =
        tables.commit(
            List.of(
                new TableChange(
                    state,
                    anew
                        ? new DataChange.Rebuild(spec, result.change().files())
                        : new DataChange.ReplaceAll(result.change().files()),
                    Map.of(
                        TableState.LEDGER_SEQ,
                        Long.toString(load.loaded().after()),
                        LOAD,
                        Long.toString(load.seq()),
                        SHAPE,
                        RawTables.shape(inputs.get(0).file()),
                        TableState.KEY,
                        TableState.keyText(load.loaded().key())),
                    "load",
                    Map.of("tarn.read", Long.toString(result.read())))));
    return outcome instanceof CommitOutcome.Committed ? result.read() : -1;
  }

  // ---- changes ----

  /**
   * The changes that come next: those after one batch up to another, by table.
   *
   * @param after the copies that are the furthest behind have these
   * @param upTo the same if there are no more
   */
  private record Portion(long after, long upTo, Map<String, List<RawInput>> changes) {

    /**
     * @param last batches after it wait: a table may have been loaded anew among them, and what
     *     follows is for its new copy
     */
    static Portion next(Ledger ledger, SourceName source, List<Copy> copies, long last) {
      long after = copies.stream().mapToLong(Copy::upTo).min().orElse(0);
      Map<String, List<RawInput>> changes = new HashMap<>();
      long upTo = after;
      long bytes = 0;
      int files = 0;
      while (!copies.isEmpty()) {
        List<Batch> page = ledger.batches(Set.of(source), upTo, PAGE);
        for (Batch batch : page) {
          if (bytes >= MOST_BYTES || files >= MOST_FILES || batch.seq() > last) {
            return new Portion(after, upTo, changes);
          }
          for (RawFile file : ledger.files(batch.seq(), RawFile.Role.CHANGES)) {
            changes
                .computeIfAbsent(file.folder(), t -> new ArrayList<>())
                .add(
                    new RawInput(
                        batch.seq(), file, new RawFormat.Parquet(), Compression.NONE, Map.of()));
            bytes += file.bytes();
            files++;
          }
          upTo = batch.seq();
        }
        if (page.size() < PAGE) {
          break;
        }
      }
      return new Portion(after, upTo, changes);
    }

    /** What is new for a copy. */
    List<RawInput> of(Copy copy) {
      return changes.getOrDefault(copy.table(), List.of()).stream()
          .filter(c -> c.ledgerSeq() > copy.upTo())
          .toList();
    }
  }

  /** One commit, or none if no copy has changes; empty if another writer was faster. */
  private Optional<List<Applied>> apply(List<Copy> copies, Portion portion) {
    List<TableChange> changes = new ArrayList<>();
    List<Applied> applied = new ArrayList<>();
    for (Copy copy : copies) {
      List<RawInput> inputs = portion.of(copy);
      if (!inputs.isEmpty()) {
        TableState state = evolved(copy.state(), inputs);
        ApplyJob.Result result = engine.apply(job(state, copy, inputs));
        changes.add(change(state, result, portion.upTo(), inputs));
        applied.add(new Applied(state.name(), result.read(), result.upserted(), result.deleted()));
      } else if (portion.upTo() - copy.state().ledgerSeq() >= IDLE_BATCHES) {
        changes.add(idle(copy.state(), portion.upTo()));
      }
    }
    if (changes.isEmpty()) {
      return Optional.of(applied);
    }
    CommitOutcome outcome = tables.commit(changes);
    if (outcome instanceof CommitOutcome.Conflict conflict) {
      LOG.info("changes are applied again: {}", conflict.why());
      return Optional.empty();
    }
    return Optional.of(applied);
  }

  private ApplyJob job(TableState state, Copy copy, List<RawInput> inputs) {
    return new ApplyJob(
        state,
        inputs,
        copy.load().loaded().key(),
        copy.load().loaded().moment(),
        copy.load().loaded().settled(),
        filter -> tables.scan(state.name(), at(state), filter),
        true,
        timeout);
  }

  private static At at(TableState state) {
    return state.snapshotId().isPresent()
        ? new At.Snapshot(state.snapshotId().getAsLong())
        : new At.Now();
  }

  /** The state with the columns of files of another shape. */
  private TableState evolved(TableState state, List<RawInput> inputs) {
    List<RawInput> others =
        inputs.stream()
            .filter(i -> !RawTables.shape(i.file()).equals(state.properties().get(SHAPE)))
            .toList();
    if (others.isEmpty()) {
      return state;
    }
    List<Column> columns = columns(others);
    SchemaChange change = Evolution.between(state.schema(), columns);
    TableState evolved = change.isEmpty() ? state : tables.evolve(state, change);
    for (Column column : columns) {
      Type type = evolved.schema().findType(column.name());
      if (!column.type().equals(type)
          && !(type.isPrimitiveType()
              && TypeUtil.isPromotionAllowed(column.type(), type.asPrimitiveType()))) {
        throw new TarnException(
            ErrorCode.DATA_INVALID,
            state.name()
                + "."
                + column.name()
                + " is "
                + column.type()
                + " in its source now, and "
                + type
                + " here: it waits until its table has been loaded anew");
      }
    }
    return evolved;
  }

  private static TableChange change(
      TableState state, ApplyJob.Result result, long upTo, List<RawInput> inputs) {
    return new TableChange(
        state,
        result.change(),
        Map.of(
            TableState.LEDGER_SEQ,
            Long.toString(upTo),
            SHAPE,
            RawTables.shape(inputs.get(inputs.size() - 1).file())),
        "changes",
        Map.of(
            "tarn.read", Long.toString(result.read()),
            "tarn.upserted", Long.toString(result.upserted()),
            "tarn.deleted", Long.toString(result.deleted())));
  }

  private static TableChange idle(TableState state, long upTo) {
    return new TableChange(
        state,
        new DataChange.None(),
        Map.of(TableState.LEDGER_SEQ, Long.toString(upTo)),
        "changes",
        Map.of());
  }
}
