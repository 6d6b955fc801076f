package tarn.core.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;

class ShardMapTest {
  private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 7, 100})
  void evenShardsAreCutWhereTheProductOfHashAndCountPassesAWholeNumber(int count) {
    ShardMap map = ShardMap.even(count, NOW);
    checkWhole(map);
    Random random = new Random(count);
    for (int i = 0; i < 1_000; i++) {
      BigInteger hash = new BigInteger(128, random);
      int expected = hash.multiply(BigInteger.valueOf(count)).shiftRight(128).intValueExact();
      assertThat(map.of(hash).number()).isEqualTo(expected);
    }
  }

  @Test
  void everyHashHasOneOpenShardWhateverIsSplitAndMerged() {
    Random random = new Random(42);
    for (int world = 0; world < 50; world++) {
      ShardMap map = ShardMap.even(1 + random.nextInt(5), NOW);
      for (int step = 0; step < 12; step++) {
        map = change(map, random);
        checkWhole(map);
        checkLineage(map);
      }
    }
  }

  private static ShardMap change(ShardMap map, Random random) {
    int at = random.nextInt(map.open().size());
    Shard shard = map.open().get(at);
    int next = map.logShards() + random.nextInt(2);
    return switch (random.nextInt(3)) {
      case 0 -> {
        BigInteger size = shard.to().subtract(shard.from());
        BigInteger hash =
            shard.from().add(size.shiftRight(1 + random.nextInt(3))).add(BigInteger.ONE);
        yield map.split(shard.number(), hash, next, NOW);
      }
      case 1 ->
          at == 0 ? map : map.merge(shard.number(), map.open().get(at - 1).number(), next, NOW);
      default -> map.resize(1 + random.nextInt(9), next, NOW);
    };
  }

  private static void checkWhole(ShardMap map) {
    BigInteger next = BigInteger.ZERO;
    for (Shard shard : map.open()) {
      assertThat(shard.from()).isEqualTo(next);
      assertThat(map.of(shard.from())).isEqualTo(shard);
      assertThat(map.of(shard.to())).isEqualTo(shard);
      next = shard.to().add(BigInteger.ONE);
    }
    assertThat(next).isEqualTo(BigInteger.ONE.shiftLeft(128));
  }

  /** Each hash of a closed shard goes to a child, and of a child's to a parent. */
  private static void checkLineage(ShardMap map) {
    for (Shard shard : map.all()) {
      if (!shard.isOpen()) {
        List<Shard> children = map.children(shard.number());
        assertThat(children).isNotEmpty().allMatch(child -> overlap(shard, child).signum() > 0);
        BigInteger covered =
            children.stream().map(c -> overlap(shard, c)).reduce(BigInteger.ZERO, BigInteger::add);
        assertThat(covered).isGreaterThanOrEqualTo(size(shard));
      }
      List<Shard> parents = shard.parents().map(map::shard).toList();
      if (!parents.isEmpty()) {
        assertThat(parents)
            .allMatch(parent -> !parent.isOpen() && parent.number() < shard.number());
        BigInteger covered =
            parents.stream().map(p -> overlap(shard, p)).reduce(BigInteger.ZERO, BigInteger::add);
        assertThat(covered).isEqualTo(size(shard));
      }
    }
  }

  private static BigInteger size(Shard shard) {
    return shard.to().subtract(shard.from()).add(BigInteger.ONE);
  }

  private static BigInteger overlap(Shard one, Shard other) {
    BigInteger from = one.from().max(other.from());
    BigInteger to = one.to().min(other.to());
    return to.subtract(from).add(BigInteger.ONE).max(BigInteger.ZERO);
  }

  @Test
  void aSplitAndAMergeHaveTheirParents() {
    BigInteger middle = BigInteger.ONE.shiftLeft(127);
    ShardMap split = ShardMap.even(1, NOW).split(0, middle, 1, NOW);
    assertThat(split.open()).extracting(Shard::number).containsExactly(1, 2);
    assertThat(split.shard(2).from()).isEqualTo(middle);
    assertThat(split.children(0)).extracting(Shard::number).containsExactly(1, 2);
    assertThat(split.shard(0).closedAt()).isEqualTo(NOW);
    assertThat(split.shard(0).endsAt()).as("nobody knows yet").isNull();
    ShardMap merged = split.merge(2, 1, 3, NOW);
    assertThat(merged.open())
        .singleElement()
        .isEqualTo(new Shard(3, BigInteger.ZERO, Shard.HIGHEST_HASH, 2, 1, NOW, null, null));
  }

  @Test
  void aResizeLeavesWhatFitsAndMakesNoMoreThanItMust() {
    ShardMap four = ShardMap.even(4, NOW);
    assertThat(four.resize(4, 4, NOW)).isEqualTo(four);
    assertThat(four.resize(2, 4, NOW).all()).hasSize(6);
    assertThat(four.resize(8, 4, NOW).all()).hasSize(12);
    assertThat(four.resize(5, 4, NOW).all()).hasSize(9);
    ShardMap one = four.resize(1, 4, NOW);
    assertThat(one.all()).as("two at a time").hasSize(7);
    assertThat(one.shard(5).endsAt()).as("it never took an event").isZero();
    ShardMap uneven = four.split(0, BigInteger.TEN, 4, NOW);
    assertThat(uneven.resize(4, 6, NOW).open())
        .extracting(Shard::number)
        .containsExactly(6, 1, 2, 3);
  }

  @Test
  void whatCannotBeIsRefused() {
    ShardMap map = ShardMap.even(3, NOW);
    refuses(ErrorCode.NOT_FOUND, () -> map.split(3, BigInteger.TEN, 3, NOW));
    refuses(ErrorCode.BAD_REQUEST, () -> map.split(0, BigInteger.ZERO, 3, NOW));
    refuses(ErrorCode.BAD_REQUEST, () -> map.split(0, map.shard(1).from(), 3, NOW));
    refuses(ErrorCode.BAD_REQUEST, () -> map.merge(0, 2, 3, NOW));
    refuses(ErrorCode.BAD_REQUEST, () -> map.merge(1, 1, 3, NOW));
    refuses(ErrorCode.BAD_REQUEST, () -> map.of(Shard.HIGHEST_HASH.add(BigInteger.ONE)));
    refuses(ErrorCode.CONFLICT, () -> map.split(0, BigInteger.TEN, 3, NOW).merge(0, 1, 5, NOW));
    refuses(ErrorCode.LIMIT_EXCEEDED, () -> map.split(0, BigInteger.TEN, 999, NOW));
  }

  private static void refuses(ErrorCode code, Runnable work) {
    assertThatThrownBy(work::run)
        .isInstanceOfSatisfying(TarnException.class, e -> assertThat(e.code()).isEqualTo(code));
  }
}
