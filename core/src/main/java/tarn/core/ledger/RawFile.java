package tarn.core.ledger;

import java.time.Instant;
import java.util.Locale;
import java.util.regex.Pattern;
import tarn.core.storage.ObjectKey;

/**
 * A file of a batch: immutable bytes in the raw zone. The same content that came as a file in the
 * same folder of the same source is the same file, whatever its name: it lands once.
 *
 * @param key where its bytes are, a name that no other content ever has; where they were last, if
 *     they are not in raw now
 * @param folder the folders between the source and the file, {@code year=2025/month=10}; empty for
 *     none
 * @param name the name it came with, {@code orders.csv}
 * @param bytes its size
 * @param sha256 of its bytes, 64 lower case hex digits
 * @param modified when its sender last changed it, or when it landed
 * @param state whether its bytes are in raw
 * @param role what it is for
 * @param firstSeq the first batch whose events it has, of those up to its own; 0 for a file of its
 *     own batch alone
 */
public record RawFile(
    ObjectKey key,
    String folder,
    String name,
    long bytes,
    String sha256,
    Instant modified,
    State state,
    Role role,
    long firstSeq) {

  /** Where the bytes of a file are. */
  public enum State {
    /** In the raw zone: it can be read. */
    STORED,
    /** In the archive zone: it can be brought back. */
    ARCHIVED,
    /** Nowhere any more. */
    EXPIRED;

    String label() {
      return name().toLowerCase(Locale.ROOT);
    }

    static State of(String label) {
      return valueOf(label.toUpperCase(Locale.ROOT));
    }
  }

  /** What a file of a batch is for. */
  public enum Role {
    /** Records, in a file as it came. */
    LANDED,
    /** Records: a segment of a stream, or a file in which the events of several are gathered. */
    EVENTS,
    /** The ids of the events of the batch. */
    IDS,
    /** Events that could not be taken, and why. */
    DEAD,
    /** Rows of a database's table, as they were at one moment: Parquet. */
    LOAD,
    /** Changes of a database's table: Parquet. */
    CHANGES,
    /** A segment whose events another file has now, or dead letters that were redriven. */
    GONE;

    String label() {
      return name().toLowerCase(Locale.ROOT);
    }

    static Role of(String label) {
      return valueOf(label.toUpperCase(Locale.ROOT));
    }

    /** Whether a dataset is made of such files. */
    public boolean hasRecords() {
      return this == LANDED || this == EVENTS;
    }
  }

  /** A file in raw, as it came. */
  public RawFile(
      ObjectKey key, String folder, String name, long bytes, String sha256, Instant modified) {
    this(key, folder, name, bytes, sha256, modified, State.STORED, Role.LANDED, 0);
  }

  /** A file of a batch of events. */
  public RawFile(
      ObjectKey key, String name, long bytes, String sha256, Instant modified, Role role) {
    this(key, "", name, bytes, sha256, modified, State.STORED, role, 0);
  }

  private static final Pattern BATCH_IN_NAME = Pattern.compile("([0-9]{19})-.*");

  /** A file of a table of a database: the table's full name is its folder. */
  public static RawFile ofTable(
      ObjectKey key, String table, String name, long bytes, String sha256, Instant now, Role role) {
    return new RawFile(key, table, name, bytes, sha256, now, State.STORED, role, 0);
  }

  /** A name that tells the batch of a file. */
  public static String nameOfBatch(long seq, String rest) {
    return String.format(Locale.ROOT, "%019d-%s", seq, rest);
  }

  /** Whether its name tells its batch: {@link #nameOfBatch}. */
  public boolean tellsBatch() {
    return isCompacted() && BATCH_IN_NAME.matcher(name).matches();
  }

  /** Whether it is one in which the events of several batches have been put together. */
  public boolean isCompacted() {
    return firstSeq > 0;
  }

  /** Whether it can be read where it is. */
  public boolean isStored() {
    return state == State.STORED;
  }
}
