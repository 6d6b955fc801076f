package tarn.core.storage;

import java.util.Locale;

/** One of the five areas of the lake, each a bucket of its own. */
public enum Zone {
  /** What landed, as it came: immutable, listed in the ledger. */
  RAW,
  /** Iceberg tables made by recipes. */
  CLEAN,
  /** Iceberg tables made by models. */
  ANALYTICS,
  /** What the lifecycle moved out of the way. */
  ARCHIVE,
  /** Work in progress; may be emptied whenever no server runs. */
  TEMP;

  /** The name in buckets, settings and namespaces: lower case. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
