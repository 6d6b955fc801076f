package tarn.server;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;
import tarn.core.change.Change;
import tarn.core.change.ChangeSink;
import tarn.core.change.ChangeSource;
import tarn.core.change.ChangeStream;
import tarn.core.change.LoadView;
import tarn.core.change.Lsn;
import tarn.core.change.Moment;
import tarn.core.change.SourceTable;
import tarn.core.change.SourceTable.SourceColumn;
import tarn.core.change.Transaction;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.source.FollowedHere;

/**
 * A database in memory that behaves like PostgreSQL as far as somebody who loads and follows it can
 * tell. It works whenever it is asked something: transactions begin, change rows under locks,
 * commit or roll back, some of them visible only later than their place in the log; tables are
 * truncated, altered, dropped and made again. What it does is drawn from one seed.
 *
 * <p>A slot begins when the transactions before it have ended; changes of a transaction that is
 * older than the publication of its table are not kept; what was acknowledged may be forgotten;
 * large values that stay are not sent; a view keeps others from altering and truncating. Filters of
 * rows are altered when the source is prepared, and by others; transactions that were open then are
 * told by the old one or the new one; what enters a filter by its key comes without large values. A
 * standby takes its place, with all that happened or without the last of it. One thread at a time
 * uses it, but for {@code copy}.
 */
final class SimulatedDatabase implements ChangeSource {
  private static final int KEYS = 14;
  private static final int LARGE = 40;
  private static final int LARGE_ROWS = 3;
  private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");

  private final Random random;
  private final Map<String, Table> tables = new TreeMap<>();
  private final List<Running> running = new ArrayList<>();
  private final List<Logged> logged = new ArrayList<>();
  private final Map<Integer, Published> published = new HashMap<>();
  private final List<Lsn> confirmed = new ArrayList<>();
  private final boolean[] seenDone = new boolean[Done.values().length];
  private long log = 1_000;
  private long nextId;
  private int nextOid = 1;
  private int versions;
  private int entries;
  private int declared;
  private int work;
  private int views;
  private int timeline = 1;
  private final Map<Integer, Lsn> ends = new HashMap<>();
  private @Nullable Standby standby;
  private int oneInCuts;
  private boolean quiet;

  SimulatedDatabase(Random random, int work) {
    this.random = random;
    this.work = work;
    long turn = 1L << 32;
    this.nextId = List.of(700L, turn - 20, 3 * turn - 9, 3 * turn + 7).get(random.nextInt(4));
    for (String name : List.of("a", "b", "c")) {
      create(name);
    }
    for (int i = 0; i < 30; i++) {
      step();
    }
  }

  /** What has happened at least once in a world. */
  enum Done {
    TRUNCATED,
    KEYS_SWAPPED,
    ALTERED,
    CUT,
    LATE_VISIBLE,
    UNSENT,
    LOADED_IN_RANGES,
    FILTER_CHANGED,
    TAKEN_OUT,
    FAILED_OVER
  }

  boolean has(Done what) {
    return seenDone[what.ordinal()];
  }

  // ---- its tables ----

  /**
   * Which rows of a table are told, and loaded.
   *
   * @param version another one for each alteration
   * @param kind 0 for all
   */
  private record Filter(int version, int kind) {
    boolean takes(List<@Nullable String> row) {
      return kind == 0 || Math.floorMod(Integer.parseInt(String.valueOf(row.get(0))) + kind, 3) > 0;
    }

    String part() {
      return kind == 0 ? "" : "rows " + kind + " as of " + version;
    }
  }

  private static final class Table {
    private final int oid;
    private final boolean full;
    private Filter filter = new Filter(0, 0);
    private Filter earlier = filter;
    private long since;
    private SourceTable shape;
    private Map<String, List<@Nullable String>> rows = new TreeMap<>();
    private final Map<String, Running> locks = new HashMap<>();
    private @Nullable Running owner;

    Table(int oid, boolean full, SourceTable shape) {
      this.oid = oid;
      this.full = full;
      this.shape = shape;
    }

    /** As the source tells it. */
    Table copy() {
      Table copy = new Table(oid, full, shape);
      copy.filter = filter;
      copy.earlier = earlier;
      copy.since = since;
      copy.rows = new TreeMap<>(rows);
      return copy;
    }

    /** As the source tells it while it is published so; 0 while it is not. */
    static SourceTable with(SourceTable shape, Filter filter, int entry) {
      return new SourceTable(
          shape.id(), entry, shape.schema(), shape.name(), shape.columns(), "", filter.part());
    }

