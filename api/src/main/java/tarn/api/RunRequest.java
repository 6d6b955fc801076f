package tarn.api;

import java.util.List;

/**
 * What {@code POST /v1/run} asks: clean tables first, then models, each after what it reads.
 *
 * @param tables only these clean tables and models ({@code clean.orders}, {@code
 *     analytics.revenue}, or the bare name) and what they need; empty for all
 * @param backfill whether exactly the clean tables named are made anew from raw
 */
public record RunRequest(List<String> tables, boolean backfill) implements Message {

  /** Not a backfill. */
  public RunRequest(List<String> tables) {
    this(tables, false);
  }

  @Override
  public Fields fields() {
    return new Fields().with("tables", tables).with("backfill", backfill);
  }

  public static RunRequest from(Fields fields) {
    fields.only("tables", "backfill");
    return new RunRequest(fields.texts("tables"), fields.flag("backfill"));
  }
}
