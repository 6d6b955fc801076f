package tarn.core.workflow;

/** Rows that a run has read and changed. */
public record Counts(long read, long upserted, long deleted) {
  public static final Counts NONE = new Counts(0, 0, 0);
}