    void rename(String name) {
      shape = new SourceTable(oid, shape.schema(), name, shape.columns());
    }

    List<List<@Nullable String>> copied() {
      return rows.values().stream().filter(filter::takes).toList();
    }

    int column(String name) {
      for (int i = 0; i < shape.columns().size(); i++) {
        if (shape.columns().get(i).name().equals(name)) {
          return i;
        }
      }
      return -1;
    }

    String key(List<@Nullable String> row) {
      return shape.key().stream()
          .map(k -> String.valueOf(row.get(column(k))))
          .collect(Collectors.joining("|"));
    }

    boolean isFreeFor(@Nullable Running transaction) {
      return owner == null || owner == transaction;
    }

    boolean isUnused() {
      return owner == null && locks.isEmpty();
    }
  }

  private void create(String name) {
    List<SourceColumn> columns =
        List.of(
            new SourceColumn("id", "bigint", Types.LongType.get(), true),
            new SourceColumn("m", "integer", Types.IntegerType.get(), false),
            new SourceColumn("n", "integer", Types.IntegerType.get(), false),
            new SourceColumn("big", "text", Types.StringType.get(), false));
    int oid = nextOid++;
    tables.put(
        name,
        new Table(oid, random.nextInt(4) == 0, new SourceTable(oid, "public", name, columns)));
  }

  /**
   * The rows of each table that are copied, each as its values' texts in the table's order; of what
   * is visible.
   */
  Map<String, List<List<@Nullable String>>> rows() {
    Map<String, List<List<@Nullable String>>> all = new TreeMap<>();
    tables.forEach((name, table) -> all.put(name, table.copied()));
    return all;
  }

  synchronized List<SourceTable> shapes() {
    return tables.values().stream().map(this::told).toList();
  }

  SourceTable shape(String table) {
    return told(Objects.requireNonNull(tables.get(table)));
  }

  private SourceTable told(Table table) {
    return Table.with(table.shape, table.filter, entry(table.oid));
  }

  private int entry(int oid) {
    Published now = published.get(oid);
    return now == null ? 0 : now.entry;
  }

  /**
   * That a table's changes are handed over.
   *
   * @param since the first transaction whose are
   * @param entry another one each time
   */
  private record Published(long since, int entry) {}

  private void publish(int oid) {
    published.putIfAbsent(oid, new Published(nextId, ++entries));
  }

  /** Somebody takes a table out, and mostly puts it back. */
  private void otherPublished() {
    List<Integer> there = List.copyOf(published.keySet());
    if (there.isEmpty()) {
      return;
    }
    seenDone[Done.TAKEN_OUT.ordinal()] = true;
    int oid = there.get(random.nextInt(there.size()));
    published.remove(oid);
    for (int i = random.nextInt(10); i > 0; i--) {
      step();
    }
    if (random.nextInt(4) > 0 && tables.values().stream().anyMatch(t -> t.oid == oid)) {
      publish(oid);
    }
  }

  /** From now on the tables are prepared with this filter; 0 for none. */
  synchronized void declare(int kind) {
    declared = kind;
  }

  private void filter(Table table, int kind) {
    seenDone[Done.FILTER_CHANGED.ordinal()] |= published.containsKey(table.oid);
    table.earlier = table.filter;
    table.filter = new Filter(++versions, kind);
    table.since = nextId;
  }

  /** Nobody takes a filter away, or adds one, behind the lake's back: that is refused elsewhere. */
  private void otherFilter() {
    List<Table> filtered = tables.values().stream().filter(t -> t.filter.kind > 0).toList();
    if (!filtered.isEmpty()) {
      filter(filtered.get(random.nextInt(filtered.size())), 1 + random.nextInt(3));
    }
  }

  // ---- another server ----

  /** What a standby has. */
  private record Standby(
      Lsn log,
      long nextId,
      Map<String, Table> tables,
      Map<Integer, Published> published,
      Lsn confirmed) {}

  /** All that has committed can be seen, and the slot is kept up with. */
  private void save() {
    Map<String, Table> copies = new TreeMap<>();
    tables.forEach((name, table) -> copies.put(name, table.copy()));
    standby = new Standby(new Lsn(log), nextId, copies, Map.copyOf(published), last());
  }

