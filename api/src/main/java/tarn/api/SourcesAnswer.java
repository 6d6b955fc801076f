package tarn.api;

import java.util.List;

/** All databases of a lake, by name. */
public record SourcesAnswer(List<FollowedSource> sources) implements Message {

  @Override
  public Fields fields() {
    return new Fields().with("sources", sources);
  }

  public static SourcesAnswer from(Fields fields) {
    return new SourcesAnswer(fields.objects("sources", FollowedSource::from));
  }
}
