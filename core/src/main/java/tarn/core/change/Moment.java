package tarn.core.change;

import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;

/**
 * Which transactions a view of a database sees, in PostgreSQL's notation of a snapshot ({@code
 * pg_current_snapshot()}): {@code xmin:xmax:xip,xip…} with transactions' numbers of 64 bits. Those
 * before xmin are seen (if they were committed), those from xmax on are not, and between them those
 * that are not listed are seen.
 *
 * @param snapshot in that notation
 * @param log a place in the log after which no transaction that is seen was committed
 */
public record Moment(String snapshot, Lsn log) {
  private static final long EPOCH = 1L << 32;

  /**
   * Whether a committed transaction is seen.
   *
   * @param transaction as in a change: where its commit is tells which of the numbers that repeat
   *     every 2^32 transactions is meant, since all before {@link #log} are close to it
   */
  public boolean sees(Transaction transaction) {
    return transaction.commit().compareTo(log) < 0 && seen().sees(transaction.id());
  }

  /** The numbers, read once. {@code DATA_INVALID} for another notation. */
  public Seen seen() {
    return Seen.parse(snapshot);
  }

  /** The numbers of a snapshot. */
  public record Seen(long from, long before, Set<Long> running) {
    static Seen parse(String text) {
      try {
        String[] parts = text.split(":", -1);
        Set<Long> running =
            Arrays.stream(parts[2].split(","))
                .filter(s -> !s.isEmpty())
                .map(Long::parseLong)
                .collect(Collectors.toUnmodifiableSet());
        return new Seen(Long.parseLong(parts[0]), Long.parseLong(parts[1]), running);
      } catch (IndexOutOfBoundsException | NumberFormatException e) {
        throw new TarnException(
            ErrorCode.DATA_INVALID,
            String.format(Locale.ROOT, "'%s' is no snapshot, such as 10:20:10,14", text),
            e);
      }
    }

    boolean sees(long id) {
      long whole = before - before % EPOCH + id;
      long near =
          whole - before > EPOCH / 2
              ? whole - EPOCH
              : before - whole > EPOCH / 2 ? whole + EPOCH : whole;
      return near < from || near < before && !running.contains(near);
    }
  }
}
