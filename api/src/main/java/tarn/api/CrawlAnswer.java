package tarn.api;

import java.util.List;

/**
 * What a crawl found.
 *
 * @param datasets each dataset that was looked at, by name
 */
public record CrawlAnswer(List<DatasetChange> datasets) implements Message {

  @Override
  public Fields fields() {
    return new Fields().with("datasets", datasets);
  }

  public static CrawlAnswer from(Fields fields) {
    return new CrawlAnswer(fields.objects("datasets", DatasetChange::from));
  }
}
