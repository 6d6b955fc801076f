package tarn.cdc;

import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.postgresql.replication.LogSequenceNumber;
import org.postgresql.replication.PGReplicationStream;
import tarn.core.change.Change;
import tarn.core.change.ChangeSink;
import tarn.core.change.ChangeStream;
import tarn.core.change.Lsn;
import tarn.core.change.SourceTable;
import tarn.core.change.SourceTable.SourceColumn;
import tarn.core.change.Transaction;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;

/**
 * The messages of a slot, one after the other. The driver's stream is not safe for many threads, so
 * every use of it is under one lock, which nobody holds while waiting or while a sink works; a
 * thread of its own tells the server every now and then that we are alive, however long a sink
 * takes.
 *
 * <p><b>Nothing lost, nothing twice.</b> The server hands over a transaction when it has read its
 * commit, whole, in the order of commits, and begins with the first commit whose record does not
 * begin before the place that is asked for. A commit's message tells where its record begins
 * ({@link Transaction#commit()}) and where it ends ({@code end}); records do not overlap. So
 * following again after {@code end} leaves out exactly the transactions up to this one: the next
 * commit's record begins at {@code end} or behind it. A slot that has forgotten what was
 * acknowledged (after a crash of the server) changes nothing of that, because the place is told
 * with each follow.
 */
final class PostgresStream implements ChangeStream {
  private static final long FIRST_PAUSE_NANOS = 200_000;
  private static final long LONGEST_PAUSE_NANOS = 10_000_000;
  private static final int CLOCK_EVERY = 64;

  private final SourceErrors errors;
  private final Connection connection;
  private final PGReplicationStream messages;
  private final Lsn after;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<Long, Announced> tables = new HashMap<>();
  private final Function<Relation, SourceTable> announced;
  private final Thread keeper;
  private final long statusNanos;

  private volatile Lsn readThrough;
  private Lsn acknowledged;
  private volatile boolean closed;
  private volatile @Nullable SQLException failure;
  private @Nullable Transaction open;
  private boolean skipped;
  private boolean begun;
  private boolean broken;

  /**
   * @param announced looks up a table that a message announces
   * @param connection in replication mode; closed with the stream
   * @param after what ends there or before is left out
   * @param confirmed what the slot has as acknowledged: never told anything before it
   * @param status the longest time between two signs of life
   */
  PostgresStream(
      SourceErrors errors,
      Function<Relation, SourceTable> announced,
      Connection connection,
      PGReplicationStream messages,
      Lsn after,
      Lsn confirmed,
      Duration status) {
    this.errors = errors;
    this.announced = announced;
    this.connection = connection;
    this.messages = messages;
    this.after = after;
    this.readThrough = after.compareTo(confirmed) < 0 ? confirmed : after;
    this.acknowledged = confirmed;
    this.statusNanos = status.toNanos();
    this.keeper = new Thread(this::keepAlive, "tarn-cdc-keeper");
    keeper.setDaemon(true);
    keeper.start();
  }

  /**
   * A table, and where the values of its columns are in a row.
   *
   * @param places of each value of a row, in the table's columns or -1; null if all are copied
   */
  private record Announced(SourceTable table, int @Nullable [] places) {}

  @Override
  public boolean next(ChangeSink sink, Duration patience) {
    if (broken) {
      throw errors.unavailable("the stream broke off in a transaction: follow again");
    }
    broken = true;
    boolean handed = read(sink, System.nanoTime() + patience.toNanos());
    broken = false;
    return handed;
  }

  /** Whatever is thrown in here has lost a message: there is no going on behind it. */
  private boolean read(ChangeSink sink, long deadline) {
    boolean handed = false;
    long pause = FIRST_PAUSE_NANOS;
    for (int count = 1; ; count++) {
      ByteBuffer message = pending();
      if (message != null) {
        pause = FIRST_PAUSE_NANOS;
        byte kind = message.get();
        handed |= take(kind, message, sink);
        if (kind == 'C' && handed) {
          return true;
        }
        if (count % CLOCK_EVERY == 0 && lock.hasQueuedThreads()) {
          LockSupport.parkNanos(FIRST_PAUSE_NANOS);
        }
      }
      if ((message == null || count % CLOCK_EVERY == 0) && System.nanoTime() - deadline >= 0) {
        return handed;
      }
      if (message == null) {
        pause(Math.min(pause, deadline - System.nanoTime()));
        pause = Math.min(2 * pause, LONGEST_PAUSE_NANOS);
      }
    }
  }

  private @Nullable ByteBuffer pending() {
    lock.lock();
    try {
      SQLException earlier = failure;
      if (earlier != null) {
        throw earlier;
      }
      ByteBuffer message = messages.readPending();
      if (message == null) {
        noteReadThrough();
        if (messages.isClosed()) {
          throw errors.unavailable("the server ended the stream: follow again");
        }
      }
      return message;
    } catch (SQLException e) {
      throw closed
          ? errors.unavailable("the stream was closed")
          : errors.ofStream("the stream of changes broke off", e);
    } finally {
      lock.unlock();
    }
  }

  /** What the server said last is between transactions: all before it was handed over. */
  private void noteReadThrough() {
    if (open == null) {
      raise(new Lsn(messages.getLastReceiveLSN().asLong()));
    }
  }