  /** Whoever is connected finds out. */
  private void failOver(Standby to) {
    seenDone[Done.FAILED_OVER.ordinal()] = true;
    standby = null;
    ends.put(timeline++, to.log);
    running.clear();
    tables.clear();
    tables.putAll(to.tables);
    published.clear();
    published.putAll(to.published);
    confirmed.clear();
    confirmed.add(to.confirmed);
    logged.removeIf(l -> l.end().compareTo(to.log) > 0);
    log = to.log.value() + 1;
    nextId = to.nextId;
  }

  private void isSame(int since) {
    if (since != timeline) {
      throw new TarnException(ErrorCode.SOURCE_UNAVAILABLE, "the server is another one now");
    }
  }

  // ---- transactions ----

  /** A change before it is known whether its transaction commits. */
  private record Told(
      Table table,
      Change change,
      @Nullable List<@Nullable String> row,
      @Nullable List<@Nullable String> before) {

    /** What becomes of it by a filter; null if nothing is told. */
    @Nullable Change by(Filter filter) {
      boolean entered = row != null && filter.takes(row);
      boolean was = before != null && filter.takes(before);
      return switch (change.op()) {
        case TRUNCATE -> change;
        case INSERT -> entered ? change : null;
        case DELETE -> was ? change : null;
        case UPDATE ->
            entered && was
                ? change
                : entered
                    ? new Change(change.table(), Change.Op.INSERT, change.after(), null)
                    : was
                        ? new Change(change.table(), Change.Op.DELETE, null, change.before())
                        : null;
      };
    }
  }

  /** A change in the log, as the filter of a version lets it, published so. */
  private record Sent(int oid, int version, int entry, Change change) {}

  private static final class Running {
    private final long id;
    private final List<Told> changes = new ArrayList<>();
    private final Map<Table, Map<String, Optional<List<@Nullable String>>>> overlay =
        new HashMap<>();
    private final Set<Table> truncated = new HashSet<>();
    private boolean committed;

    Running(long id) {
      this.id = id;
    }
  }

  /** What was looked up. */
  private record Announced(Filter filter, int entry) {}

  private record Logged(Transaction transaction, Lsn end, List<Sent> changes) {}

  /** Some of what others do meanwhile. */
  private synchronized void others() {
    for (int i = random.nextInt(4); i > 0 && work > 0; i--) {
      work--;
      step();
    }
    if (work == 0 && !running.isEmpty()) {
      end(running.get(0));
    }
  }

  /** So often is a connection cut; 0 for never. */
  synchronized void cutOneIn(int answers) {
    oneInCuts = answers;
  }

  private void step() {
    log += random.nextInt(50);
    switch (random.nextInt(20)) {
      case 3 -> {
        if (oneInCuts > 0 && random.nextInt(4) == 0) {
          otherFilter();
        } else if (oneInCuts > 0 && standby != null && random.nextInt(3) == 0) {
          failOver(standby);
        } else if (!confirmed.isEmpty() && running.stream().noneMatch(r -> r.committed)) {
          save();
        }
      }
      case 0 -> {
        if (views == 0) {
          alter();
        }
      }
      case 1, 2 -> running.add(new Running(nextId++));
      case 7 -> {
        if (oneInCuts > 0 && random.nextBoolean()) {
          otherPublished();
        }
      }
      case 4, 5, 6 -> {
        if (!running.isEmpty()) {
          end(running.get(random.nextInt(running.size())));
        }
      }
      default -> {
        List<Running> open = running.stream().filter(r -> !r.committed).toList();
        if (open.isEmpty()) {
          running.add(new Running(nextId++));
        } else {
          change(open.get(random.nextInt(open.size())));
        }
      }
    }
  }

  private void end(Running transaction) {
    if (!transaction.committed && random.nextInt(6) == 0) {
      log++;
      release(transaction);
      return;
    }
    if (!transaction.committed) {
      commit(transaction);
      if (random.nextInt(4) == 0) {
        seenDone[Done.LATE_VISIBLE.ordinal()] = true;
        return;
      }
    }
    transaction.truncated.forEach(table -> table.rows = new TreeMap<>());
    transaction.overlay.forEach(
        (table, rows) ->
            rows.forEach(
                (key, row) ->
                    row.ifPresentOrElse(
                        values -> table.rows.put(key, values), () -> table.rows.remove(key))));
    release(transaction);
  }

