package tarn.api;

import java.util.List;

/**
 * What {@code POST /v1/run} asks: clean tables first, then models, each after what it reads.
 *
 * @param tables only these clean tables and models ({@code clean.orders}, {@code
 *     analytics.revenue}, or the bare name) and what they need; empty for all
 */
public record RunRequest(List<String> tables) implements Message {

  @Override
  public Fields fields() {
    return new Fields().with("tables", tables);
  }

  public static RunRequest from(Fields fields) {
    fields.only("tables");
    return new RunRequest(fields.texts("tables"));
  }
}
