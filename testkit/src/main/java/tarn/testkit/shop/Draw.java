package tarn.testkit.shop;

import java.util.SplittableRandom;

/** Random numbers that belong to one record: any record can be drawn again, alone, in any order. */
final class Draw {
  private Draw() {}

  static SplittableRandom of(long seed, int stream, long index) {
    return new SplittableRandom(mix(mix(seed + stream) + index));
  }

  static String pick(SplittableRandom random, String[] words) {
    return words[random.nextInt(words.length)];
  }

  /** Spreads nearby seeds far apart (the finalizer of the SplitMix64 generator). */
  private static long mix(long z) {
    long a = (z + 0x9e3779b97f4a7c15L) * 0xbf58476d1ce4e5b9L;
    long b = (a ^ (a >>> 27)) * 0x94d049bb133111ebL;
    return b ^ (b >>> 31);
  }
}
