package tarn.api;

import java.util.List;

/**
 * What {@code GET /v1/plan} answers: what the next run would do.
 *
 * @param changes each table and model, also those that stay as they are
 */
public record PlanAnswer(List<PlannedChange> changes) implements Message {

  @Override
  public Fields fields() {
    return new Fields().with("changes", changes);
  }

  public static PlanAnswer from(Fields fields) {
    return new PlanAnswer(fields.objects("changes", PlannedChange::from));
  }
}
