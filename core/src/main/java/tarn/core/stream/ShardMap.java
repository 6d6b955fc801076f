package tarn.core.stream;

import java.math.BigInteger;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;

/**
 * All shards that a stream ever had, by number. The ranges of the open ones are all hashes, each
 * once. Changes make another map; nobody else knows of it then.
 */
public final class ShardMap {
  /** The most shards that may be open. */
  public static final int MOST_OPEN = 100;

  /** The most that a stream may have had, the closed ones included. */
  public static final int MOST_EVER = 1_000;

  private static final int HASH_BITS = 128;

  private final List<Shard> all;
  private final List<Shard> open;

  ShardMap(List<Shard> shards) {
    this.all = shards.stream().sorted(Comparator.comparing(Shard::number)).toList();
    this.open =
        shards.stream().filter(Shard::isOpen).sorted(Comparator.comparing(Shard::from)).toList();
  }

  /** Shards with ranges of the same size, as a stream begins. */
  static ShardMap even(int count, Instant now) {
    List<Shard> shards = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      shards.add(new Shard(i, evenFrom(i, count), evenTo(i, count), null, null, now, null, null));
    }
    return new ShardMap(shards);
  }

  /** The first hash h with {@code h * count >> 128 == i}. */
  private static BigInteger evenFrom(int i, int count) {
    BigInteger n = BigInteger.valueOf(count);
    return BigInteger.valueOf(i).shiftLeft(HASH_BITS).add(n.subtract(BigInteger.ONE)).divide(n);
  }

  private static BigInteger evenTo(int i, int count) {
    return evenFrom(i + 1, count).subtract(BigInteger.ONE);
  }

  /** All, by number. */
  public List<Shard> all() {
    return all;
  }

  /** Those that take events, by range. */
  public List<Shard> open() {
    return open;
  }

  public boolean isEmpty() {
    return all.isEmpty();
  }

  /** How many shards the log needs for them. */
  public int logShards() {
    return all.isEmpty() ? 0 : all.get(all.size() - 1).number() + 1;
  }

  /** The open shard of a hash. */
  public Shard of(BigInteger hash) {
    if (hash.signum() < 0 || hash.compareTo(Shard.HIGHEST_HASH) > 0) {
      throw new TarnException(
          ErrorCode.BAD_REQUEST, "the hash " + hash + " is not from 0 to 2^128 - 1");
    }
    int low = 0;
    int high = open.size() - 1;
    while (low < high) {
      int middle = (low + high + 1) / 2;
      if (open.get(middle).from().compareTo(hash) <= 0) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return open.get(low);
  }

  /** The open shard of a partition key. */
  public Shard of(String key) {
    return of(ShardChoice.hash(key));
  }

  public boolean has(int number) {
    return find(number) != null;
  }

  /** {@code NOT_FOUND} if there never was one of that number. */
  public Shard shard(int number) {
    Shard shard = find(number);
    if (shard == null) {
      throw new TarnException(ErrorCode.NOT_FOUND, "there is no shard " + number);
    }
    return shard;
  }

  private @Nullable Shard find(int number) {
    return all.stream().filter(shard -> shard.number() == number).findFirst().orElse(null);
  }

  /** Those that took over from a shard. */
  public List<Shard> children(int number) {
    return all.stream().filter(shard -> shard.parents().anyMatch(p -> p == number)).toList();
  }

  /**
   * Makes two shards of one.
   *
   * @param at where the second one's range begins
   * @param next the number of the first new shard
   */
  ShardMap split(int number, BigInteger at, int next, Instant now) {
    Shard parent = openShard(number);
    if (at.compareTo(parent.from()) <= 0 || at.compareTo(parent.to()) > 0) {
      throw new TarnException(
          ErrorCode.BAD_REQUEST,
          "shard "
              + number
              + " cannot be split at "
              + at
              + ": it is to be above "
              + parent.from()
              + " and at most "
              + parent.to());
    }
    BigInteger before = at.subtract(BigInteger.ONE);
    Change change = new Change(next, now);
    change.open(parent.from(), before, List.of(parent));
    change.open(at, parent.to(), List.of(parent));
    return change.of(List.of(parent));
  }

  /** Makes one shard of two whose ranges meet. */
  ShardMap merge(int one, int other, int next, Instant now) {
    Shard a = openShard(one);
    Shard b = openShard(other);
    Shard low = a.from().compareTo(b.from()) < 0 ? a : b;
    Shard high = low == a ? b : a;
    if (!low.to().add(BigInteger.ONE).equals(high.from())) {
      throw new TarnException(
          ErrorCode.BAD_REQUEST,
          "shards " + one + " and " + other + " cannot be merged: their ranges do not meet");
    }
    Change change = new Change(next, now);
    change.open(low.from(), high.to(), List.of(a, b));
    return change.of(List.of(a, b));
  }

  /**
   * Makes so many shards with ranges of the same size; those that have such a range already stay.
   * Where a new one takes over from more than two, there are shards between them that are closed as
   * soon as they are made, since none has more than two parents.
   */
  ShardMap resize(int count, int next, Instant now) {
    Change change = new Change(next, now);
    List<Shard> closed = new ArrayList<>(open);
    for (int i = 0; i < count; i++) {
      BigInteger from = evenFrom(i, count);
      BigInteger to = evenTo(i, count);
      List<Shard> under =
          open.stream()
              .filter(s -> s.from().compareTo(to) <= 0 && from.compareTo(s.to()) <= 0)
              .toList();
      Shard first = under.get(0);
      if (under.size() == 1 && first.from().equals(from) && first.to().equals(to)) {
        closed.remove(first);
      } else {
        change.openOver(from, to, under);
      }
    }
    return change.of(closed);
  }

  private Shard openShard(int number) {
    Shard shard = shard(number);
    if (!shard.isOpen()) {
      throw new TarnException(
          ErrorCode.CONFLICT,
          "shard "
              + number
              + " is closed: its events go to "
              + children(number).stream().map(Shard::number).toList());
    }
    return shard;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof ShardMap map && all.equals(map.all);
  }

  @Override
  public int hashCode() {
    return all.hashCode();
  }

  @Override
  public String toString() {
    return "ShardMap" + all;
  }

  /** New shards on their way into a map. */
  private final class Change {
    private final Instant now;
    private final List<Shard> made = new ArrayList<>();
    private int next;

    Change(int next, Instant now) {
      this.next = next;
      this.now = now;
    }

    Shard open(BigInteger from, BigInteger to, List<Shard> parents) {
      Integer adjacent = parents.size() > 1 ? (Integer) parents.get(1).number() : null;
      Shard shard = new Shard(next++, from, to, parents.get(0).number(), adjacent, now, null, null);
      made.add(shard);
      return shard;
    }

    /** Over any number of parents, two at a time. */
    void openOver(BigInteger from, BigInteger to, List<Shard> under) {
      Shard left = under.get(0);
      for (int i = 1; i < under.size() - 1; i++) {
        Shard between = open(from, under.get(i).to(), List.of(left, under.get(i)));
        left = between.closed(now, 0L); // it never took an event
        made.set(made.size() - 1, left);
      }
      open(from, to, under.size() == 1 ? under : List.of(left, under.get(under.size() - 1)));
    }

    ShardMap of(List<Shard> closed) {
      List<Shard> shards = new ArrayList<>(made);
      for (Shard shard : all) {
        shards.add(closed.contains(shard) ? shard.closed(now, null) : shard);
      }
      ShardMap map = new ShardMap(shards);
      if (map.open.size() > MOST_OPEN || map.logShards() > MOST_EVER) {
        throw new TarnException(
            ErrorCode.LIMIT_EXCEEDED,
            "a stream has at most "
                + MOST_OPEN
                + " open shards, and "
                + MOST_EVER
                + " with those it had; this would make "
                + map.open.size()
                + " and "
                + map.logShards());
      }
      return map;
    }
  }
}
