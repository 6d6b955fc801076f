package tarn.api.shop;

/** Numbers that belong to one event: every event can be drawn again, alone, in any order. */
final class Chance {
  private long state;

  private Chance(long state) {
    this.state = state;
  }

  /** The chance of one event, in one respect. */
  static Chance of(long seed, int respect, long index) {
    return new Chance(mix(mix(seed + respect * 0x9e3779b97f4a7c15L) + index));
  }

  long next() {
    state += 0x9e3779b97f4a7c15L;
    return mix(state);
  }

  /** From 0 up to a bound, exclusive, which is at least 1. */
  int below(int bound) {
    return (int) ((next() >>> 33) * bound >>> 31);
  }

  /** From 0 to 1, exclusive. */
  double share() {
    return (next() >>> 11) * 0x1.0p-53;
  }

  String pick(String[] words) {
    return words[below(words.length)];
  }

  /** The finalizer of SplitMix64. */
  private static long mix(long z) {
    long a = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    long b = (a ^ (a >>> 27)) * 0x94d049bb133111ebL;
    return b ^ (b >>> 31);
  }
}
