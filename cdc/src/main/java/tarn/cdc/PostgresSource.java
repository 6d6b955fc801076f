package tarn.cdc;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.postgresql.replication.LogSequenceNumber;
import org.postgresql.replication.PGReplicationStream;
import tarn.core.change.ChangeSource;
import tarn.core.change.ChangeStream;
import tarn.core.change.LoadView;
import tarn.core.change.Lsn;
import tarn.core.change.SourceTable;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;

/**
 * A PostgreSQL, of version 13 or newer, that is followed by logical decoding: pgoutput, which every
 * PostgreSQL has, tells the changes; a publication says of which tables; a slot says from where on.
 *
 * <p>Its user needs LOGIN, REPLICATION and SELECT on the tables. Who owns the tables can let it
 * make the publication too, or make it beforehand. While a {@link #view} is open, statements that
 * rewrite a table wait.
 */
public final class PostgresSource implements ChangeSource {
  private static final Duration IN_USE = Duration.ofSeconds(2);
  private static final long MAX_STATUS_MILLIS = 10_000;
  private static final int STATUS_PER_TIMEOUT = 3;
  private static final String DENIED = "42501";

  /** It does not answer, or nobody knows its password. */
  private static final Set<ErrorCode> UNREACHED =
      Set.of(
          ErrorCode.SOURCE_UNAVAILABLE,
          ErrorCode.SOURCE_REFUSED,
          ErrorCode.SECRET_UNAVAILABLE,
          ErrorCode.DEFINITION_INVALID);

  private final PostgresSettings settings;
  private final SourceErrors errors;
  private final Sessions sessions;
  private final Publications publications;
  private final FollowedTables followed;
  private final ReplicationSlot slot;
  private final Map<Relation, SourceTable> announced = new ConcurrentHashMap<>();

  /** Nothing is connected yet: each call opens what it needs. */
  public PostgresSource(PostgresSettings settings) {
    this.settings = settings;
    this.errors = new SourceErrors(settings);
    this.sessions = new Sessions(settings, errors);
    this.publications = new Publications(settings, errors);
    this.followed = new FollowedTables(settings, publications);
    this.slot = new ReplicationSlot(settings, errors);
  }

  @Override
  public List<SourceTable> tables() {
    return sessions.ask("cannot list the tables", followed::all).stream()
        .map(Catalog.Entry::table)
        .toList();
  }

  @Override
  public State state() {
    return sessions.ask(
        "cannot tell its state",
        connection -> {
          Lsn log = ReplicationSlot.logEnd(connection);
          return new State(
              ReplicationSlot.value(connection, "SHOW server_version").split(" ", 2)[0],
              system(connection),
              Timelines.current(connection),
              log,
              slot.find(connection, log).map(ReplicationSlot.Found::slot));
        });
  }

  private String system(Connection connection) throws SQLException {
    try {
      return ReplicationSlot.value(
          connection, "SELECT system_identifier::text FROM pg_catalog.pg_control_system()");
    } catch (SQLException e) {
      if (!SourceErrors.state(e).equals(DENIED)) {
        throw e;
      }
      try (Connection replication = sessions.replication()) {
        return ReplicationSlot.value(replication, "IDENTIFY_SYSTEM");
      }
    }
  }

  @Override
  public Lsn endOf(int timeline) {
    try (Connection replication = sessions.replication()) {
      return Timelines.endOf(timeline, replication);
    } catch (SQLException e) {
      throw errors.of("cannot tell the history of its log", e);
    }
  }

  @Override
  public List<Check> check(boolean followed) {
    try {
      return sessions.ask(
          "cannot be looked at",
          connection ->
              new Checks(settings, publications, this.followed, slot, connection).all(followed));
    } catch (TarnException e) {
      if (UNREACHED.contains(e.code())) {
        return Checks.unreachable(e.line());
      }
      throw e;
    }
  }

  @Override
  public boolean prepare(List<SourceTable> tables) {
    return sessions.ask(
        "cannot prepare what keeps the changes",
        Sessions.UNBOUNDED,
        connection -> {
          slot.checkServer(connection);
          publications.prepare(connection, entries(connection, tables));
          return slot.prepare(connection);
        });
  }

  @Override
  public Set<String> published() {
    return sessions.ask("cannot tell what is published", publications::names);
  }

  @Override
  public void awaitOpenTransactions() {
    sessions.ask(
        "cannot wait for open transactions",
        Sessions.UNBOUNDED,
        connection -> {
          slot.awaitOpen(connection);
          return true;
        });
  }

  private List<Catalog.Entry> entries(Connection connection, List<SourceTable> tables)
      throws SQLException {
    Map<String, Catalog.Entry> there =
        Catalog.tables(connection, settings).stream()
            .collect(Collectors.toMap(entry -> entry.table().fullName(), entry -> entry));
    List<String> gone =
        tables.stream()
            .map(SourceTable::fullName)
            .filter(name -> !there.containsKey(name))
            .toList();
    if (tables.isEmpty() || !gone.isEmpty()) {
      throw errors.refused(
          gone.isEmpty()
              ? "there is no table like " + String.join(", ", settings.tables())
              : "there is no table " + String.join(", ", gone));
    }
    return tables.stream().map(table -> entry(there, table)).toList();
  }

