package tarn.cli;

/** Sizes as people read them. */
final class Sizes {
  private static final String[] UNITS = {"B", "KB", "MB", "GB", "TB", "PB"};

  private Sizes() {}

  /** {@code 1.5 MB}; powers of 1024. */
  static String bytes(long bytes) {
    double amount = bytes;
    int unit = 0;
    while (amount >= 1024 && unit < UNITS.length - 1) {
      amount /= 1024;
      unit++;
    }
    long tenths = Math.round(amount * 10);
    boolean whole = unit == 0 || tenths >= 1000;
    return (whole ? String.valueOf(tenths / 10) : tenths / 10 + "." + tenths % 10)
        + " "
        + UNITS[unit];
  }
}