  private void commit(Running transaction) {
    transaction.committed = true;
    Lsn commit = new Lsn(log);
    log += 10 + random.nextInt(30);
    List<Sent> kept = new ArrayList<>();
    for (Told told : transaction.changes) {
      Table table = told.table();
      Published known = published.get(table.oid);
      if (known != null && known.since <= transaction.id && tables.containsValue(table)) {
        boolean isNew = transaction.id >= table.since || random.nextBoolean();
        Filter filter = isNew ? table.filter : table.earlier;
        Change change = told.by(filter);
        if (change != null) {
          kept.add(new Sent(table.oid, filter.version, known.entry, change));
        }
      }
    }
    logged.add(
        new Logged(
            new Transaction(
                transaction.id & 0xFFFF_FFFFL, commit, NOON.plusSeconds(random.nextInt(100))),
            new Lsn(log),
            kept));
  }

  private void release(Running transaction) {
    running.remove(transaction);
    for (Table table : tables.values()) {
      table.locks.values().removeIf(owner -> owner == transaction);
      if (table.owner == transaction) {
        table.owner = null;
      }
    }
  }

  private @Nullable List<@Nullable String> row(Running by, Table table, String key) {
    Optional<List<@Nullable String>> own = by.overlay.getOrDefault(table, Map.of()).get(key);
    if (own != null) {
      return own.orElse(null);
    }
    return by.truncated.contains(table) ? null : table.rows.get(key);
  }

  private boolean lock(Running by, Table table, String key) {
    return table.locks.computeIfAbsent(key, k -> by) == by;
  }

  private void change(Running by) {
    List<Table> all = List.copyOf(tables.values());
    Table table = all.get(random.nextInt(all.size()));
    if (!table.isFreeFor(by)) {
      return;
    }
    switch (random.nextInt(12)) {
      case 0 -> truncate(by, table);
      case 1 -> swap(by, table);
      case 2, 3 -> move(by, table, drawn(table), drawn(table));
      case 4, 5 -> remove(by, table, drawn(table));
      case 6, 7, 8 -> {
        String id = drawn(table);
        update(by, table, id);
      }
      default -> insert(by, table);
    }
  }

  /** A key, of a row that is there or not. */
  private String drawn(Table table) {
    List<String> there = List.copyOf(table.rows.keySet());
    return there.isEmpty() || random.nextInt(3) == 0
        ? table.key(fresh(table))
        : there.get(random.nextInt(there.size()));
  }

  private List<@Nullable String> fresh(Table table) {
    List<@Nullable String> row = new ArrayList<>();
    for (SourceColumn column : table.shape.columns()) {
      row.add(value(column.name()));
    }
    return row;
  }

  private @Nullable String value(String column) {
    if (column.equals("id")) {
      return Integer.toString(random.nextInt(KEYS) - 3);
    } else if (column.equals("m")) {
      return Integer.toString(random.nextInt(3));
    } else if (column.startsWith("big")) {
      int kind = random.nextInt(5);
      String text = "\"é,\n" + random.nextInt(1_000);
      return kind == 0 ? null : kind == 1 ? "" : kind == 2 ? text : text.repeat(LARGE);
    }
    return random.nextInt(4) == 0 ? null : Integer.toString(random.nextInt(1_000));
  }

  private void insert(Running by, Table table) {
    List<@Nullable String> row = fresh(table);
    String key = table.key(row);
    if (row(by, table, key) == null && lock(by, table, key) && row(by, table, key) == null) {
      by.overlay.computeIfAbsent(table, t -> new HashMap<>()).put(key, Optional.of(row));
      told(by, table, Change.Op.INSERT, row, null, Set.of());
    }
  }

  private void update(Running by, Table table, String key) {
    List<@Nullable String> before = row(by, table, key);
    if (before == null || !lock(by, table, key)) {
      return;
    }
    List<@Nullable String> row = new ArrayList<>(before);
    Set<Integer> set = new HashSet<>();
    for (int i = 0; i < row.size(); i++) {
      SourceColumn column = table.shape.columns().get(i);
      if (!column.key() && random.nextInt(3) == 0) {
        row.set(i, value(column.name()));
        set.add(i);
      }
    }
    by.overlay.computeIfAbsent(table, t -> new HashMap<>()).put(key, Optional.of(row));
    told(by, table, Change.Op.UPDATE, row, before, set);
  }

