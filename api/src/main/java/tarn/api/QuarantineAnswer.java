package tarn.api;

import java.util.List;

/**
 * What was put aside.
 *
 * @param counts by table and rule
 * @param rows newest first, at most as many as were asked for
 */
public record QuarantineAnswer(List<QuarantineCount> counts, List<QuarantinedRow> rows)
    implements Message {

  @Override
  public Fields fields() {
    return new Fields().with("counts", counts).with("rows", rows);
  }

  public static QuarantineAnswer from(Fields fields) {
    return new QuarantineAnswer(
        fields.objects("counts", QuarantineCount::from),
        fields.objects("rows", QuarantinedRow::from));
  }
}
