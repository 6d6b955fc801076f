package tarn.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tarn.cdc.Copied;
import tarn.cdc.PostgresSettings;
import tarn.cdc.PostgresSource;
import tarn.core.change.Change;
import tarn.core.change.ChangeSink;
import tarn.core.change.ChangeSource;
import tarn.core.change.ChangeStream;
import tarn.core.change.LoadView;
import tarn.core.change.Lsn;
import tarn.core.change.Moment;
import tarn.core.change.SourceTable;
import tarn.core.change.Transaction;
import tarn.core.database.Database;
import tarn.core.ledger.Ledger;
import tarn.core.ledger.SourceName;
import tarn.core.ledger.SqlLedger;
import tarn.core.source.Copies;
import tarn.core.source.CopyName;
import tarn.core.source.FollowedHere;
import tarn.core.source.Follower;
import tarn.core.source.SourceOffset;
import tarn.core.storage.ObjectStore;
import tarn.core.table.TableName;
import tarn.core.table.TableStore;
import tarn.iceberg.IcebergTables;
import tarn.testkit.EngineWorld;
import tarn.testkit.SourcePostgres;

/**
 * A real database and its copies in a lake, followed step by step in the test's own thread: {@link
 * #follow} returns when all that is committed has been copied. Databases of one class share a lake.
 */
final class FollowedShop {
  private static final AtomicInteger NUMBERS = new AtomicInteger();
  private static final Duration TIMEOUT = Duration.ofMinutes(2);
  private static final String MARKER = "zz_marker";

  final SourcePostgres database = SourcePostgres.fresh();
  final Lake lake;
  final SourceName source;
  CopyName names;

  /** What the lake's side sees instead of the database. */
  UnaryOperator<ChangeSource> between = database -> database;

  /** Of changes that are not applied yet. */
  Duration freshness = Duration.ZERO;

  /** Patterns of tables to which rows are only added. */
  List<String> appendOnly = List.of();

  /** What of the tables is copied. */
  Copied copied = Copied.ALL;

  /** What happens once changes are being read, before {@link #land} ends. */
  Runnable meanwhile = () -> {};

  private int marks;
  private int unseen;

  FollowedShop(Lake lake, String... statements) {
    int number = NUMBERS.incrementAndGet();
    this.lake = lake;
    this.source = new SourceName("shop" + number);
    this.names = new CopyName("s" + number + "_");
    database.execute("CREATE TABLE " + MARKER + " (id int PRIMARY KEY)");
    database.execute(statements);
  }

  /** A lake that the tests of a class share; each part can be replaced by one that fails. */
  static final class Lake implements AutoCloseable {
    private final Closer closer = new Closer();
    final CrashingWorld.WarmEngine engine;
    final ObjectStore objects;
    final Ledger ledger;
    final IcebergTables tables;

    Lake(Path folder) {
      this(folder, WorldShape.onThisMachine(folder.resolve("lake")));
    }

    Lake(Path folder, WorldShape shape) {
      engine = closer.add(new CrashingWorld.WarmEngine(folder.resolve("engine")));
      objects = closer.add(shape.objects());
      Database store = closer.add(shape.database());
      ledger = new SqlLedger(store);
      tables = new IcebergTables(store, objects, Clock.systemUTC(), "owner", Duration.ofHours(1));
      engine.serve(objects, tables);
    }

    Follower.Parts parts() {
      return new Follower.Parts(ledger, objects, engine.engine(), Clock.systemUTC());
    }

    @Override
    public void close() {
      closer.close();
    }
  }

  PostgresSettings settings(String user, String password) {
    return new PostgresSettings(
        database.host(),
        database.port(),
        database.database(),
        user,
        PostgresSettings.Password.of(password),
        PostgresSettings.Tls.DISABLE,
        Optional.empty(),
        database.database(),
        "tarn",
        List.of("public.*"),
        appendOnly,
        copied);
  }