  /** A row gets the key of none. */
  private boolean move(Running by, Table table, String from, String to) {
    List<@Nullable String> before = row(by, table, from);
    if (before == null
        || row(by, table, to) != null
        || from.equals(to)
        || !lock(by, table, from)
        || !lock(by, table, to)
        || row(by, table, to) != null) {
      return false;
    }
    List<@Nullable String> row = new ArrayList<>(before);
    String[] parts = to.split("\\|", -1);
    Set<Integer> set = new HashSet<>();
    for (int i = 0; i < parts.length; i++) {
      int column = table.column(table.shape.key().get(i));
      row.set(column, parts[i]);
      set.add(column);
    }
    Map<String, Optional<List<@Nullable String>>> own =
        by.overlay.computeIfAbsent(table, t -> new HashMap<>());
    own.put(from, Optional.empty());
    own.put(to, Optional.of(row));
    told(by, table, Change.Op.UPDATE, row, before, set);
    return true;
  }

  private void swap(Running by, Table table) {
    String one = drawn(table);
    String other = drawn(table);
    String between = "999" + "|7".repeat(table.shape.key().size() - 1);
    if (!one.equals(other)
        && row(by, table, one) != null
        && row(by, table, other) != null
        && lock(by, table, one)
        && lock(by, table, other)
        && move(by, table, one, between)) {
      boolean swapped = move(by, table, other, one) && move(by, table, between, other);
      if (!swapped) {
        throw new AssertionError("keys that are locked can be moved");
      }
      seenDone[Done.KEYS_SWAPPED.ordinal()] = true;
    }
  }

  private void remove(Running by, Table table, String key) {
    List<@Nullable String> before = row(by, table, key);
    if (before != null && lock(by, table, key)) {
      by.overlay.computeIfAbsent(table, t -> new HashMap<>()).put(key, Optional.empty());
      told(by, table, Change.Op.DELETE, null, before, Set.of());
    }
  }

  private void truncate(Running by, Table table) {
    if (views > 0 || table.locks.values().stream().anyMatch(owner -> owner != by)) {
      return;
    }
    table.owner = by;
    by.truncated.add(table);
    by.overlay.remove(table);
    by.changes.add(
        new Told(table, new Change(table.shape, Change.Op.TRUNCATE, null, null), null, null));
    seenDone[Done.TRUNCATED.ordinal()] = true;
  }

  /** As pgoutput tells it. */
  private void told(
      Running by,
      Table table,
      Change.Op op,
      @Nullable List<@Nullable String> row,
      @Nullable List<@Nullable String> before,
      Set<Integer> set) {
    byte @Nullable [] @Nullable [] after = null;
    if (row != null) {
      after = new byte[row.size()] @Nullable [];
      for (int i = 0; i < after.length; i++) {
        String value = row.get(i);
        boolean unsent =
            op == Change.Op.UPDATE
                && !table.full
                && !set.contains(i)
                && value != null
                && value.length() > LARGE;
        seenDone[Done.UNSENT.ordinal()] |= unsent;
        after[i] = unsent ? Change.UNCHANGED : bytes(value);
      }
    }
    boolean moved = row != null && before != null && !table.key(row).equals(table.key(before));
    byte @Nullable [] @Nullable [] old = null;
    if (before != null && (table.full || moved || op == Change.Op.DELETE)) {
      old = new byte[before.size()] @Nullable [];
      for (int i = 0; i < old.length; i++) {
        boolean said = table.full || table.shape.columns().get(i).key();
        old[i] = said ? bytes(before.get(i)) : null;
      }
    }
    by.changes.add(new Told(table, new Change(table.shape, op, after, old), row, before));
  }

  private static byte @Nullable [] bytes(@Nullable String value) {
    return value == null ? null : value.getBytes(StandardCharsets.UTF_8);
  }

  // ---- other tables ----

  private void alter() {
    List<String> names = List.copyOf(tables.keySet());
    String name = names.get(random.nextInt(names.size()));
    Table table = Objects.requireNonNull(tables.get(name));
    if (!table.isUnused()) {
      return;
    }
    seenDone[Done.ALTERED.ordinal()] = true;
    List<SourceColumn> columns = new ArrayList<>(table.shape.columns());
    switch (random.nextInt(7)) {
      case 0 -> {
        columns.add(new SourceColumn("n" + nextOid++, "integer", Types.IntegerType.get(), false));
        reshape(table, columns, row -> row.add(null));
      }
      case 1 -> {
        int column = columns.size() - 1;
        SourceColumn old = columns.get(column);
        String other = (old.name().startsWith("big") ? "big" : "n") + "_" + nextOid++;
        columns.set(column, new SourceColumn(other, old.sourceType(), old.type(), false));
        reshape(table, columns, row -> {});
      }
      case 2 -> {
        int column = columns.size() - 1;
        if (columns.size() > 4) {
          columns.remove(column);
          reshape(table, columns, row -> row.remove(column));
        }
      }
      case 3 -> {
        int column = 1 + random.nextInt(2);
        SourceColumn old = columns.get(column);
        Type type = random.nextInt(3) == 0 ? Types.StringType.get() : Types.LongType.get();
        if (!old.type().equals(Types.StringType.get())) {
          columns.set(column, new SourceColumn(old.name(), type.toString(), type, old.key()));
          reshape(table, columns, row -> {});
        }
      }
      case 4 -> rekey(table, columns);
      case 5 -> {
        String other = names.get(random.nextInt(names.size()));
        if (Objects.requireNonNull(tables.get(other)).isUnused()) {
          swap(name, other);
        }
      }
      default -> {
        tables.remove(name);
        published.remove(table.oid);
        create(name);
      }
    }
  }