  private Catalog.Entry entry(Map<String, Catalog.Entry> there, SourceTable table) {
    Catalog.Entry entry = there.get(table.fullName());
    if (entry == null) {
      throw errors.refused("there is no table " + table.fullName());
    }
    return entry;
  }

  @Override
  public LoadView view() {
    return PostgresView.open(sessions, publications);
  }

  @Override
  public ChangeStream follow(Lsn after) {
    Start start = sessions.ask("cannot follow the changes", this::start);
    if (after.compareTo(start.log) > 0) {
      throw errors.lost(
          "its log ends at "
              + start.log
              + ", and changes up to "
              + after
              + " have been read: it is an older copy of the database");
    }
    try {
      return follow(after, start);
    } catch (SQLException e) {
      throw SourceErrors.state(e).equals(SourceErrors.IN_USE)
          ? errors.busy("slot " + settings.slot() + " is followed by another")
          : errors.ofStream("cannot follow slot " + settings.slot(), e);
    }
  }

  private record Start(Lsn log, Lsn confirmed, Duration status) {}

  private Start start(Connection connection) throws SQLException {
    slot.checkPrimary(connection);
    Lsn log = ReplicationSlot.logEnd(connection);
    Optional<ReplicationSlot.Found> found = slot.find(connection, log);
    if (found.isEmpty()) {
      throw errors.lost("there is no slot " + settings.slot());
    }
    if (!found.get().slot().usable()) {
      throw errors.lost("slot " + settings.slot() + " was invalidated");
    }
    List<String> missing = publications.missing(connection);
    if (missing.contains(settings.insertsPublication())) {
      publications.ofInserts().prepare(connection, List.of());
    } else if (!missing.isEmpty()) {
      throw errors.lost("there is no publication " + settings.publication());
    }
    return new Start(log, found.get().slot().confirmed(), status(connection));
  }

  /** How often a server that gives up on silent clients is told that we are there. */
  private static Duration status(Connection connection) throws SQLException {
    long timeout =
        Long.parseLong(
            ReplicationSlot.value(
                connection,
                "SELECT setting FROM pg_catalog.pg_settings WHERE name = 'wal_sender_timeout'"));
    return Duration.ofMillis(
        timeout == 0
            ? MAX_STATUS_MILLIS
            : Math.max(1, Math.min(MAX_STATUS_MILLIS, timeout / STATUS_PER_TIMEOUT)));
  }

  /** Whoever followed before and died may still be there for a moment. */
  private ChangeStream follow(Lsn after, Start start) throws SQLException {
    long deadline = System.nanoTime() + IN_USE.toNanos();
    while (true) {
      Connection connection = sessions.replication();
      try {
        return new PostgresStream(
            errors,
            lookUp(),
            connection,
            stream(connection, after, start),
            after,
            start.confirmed,
            start.status);
      } catch (SQLException e) {
        connection.close();
        boolean again =
            SourceErrors.state(e).equals(SourceErrors.IN_USE) && System.nanoTime() - deadline < 0;
        if (!again) {
          throw e;
        }
      }
      ReplicationSlot.pause();
    }
  }

  private PGReplicationStream stream(Connection connection, Lsn after, Start start)
      throws SQLException {
    return Sessions.own(connection)
        .getReplicationAPI()
        .replicationStream()
        .logical()
        .withSlotName(settings.slot())
        .withStartPosition(LogSequenceNumber.valueOf(after.value()))
        .withSlotOption("proto_version", 1)
        .withSlotOption("publication_names", publications.list())
        .withStatusInterval((int) start.status.toMillis(), TimeUnit.MILLISECONDS)
        .withAutomaticFlush(false)
        .start();
  }

  /**
   * Of a table with all columns as its identity the key is looked up each time, as it may change;
   * so may a filter, whose table is announced when it has changed.
   */
  private Function<Relation, SourceTable> lookUp() {
    return relation ->
        relation.identity() == Relation.FULL
                || settings.copied().rows().containsKey(relation.fullName())
            ? lookUp(relation)
            : announced.computeIfAbsent(relation, this::lookUp);
  }

  private SourceTable lookUp(Relation relation) throws TarnException {
    return sessions.ask(
        "cannot look up table " + relation.fullName(),
        connection -> followed.announced(connection, relation));
  }

  /** A publication of somebody else's stays. */
  @Override
  public void forget() {
    sessions.ask(
        "cannot remove slot and publication",
        connection -> {
          slot.forget(connection);
          publications.forget(connection);
          return true;
        });
  }

  /** Views and streams have connections of their own, and are closed by themselves. */
  @Override
  public void close() {}

  @Override
  public String toString() {
    return settings.toString();
  }
}