  private void raise(Lsn to) {
    if (to.compareTo(readThrough) > 0) {
      readThrough = to;
    }
  }

  private boolean take(byte kind, ByteBuffer message, ChangeSink sink) {
    return switch (kind) {
      case 'B' -> {
        Transaction transaction = Pgoutput.begin(message);
        open = transaction;
        skipped = transaction.commit().compareTo(after) < 0;
        begun = false;
        yield false;
      }
      case 'C' -> commit(Pgoutput.commitEnd(message), sink);
      case 'R' -> {
        announce(Pgoutput.relation(message));
        yield false;
      }
      case 'I', 'U', 'D' -> !skipped && hand(sink, row(kind, message));
      case 'T' -> !skipped && truncate(message, sink);
      case 'Y', 'O', 'M' -> false;
      default -> throw new IllegalStateException("pgoutput: a message of kind " + (char) kind);
    };
  }

  /** A transaction without changes of these tables is none for the sink. */
  private boolean commit(Lsn end, ChangeSink sink) {
    boolean told = begun;
    if (told) {
      sink.commit(end);
    }
    open = null;
    begun = false;
    raise(end);
    return told;
  }

  private boolean truncate(ByteBuffer message, ChangeSink sink) {
    List<Long> truncated = Pgoutput.truncated(message);
    for (long oid : truncated) {
      hand(sink, new Change(known(oid).table, Change.Op.TRUNCATE, null, null));
    }
    return !truncated.isEmpty();
  }

  private boolean hand(ChangeSink sink, Change change) {
    Transaction transaction = open;
    if (transaction == null) {
      throw new IllegalStateException("pgoutput: a change outside of a transaction");
    }
    if (!begun) {
      sink.begin(transaction);
      begun = true;
    }
    sink.change(change);
    return true;
  }

  private Change row(byte kind, ByteBuffer message) {
    Announced known = known(Pgoutput.oid(message));
    SourceTable table = known.table;
    byte part = message.get();
    byte @Nullable [] @Nullable [] before = null;
    if (part == 'K' || part == 'O') {
      before = Pgoutput.tuple(message, known.places);
      if (kind == 'D') {
        return new Change(table, Change.Op.DELETE, null, before);
      }
      part = message.get();
    }
    if (part != 'N') {
      throw new IllegalStateException("pgoutput: a row of kind " + (char) part);
    }
    byte[] @Nullable [] now = Pgoutput.tuple(message, known.places);
    if (kind == 'I') {
      return new Change(table, Change.Op.INSERT, now, null);
    }
    return new Change(table, Change.Op.UPDATE, completed(now, before), before);
  }

  /** What stays as it was is known if the row before is: of FULL, all; else what is of the key. */
  private static byte[] @Nullable [] completed(
      byte[] @Nullable [] now, byte @Nullable [] @Nullable [] before) {
    if (before != null) {
      for (int i = 0; i < now.length; i++) {
        if (now[i] == Change.UNCHANGED && before[i] != null) {
          now[i] = before[i];
        }
      }
    }
    return now;
  }

  private Announced known(long oid) {
    Announced table = tables.get(oid);
    if (table == null) {
      throw new IllegalStateException("pgoutput: a change of a table that was not announced");
    }
    return table;
  }

  private void announce(Relation relation) {
    SourceTable now = announced.apply(relation);
    Announced before = tables.get(relation.oid());
    SourceTable table = before != null && before.table.equals(now) ? before.table : now;
    tables.put(relation.oid(), new Announced(table, places(relation, table)));
  }

  private static int @Nullable [] places(Relation relation, SourceTable table) {
    List<String> copied = table.columns().stream().map(SourceColumn::name).toList();
    List<String> all = relation.columns().stream().map(Relation.Column::name).toList();
    return copied.equals(all) ? null : all.stream().mapToInt(copied::indexOf).toArray();
  }

  @Override
  public synchronized void acknowledge(Lsn upTo) {
    if (upTo.compareTo(acknowledged) > 0) {
      acknowledged = upTo;
      LogSequenceNumber place = LogSequenceNumber.valueOf(upTo.value());
      messages.setAppliedLSN(place);
      messages.setFlushedLSN(place);
      LockSupport.unpark(keeper);
    }
  }

  @Override
  public Lsn readThrough() {
    return readThrough;
  }

  /**
   * The connection is cut and not closed politely: the server answers a polite end only when it has
   * sent all of the transaction that it is at.
   */
  @Override
  public void close() {
    closed = true;
    LockSupport.unpark(keeper);
    try {
      connection.abort(Runnable::run);
    } catch (SQLException e) {
      throw errors.of("cannot close the stream", e);
    }
  }

  /** Whoever acknowledges wakes it. */
  private void keepAlive() {
    while (!closed && failure == null) {
      tell();
      LockSupport.parkNanos(statusNanos);
    }
  }

  private void tell() {
    lock.lock();
    try {
      messages.forceUpdateStatus();
    } catch (SQLException e) {
      failure = e;
    } finally {
      lock.unlock();
    }
  }

  private static void pause(long nanos) {
    if (nanos > 0) {
      LockSupport.parkNanos(nanos);
    }
    if (Thread.interrupted()) {
      Thread.currentThread().interrupt();
      throw new TarnException(ErrorCode.CANCELLED, "interrupted while waiting for changes");
    }
  }
}