  ChangeSource open() {
    return new PostgresSource(settings(database.user(), database.password()));
  }

  // ---- hops ----

  /** Lands what is committed, and applies it. */
  FollowedShop follow() {
    land();
    return apply();
  }

  /** Lands what is committed. */
  FollowedShop land() {
    return land(lake.parts());
  }

  /** Lands what is committed. Tables that turn out to be others are loaded anew. */
  FollowedShop land(Follower.Parts parts) {
    Marked marked = new Marked();
    while (!marked.hasLanded()) {
      try (ChangeSource opened = between.apply(open())) {
        FollowedHere.catchUp(
            source, marked.of(opened), parts, names, freshness, marked::mark, marked::hasLanded);
      }
    }
    return this;
  }

  /** Applies what has landed. */
  FollowedShop apply() {
    apply(lake.tables);
    return this;
  }

  List<Copies.Applied> apply(TableStore tables) {
    return new Copies(lake.ledger, tables, lake.engine.engine(), TIMEOUT).catchUp(source, names);
  }

  Lsn landedUpTo() {
    String offset = lake.ledger.offset(source, Follower.CHANGES).value();
    return offset.isEmpty() ? Lsn.ZERO : SourceOffset.parse(offset).lsn();
  }

  /** Waits until another thread has landed what is committed now. */
  void awaitLanded() {
    Lsn end = Lsn.parse(database.value("SELECT pg_current_wal_insert_lsn()"));
    database.execute("INSERT INTO " + MARKER + " VALUES (" + --unseen + ")");
    long deadline = System.nanoTime() + TIMEOUT.toNanos();
    while (landedUpTo().compareTo(end) < 0) {
      assertThat(System.nanoTime()).as("it lands").isLessThan(deadline);
      LockSupport.parkNanos(10_000_000);
    }
  }

  /** Waits for a row that is written when changes begin to be read. */
  private final class Marked {
    private final String row = Integer.toString(++marks);
    private final AtomicReference<@Nullable Lsn> end = new AtomicReference<>();
    private boolean written;

    void mark() {
      if (!written) {
        written = true;
        meanwhile.run();
        database.execute("INSERT INTO " + MARKER + " VALUES (" + row + ")");
      }
    }

    boolean hasLanded() {
      Lsn wanted = end.get();
      return wanted != null && landedUpTo().compareTo(wanted) >= 0;
    }

    ChangeSource of(ChangeSource opened) {
      return new Wrapped(opened) {
        @Override
        public ChangeStream follow(Lsn after) {
          ChangeStream stream = super.follow(after);
          return new ChangeStream() {
            @Override
            public boolean next(ChangeSink sink, Duration patience) {
              return stream.next(new Watching(sink), Duration.ofMillis(10));
            }

            @Override
            public void acknowledge(Lsn upTo) {
              stream.acknowledge(upTo);
            }

            @Override
            public Lsn readThrough() {
              return stream.readThrough();
            }

            @Override
            public void close() {
              stream.close();
            }
          };
        }
      };
    }

    private final class Watching implements ChangeSink {
      private final ChangeSink sink;
      private boolean marked;

      Watching(ChangeSink sink) {
        this.sink = sink;
      }

      @Override
      public void begin(Transaction transaction) {
        sink.begin(transaction);
      }

      @Override
      public void change(Change change) {
        byte @Nullable [] @Nullable [] after = change.after();
        marked |=
            change.table().name().equals(MARKER)
                && after != null
                && row.equals(new String(after[0], java.nio.charset.StandardCharsets.UTF_8));
        sink.change(change);
      }

      @Override
      public void commit(Lsn to) {
        sink.commit(to);
        if (marked) {
          end.set(to);
        }
      }
    }
  }

  /** A database whose answers can be changed. */
  static class Wrapped implements ChangeSource {
    private final ChangeSource database;

    Wrapped(ChangeSource database) {
      this.database = database;
    }

    @Override
    public List<SourceTable> tables() {
      return database.tables();
    }

