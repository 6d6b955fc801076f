package tarn.testkit.shop;

import java.util.List;
import java.util.SplittableRandom;

/**
 * Deals dirt at exact rates: every full block of records has each kind as often as its share says,
 * at places that depend on the seed alone.
 */
record DirtPlan(long seed, int stream, int block, List<Share> shares) {

  /** How many records of a block have this dirt. */
  record Share(Dirt dirt, int perBlock) {}

  Dirt at(long index) {
    int slot = slot(index);
    for (Share share : shares) {
      if (slot < share.perBlock()) {
        return share.dirt();
      }
      slot -= share.perBlock();
    }
    return Dirt.NONE;
  }

  /** A permutation of the block's places: multiplying by a unit of the ring and adding. */
  private int slot(long index) {
    SplittableRandom random = Draw.of(seed, stream, index / block);
    long factor = unit(random);
    return (int) ((index % block * factor + random.nextInt(block)) % block);
  }

  private int unit(SplittableRandom random) {
    int candidate = 1 + random.nextInt(block);
    while (gcd(candidate, block) != 1) {
      candidate++;
    }
    return candidate;
  }

  private static int gcd(int a, int b) {
    return b == 0 ? a : gcd(b, a % b);
  }
}
