package tarn.cdc;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import tarn.core.change.Change;
import tarn.core.change.Lsn;
import tarn.core.change.Transaction;

/**
 * Reads the messages of pgoutput, version 1 of its protocol ("Logical Replication Message Formats"
 * in PostgreSQL's manual). The first byte of a message, which tells its kind, has been read.
 */
final class Pgoutput {
  private static final Instant EPOCH = Instant.parse("2000-01-01T00:00:00Z");
  private static final int UNSIGNED = 0xFFFF;
  private static final int IDENTITY = 1;

  private Pgoutput() {}

  static Transaction begin(ByteBuffer message) {
    Lsn commit = new Lsn(message.getLong());
    Instant at = EPOCH.plus(message.getLong(), ChronoUnit.MICROS);
    return new Transaction(Integer.toUnsignedLong(message.getInt()), commit, at);
  }

  /** Where the log goes on behind a commit. */
  static Lsn commitEnd(ByteBuffer message) {
    message.get();
    message.getLong();
    return new Lsn(message.getLong());
  }

  static Relation relation(ByteBuffer message) {
    long oid = oid(message);
    String schema = text(message);
    String name = text(message);
    char identity = (char) message.get();
    int count = message.getShort() & UNSIGNED;
    List<Relation.Column> columns = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      boolean key = (message.get() & IDENTITY) != 0;
      columns.add(new Relation.Column(text(message), oid(message), message.getInt(), key));
    }
    return new Relation(oid, schema.isEmpty() ? "pg_catalog" : schema, name, identity, columns);
  }

  static long oid(ByteBuffer message) {
    return Integer.toUnsignedLong(message.getInt());
  }

  /** The tables of a TRUNCATE. */
  static List<Long> truncated(ByteBuffer message) {
    int count = message.getInt();
    message.get();
    List<Long> tables = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      tables.add(oid(message));
    }
    return tables;
  }

  /**
   * A row: what is there of it.
   *
   * @param places where each value belongs in what is returned, -1 for nowhere; null if all belong
   *     where they are
   */
  static byte[] @Nullable [] tuple(ByteBuffer message, int @Nullable [] places) {
    int count = message.getShort() & UNSIGNED;
    if (places != null) {
      return some(message, count, places);
    }
    byte[] @Nullable [] values = new byte[count] @Nullable [];
    for (int i = 0; i < count; i++) {
      values[i] = value(message);
    }
    return values;
  }

  private static byte[] @Nullable [] some(ByteBuffer message, int count, int[] places) {
    int wanted = 1 + IntStream.of(places).max().orElse(-1);
    byte[] @Nullable [] values = new byte[wanted] @Nullable [];
    for (int i = 0; i < count; i++) {
      if (places[i] >= 0) {
        values[places[i]] = value(message);
      } else {
        pass(message);
      }
    }
    return values;
  }

  private static void pass(ByteBuffer message) {
    if (message.get() == 't') {
      int bytes = message.getInt();
      message.position(message.position() + bytes);
    }
  }

  private static byte @Nullable [] value(ByteBuffer message) {
    byte kind = message.get();
    return switch (kind) {
      case 'n' -> null;
      case 'u' -> Change.UNCHANGED;
      case 't' -> {
        byte[] text = new byte[message.getInt()];
        message.get(text);
        yield text;
      }
      default -> throw new IllegalStateException("pgoutput: a value of kind " + (char) kind);
    };
  }

  private static String text(ByteBuffer message) {
    int start = message.position();
    while (message.get() != 0) {
      // up to the end of the text
    }
    byte[] text = new byte[message.position() - start - 1];
    message.get(start, text);
    return new String(text, StandardCharsets.UTF_8);
  }
}
