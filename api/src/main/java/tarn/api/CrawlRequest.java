package tarn.api;

import java.util.List;

/**
 * What {@code POST /v1/crawl} asks.
 *
 * @param sources only these; empty for all
 * @param dryRun whether to say only what would change
 */
public record CrawlRequest(List<String> sources, boolean dryRun) implements Message {

  @Override
  public Fields fields() {
    return new Fields().with("sources", sources).with("dry_run", dryRun);
  }

  public static CrawlRequest from(Fields fields) {
    fields.only("sources", "dry_run");
    return new CrawlRequest(fields.texts("sources"), fields.flag("dry_run"));
  }
}
