package tarn.testkit.shop;

import java.util.EnumMap;
import java.util.Map;
import java.util.TreeMap;

/** The running counts of one source; see {@link Manifest.Source} for the terms. */
final class Tally {
  private long files;
  private long bytes;
  private long received;
  private long stored;
  private long superseded;
  private long filtered;
  private final Map<Reason, Long> quarantined = new TreeMap<>();
  private final Map<Dirt, Long> dirt = new EnumMap<>(Dirt.class);

  void file(long size, long records) {
    files++;
    bytes += size;
    received += records;
  }

  void stored() {
    stored++;
  }

  void superseded() {
    superseded++;
  }

  void filtered() {
    filtered++;
  }

  void quarantined(Reason reason) {
    quarantined.merge(reason, 1L, Long::sum);
  }

  void dirt(Dirt kind) {
    if (kind != Dirt.NONE) {
      dirt.merge(kind, 1L, Long::sum);
    }
  }

  Manifest.Source close() {
    return new Manifest.Source(
        files, bytes, received, stored, superseded, filtered, quarantined, dirt);
  }
}