  private void swap(String one, String two) {
    Table first = Objects.requireNonNull(tables.get(one));
    Table second = Objects.requireNonNull(tables.get(two));
    first.rename(two);
    second.rename(one);
    tables.put(two, first);
    tables.put(one, second);
  }

  /** The key is one column or two. */
  private void rekey(Table table, List<SourceColumn> columns) {
    SourceColumn old = columns.get(1);
    long ids = table.rows.values().stream().map(row -> row.get(0)).distinct().count();
    if (!old.key() || ids == table.rows.size()) {
      columns.set(1, new SourceColumn(old.name(), old.sourceType(), old.type(), !old.key()));
      reshape(table, columns, row -> {});
    }
  }

  private static void reshape(
      Table table,
      List<SourceColumn> columns,
      java.util.function.Consumer<List<@Nullable String>> each) {
    table.shape = new SourceTable(table.oid, table.shape.schema(), table.shape.name(), columns);
    Map<String, List<@Nullable String>> rows = new TreeMap<>();
    for (List<@Nullable String> old : table.rows.values()) {
      List<@Nullable String> row = new ArrayList<>(old);
      each.accept(row);
      rows.put(table.key(row), row);
    }
    table.rows = rows;
  }

  // ---- the port ----

  private void cut(String what) {
    if (oneInCuts > 0 && random.nextInt(oneInCuts) == 0) {
      seenDone[Done.CUT.ordinal()] = true;
      throw new TarnException(ErrorCode.SOURCE_UNAVAILABLE, what + " was cut on purpose");
    }
  }

  @Override
  public synchronized List<SourceTable> tables() {
    others();
    List<SourceTable> now = shapes();
    others();
    return now;
  }

  @Override
  public synchronized State state() {
    return new State("18.0", "simulated", timeline, new Lsn(log), slot());
  }

  @Override
  public synchronized Lsn endOf(int wanted) {
    others();
    return ends.getOrDefault(wanted, Lsn.ZERO);
  }

  private Optional<Slot> slot() {
    return confirmed.isEmpty()
        ? Optional.empty()
        : Optional.of(new Slot("slot", last(), false, true, 0));
  }

  private Lsn last() {
    return confirmed.get(confirmed.size() - 1);
  }

  @Override
  public List<Check> check(boolean followed) {
    return List.of();
  }

  @Override
  public synchronized boolean prepare(List<SourceTable> wanted) {
    others();
    cut("preparing");
    Set<Integer> oids = new HashSet<>();
    for (SourceTable table : wanted) {
      Table there = tables.get(table.name());
      if (there == null) {
        throw new TarnException(ErrorCode.SOURCE_REFUSED, "there is no table " + table.fullName());
      }
      oids.add(there.oid);
    }
    published.keySet().retainAll(oids);
    for (Table table : tables.values()) {
      if (oids.contains(table.oid) && table.filter.kind != declared) {
        filter(table, declared);
      }
    }
    oids.forEach(this::publish);
    others();
    if (!confirmed.isEmpty()) {
      return false;
    }
    allOpenEnd();
    confirmed.add(new Lsn(log));
    others();
    return true;
  }

  private void allOpenEnd() {
    List<Running> before = List.copyOf(running);
    while (before.stream().anyMatch(running::contains)) {
      before.stream().filter(running::contains).findFirst().ifPresent(this::end);
      others();
    }
  }

  @Override
  public synchronized Set<String> published() {
    others();
    return tables.values().stream()
        .filter(t -> published.containsKey(t.oid))
        .map(t -> t.shape.fullName())
        .collect(Collectors.toSet());
  }

