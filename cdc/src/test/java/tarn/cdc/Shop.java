package tarn.cdc;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tarn.core.change.Change;
import tarn.core.change.ChangeSink;
import tarn.core.change.ChangeSource;
import tarn.core.change.ChangeStream;
import tarn.core.change.LoadView;
import tarn.core.change.Lsn;
import tarn.core.change.SourceTable;
import tarn.core.change.Transaction;
import tarn.testkit.SourcePostgres;

/** A database and the source that follows it. */
final class Shop {
  static final Duration PATIENCE = Duration.ofSeconds(20);

  final SourcePostgres database;
  final ChangeSource source;

  /** What of the tables is copied by sources that are opened from then on. */
  Copied copied = Copied.ALL;

  Shop(String... statements) {
    this(SourcePostgres.fresh(), statements);
  }

  Shop(SourcePostgres database, String... statements) {
    this.database = database;
    this.source = source(database.user(), database.password());
    database.execute(statements);
  }

  ChangeSource source(String user, String password) {
    return new PostgresSource(settings(user, password));
  }

  PostgresSettings settings(String user, String password) {
    return settings(user, PostgresSettings.Password.of(password));
  }

  PostgresSettings settings(String user, PostgresSettings.Password password) {
    return new PostgresSettings(
        database.host(),
        database.port(),
        database.database(),
        user,
        password,
        PostgresSettings.Tls.DISABLE,
        Optional.empty(),
        "tarn_" + database.database(),
        "tarn",
        List.of("public.*"),
        List.of(),
        copied);
  }

  /** Publication and slot of all tables. */
  Shop prepared() {
    source.prepare(source.tables());
    return this;
  }

  SourceTable table(String name) {
    return source.tables().stream().filter(t -> t.name().equals(name)).findFirst().orElseThrow();
  }

  String copy(LoadView view, SourceTable table, LoadView.Part part) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      view.copy(table, part, out);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toString(StandardCharsets.UTF_8);
  }

  /** Follows for so many transactions, with a stream of its own. */
  List<Committed> follow(Lsn after, int transactions) {
    try (ChangeStream stream = source.follow(after)) {
      return read(stream, transactions);
    }
  }

  static List<Committed> read(ChangeStream stream, int transactions) {
    History history = new History();
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (history.committed.size() < transactions && System.nanoTime() < deadline) {
      stream.next(history, Duration.ofMillis(200));
    }
    return history.committed;
  }

  /** A transaction that was handed over. */
  record Committed(Transaction transaction, List<Change> changes, Lsn end) {
    List<String> texts() {
      return changes.stream().map(Shop::text).toList();
    }
  }

  /** Remembers everything. */
  static class History implements ChangeSink {
    final List<Committed> committed = new ArrayList<>();
    final List<Change> open = new ArrayList<>();
    private @Nullable Transaction transaction;

    @Override
    public void begin(Transaction now) {
      if (transaction != null) {
        throw new AssertionError("a transaction within another");
      }
      transaction = now;
    }

    @Override
    public void change(Change change) {
      open.add(change);
    }

    @Override
    public void commit(Lsn end) {
      if (transaction == null) {
        throw new AssertionError("an end without a beginning");
      }
      committed.add(new Committed(transaction, List.copyOf(open), end));
      open.clear();
      transaction = null;
    }
  }

  /** {@code UPDATE orders [1, null] -> [2, a]}. */
  static String text(Change change) {
    return change.op()
        + " "
        + change.table().name()
        + (change.before() == null ? "" : " " + texts(change.before()))
        + (change.after() == null ? "" : " -> " + texts(change.after()));
  }

  static List<String> texts(byte @Nullable [] @Nullable [] row) {
    byte[] @Nullable [] values = Objects.requireNonNull(row);
    return Arrays.stream(values).map(Shop::text).collect(Collectors.toList());
  }

  private static String text(byte @Nullable [] value) {
    return value == null
        ? "null"
        : value == Change.UNCHANGED ? "unchanged" : new String(value, StandardCharsets.UTF_8);
  }
}
