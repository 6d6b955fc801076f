package tarn.core.lake;

/** How much a problem of the lake folder matters. */
public enum Severity {
  /** The lake does not start with it. */
  ERROR,
  /** Something is probably not meant so; the lake works. */
  WARNING
}