  @Override
  public synchronized void awaitOpenTransactions() {
    allOpenEnd();
    others();
  }

  @Override
  public synchronized LoadView view() {
    others();
    cut("opening a view");
    int since = timeline;
    views++;
    Map<String, Filter> filters = new TreeMap<>();
    tables.forEach((name, table) -> filters.put(name, table.filter));
    others();
    long first = running.stream().mapToLong(r -> r.id).min().orElse(nextId);
    String open =
        running.stream().map(r -> Long.toString(r.id)).sorted().collect(Collectors.joining(","));
    String snapshot = first + ":" + nextId + ":" + open;
    Map<String, Integer> sizes = new TreeMap<>();
    Map<String, List<List<@Nullable String>>> seen = new TreeMap<>();
    Map<String, SourceTable> shapes = new TreeMap<>();
    tables.forEach(
        (name, table) -> {
          Filter filter = filters.getOrDefault(name, table.filter);
          sizes.put(name, table.rows.size());
          seen.put(name, table.rows.values().stream().filter(filter::takes).toList());
          shapes.put(name, table.shape);
        });
    others();
    if (since != timeline) {
      views--;
    }
    isSame(since);
    return new View(new Moment(snapshot, new Lsn(log)), sizes, seen, shapes);
  }

  private final class View implements LoadView {
    private final Moment moment;
    private final Map<String, Integer> sizes;
    private final Map<String, List<List<@Nullable String>>> rows;
    private final Map<String, SourceTable> shapes;
    private final int since = timeline;
    private final Map<String, List<List<@Nullable String>>> ranges = new ConcurrentHashMap<>();

    View(
        Moment moment,
        Map<String, Integer> sizes,
        Map<String, List<List<@Nullable String>>> rows,
        Map<String, SourceTable> shapes) {
      this.moment = moment;
      this.sizes = sizes;
      this.rows = rows;
      this.shapes = shapes;
    }

    @Override
    public Moment moment() {
      return moment;
    }

    @Override
    public long estimatedRows(SourceTable table) {
      return sizes.getOrDefault(table.name(), 0);
    }

    @Override
    public long estimatedBytes(SourceTable table) {
      return estimatedRows(table) * FollowedHere.SPLIT / 3;
    }

    @Override
    public boolean hasRanges(SourceTable table) {
      synchronized (SimulatedDatabase.this) {
        return random.nextInt(4) > 0;
      }
    }

    @Override
    public Range range(SourceTable table, List<String> after, long most) {
      List<List<@Nullable String>> all =
          new ArrayList<>(rows.getOrDefault(table.name(), List.of()));
      SourceTable shape = shapes.get(table.name());
      List<Integer> key = table.key().stream().map(name -> column(shape, name)).toList();
      Function<List<@Nullable String>, String> texts =
          row -> key.stream().map(i -> row.get(i)).collect(Collectors.joining("|"));
      all.sort(Comparator.comparing(texts));
      String from = String.join("|", after);
      List<List<@Nullable String>> higher =
          all.stream()
              .filter(row -> after.isEmpty() || texts.apply(row).compareTo(from) > 0)
              .toList();
      List<List<@Nullable String>> some = higher.subList(0, (int) Math.min(most, higher.size()));
      synchronized (SimulatedDatabase.this) {
        others();
        isSame(since);
        seenDone[Done.LOADED_IN_RANGES.ordinal()] |= some.size() < higher.size();
        String name = "range " + ranges.size();
        ranges.put(name, some);
        return new Range(
            new Part(name),
            some.size() == higher.size()
                ? List.of()
                : List.of(texts.apply(some.get(some.size() - 1)).split("\\|", -1)));
      }
    }

    @Override
    public List<Part> parts(SourceTable table, long bytes) {
      synchronized (SimulatedDatabase.this) {
        others();
        isSame(since);
        List<Part> parts = new ArrayList<>();
        int size = rows.getOrDefault(table.name(), List.of()).size();
        for (int from = 0; from == 0 || from < size; from += LARGE_ROWS) {
          parts.add(new Part(from + ""));
        }
        return random.nextBoolean() ? List.of(new Part("")) : parts;
      }
    }

