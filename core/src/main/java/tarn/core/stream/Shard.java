package tarn.core.stream;

import java.math.BigInteger;
import java.time.Instant;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A part of a stream's log: the events whose keys have a hash in its range, in the order of their
 * arrival. It is open, and takes events; or closed, and others, its children, take them.
 *
 * @param number from 0, never used again; the log's shard of that number
 * @param from the lowest hash of its range
 * @param to the highest
 * @param parent the one whose range it took over, or a part of it; null if it has none
 * @param adjacentParent the second one, when two became one; else null
 * @param openedAt when it began to take events
 * @param closedAt since when it takes none; null if it is open
 * @param endsAt the offset behind its last event; null until that is certain
 */
public record Shard(
    int number,
    BigInteger from,
    BigInteger to,
    @Nullable Integer parent,
    @Nullable Integer adjacentParent,
    Instant openedAt,
    @Nullable Instant closedAt,
    @Nullable Long endsAt) {

  /** The highest hash there is, 2^128 - 1; the lowest is 0. */
  public static final BigInteger HIGHEST_HASH =
      BigInteger.ONE.shiftLeft(128).subtract(BigInteger.ONE);

  public boolean isOpen() {
    return closedAt == null;
  }

  /** Whether a hash is in its range. */
  public boolean has(BigInteger hash) {
    return from.compareTo(hash) <= 0 && hash.compareTo(to) <= 0;
  }

  /** Those whose events are read before its own; none, one or two. */
  public Stream<Integer> parents() {
    return Stream.of(Stream.ofNullable(parent), Stream.ofNullable(adjacentParent))
        .flatMap(one -> one);
  }

  Shard closed(Instant at, @Nullable Long end) {
    return new Shard(number, from, to, parent, adjacentParent, openedAt, at, end);
  }
}
