package tarn.api;

import java.util.List;

/**
 * What became of quality rules, load by load.
 *
 * @param results by table; each table's newest load first, its rules in the order written
 */
public record QualityAnswer(List<QualityResult> results) implements Message {

  @Override
  public Fields fields() {
    return new Fields().with("results", results);
  }

  public static QualityAnswer from(Fields fields) {
    return new QualityAnswer(fields.objects("results", QualityResult::from));
  }
}