    @Override
    public long copy(SourceTable table, Part part, OutputStream out) throws IOException {
      List<List<@Nullable String>> some = rows.getOrDefault(table.name(), List.of());
      SourceTable shape = shapes.get(table.name());
      synchronized (SimulatedDatabase.this) {
        others();
        isSame(since);
        cut("copying");
      }
      if (part.condition().startsWith("range")) {
        some = Objects.requireNonNull(ranges.get(part.condition()));
      } else if (!part.condition().isEmpty()) {
        int from = Integer.parseInt(part.condition());
        some = some.subList(from, Math.min(some.size(), from + LARGE_ROWS));
      }
      StringBuilder text = new StringBuilder();
      for (List<@Nullable String> row : some) {
        text.append(
            table.columns().stream()
                .map(c -> quoted(row.get(column(shape, c.name()))))
                .collect(Collectors.joining(",", "", "\n")));
      }
      out.write(text.toString().getBytes(StandardCharsets.UTF_8));
      return some.size();
    }

    private int column(@Nullable SourceTable shape, String name) {
      List<String> names =
          shape == null ? List.of() : shape.columns().stream().map(SourceColumn::name).toList();
      if (!names.contains(name)) {
        throw new TarnException(ErrorCode.SOURCE_REFUSED, "there is no column " + name);
      }
      return names.indexOf(name);
    }

    @Override
    public void close() {
      synchronized (SimulatedDatabase.this) {
        views--;
      }
    }
  }

  private static String quoted(@Nullable String value) {
    return value == null ? "" : '"' + value.replace("\"", "\"\"") + '"';
  }

  @Override
  public synchronized ChangeStream follow(Lsn after) {
    others();
    cut("following");
    while (confirmed.size() > 1 && random.nextInt(3) == 0) {
      confirmed.remove(confirmed.size() - 1); // what was acknowledged last is forgotten
    }
    return new Stream(after.compareTo(last()) > 0 ? after : last());
  }

  private final class Stream implements ChangeStream {
    private Lsn from;
    private Lsn through;
    private final int since = timeline;
    private final Map<Integer, Announced> announced = new HashMap<>();
    private @Nullable Logged open;
    private int told;

    Stream(Lsn from) {
      this.from = from;
      this.through = from;
    }

    @Override
    public boolean next(ChangeSink sink, Duration patience) {
      synchronized (SimulatedDatabase.this) {
        others();
        isSame(since);
        Logged now = open;
        if (now == null) {
          now = upcoming();
          if (now == null) {
            through = new Lsn(log);
            quiet = work == 0 && running.isEmpty();
            return false;
          }
          open = now;
          told = 0;
          sink.begin(now.transaction());
        }
        while (told < now.changes().size()) {
          cut("a transaction");
          sink.change(copy(now.changes().get(told++)));
          if (random.nextInt(6) == 0) {
            return true;
          }
        }
        sink.commit(now.end());
        from = now.end();
        through = now.end();
        open = null;
        return true;
      }
    }

    private @Nullable Logged upcoming() {
      return logged.stream()
          .filter(l -> l.transaction().commit().compareTo(from) >= 0 && !l.changes().isEmpty())
          .findFirst()
          .orElse(null);
    }

    /**
     * With the table as it is looked up when it is announced: before its first change, and after an
     * alteration of its filter or of what publishes it. Whoever gets the change may keep its
     * arrays.
     */
    private Change copy(Sent sent) {
      Announced known = announced.get(sent.oid());
      if (known == null || known.filter.version < sent.version() || known.entry < sent.entry()) {
        Filter filter =
            tables.values().stream()
                .filter(t -> t.oid == sent.oid())
                .map(t -> t.filter)
                .findFirst()
                .orElse(new Filter(sent.version(), 0));
        known = new Announced(filter, entry(sent.oid()));
        announced.put(sent.oid(), known);
      }
      Change change = sent.change();
      byte @Nullable [] @Nullable [] after = change.after();
      return new Change(
          Table.with(change.table(), known.filter, known.entry),
          change.op(),
          after == null ? null : Arrays.copyOf(after, after.length),
          change.before());
    }

    @Override
    public void acknowledge(Lsn upTo) {
      synchronized (SimulatedDatabase.this) {
        if (since == timeline && upTo.compareTo(last()) > 0) {
          confirmed.add(upTo);
        }
      }
    }

    @Override
    public Lsn readThrough() {
      return through;
    }

    @Override
    public void close() {}
  }

  /** Whether all that happened has been handed over, and nothing happens any more. */
  synchronized boolean isQuiet() {
    return quiet;
  }

  /** Something happens again. */
  synchronized void more(int steps) {
    work += steps;
    quiet = false;
  }

  @Override
  public void forget() {
    throw new AssertionError("nobody asks for that");
  }

  @Override
  public void close() {}
}