    @Override
    public State state() {
      return database.state();
    }

    @Override
    public Lsn endOf(int timeline) {
      return database.endOf(timeline);
    }

    @Override
    public List<Check> check(boolean followed) {
      return database.check(followed);
    }

    @Override
    public boolean prepare(List<SourceTable> tables) {
      return database.prepare(tables);
    }

    @Override
    public java.util.Set<String> published() {
      return database.published();
    }

    @Override
    public void awaitOpenTransactions() {
      database.awaitOpenTransactions();
    }

    @Override
    public LoadView view() {
      return database.view();
    }

    @Override
    public ChangeStream follow(Lsn after) {
      return database.follow(after);
    }

    @Override
    public void forget() {
      database.forget();
    }

    @Override
    public void close() {
      database.close();
    }
  }

  /** A view whose answers can be changed. */
  static class WrappedView implements LoadView {
    private final LoadView view;

    WrappedView(LoadView view) {
      this.view = view;
    }

    @Override
    public Moment moment() {
      return view.moment();
    }

    @Override
    public long estimatedRows(SourceTable table) {
      return view.estimatedRows(table);
    }

    @Override
    public long estimatedBytes(SourceTable table) {
      return view.estimatedBytes(table);
    }

    @Override
    public List<Part> parts(SourceTable table, long bytes) {
      return view.parts(table, bytes);
    }

    @Override
    public boolean hasRanges(SourceTable table) {
      return view.hasRanges(table);
    }

    @Override
    public Range range(SourceTable table, List<String> after, long rows) {
      return view.range(table, after, rows);
    }

    @Override
    public long copy(SourceTable table, Part part, OutputStream out) throws IOException {
      return view.copy(table, part, out);
    }

    @Override
    public void close() {
      view.close();
    }
  }

  // ---- what is there ----

  TableName copy(String table) {
    return names.of("public." + table);
  }

  /** Rows of a copy, which the query calls {@code t}, as JSON. */
  String rows(String sql, String table) {
    return reader().query(sql, copy(table)).toString().replace("], [", "],[");
  }

  private EngineWorld reader() {
    return new EngineWorld(lake.engine.engine(), lake.objects, lake.tables);
  }

  /** The copies have the same rows as their tables, by the texts of all values. */
  void assertEqual(String... tables) {
    for (String table : tables) {
      assertEqual(table, columns(table), "true");
    }
  }

  List<String> columns(String table) {
    return database
        .query(
            "SELECT attname FROM pg_attribute WHERE attrelid = 'public.\""
                + table
                + "\"'::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum")
        .stream()
        .map(row -> String.valueOf(row.get(0)))
        .toList();
  }

  /** A copy has these columns of the rows of its table that meet a condition, and no others. */
  void assertEqual(String table, List<String> columns, String where) {
    List<List<@Nullable String>> wanted =
        database.query(
            columns.stream()
                    .map(c -> "\"" + c + "\"::text")
                    .collect(Collectors.joining(", ", "SELECT ", " FROM "))
                + "\""
                + table
                + "\" WHERE "
                + where);
    List<List<@Nullable String>> found = new ArrayList<>();
    String sql =
        columns.stream()
            .map(c -> "CAST(\"" + c + "\" AS VARCHAR)")
            .collect(Collectors.joining(", ", "SELECT ", " FROM t"));
    for (JsonNode row : reader().query(sql, copy(table))) {
      List<@Nullable String> values = new ArrayList<>();
      row.forEach(value -> values.add(value.isNull() ? null : value.asText()));
      found.add(values);
    }
    assertThat(found).as("the copy of %s", table).containsExactlyInAnyOrderElementsOf(wanted);
    assertThat(
            lake.tables.load(copy(table)).orElseThrow().schema().columns().stream()
                .map(c -> c.name()))
        .as("columns of the copy of %s", table)
        .containsExactlyElementsOf(columns);
  }
}
