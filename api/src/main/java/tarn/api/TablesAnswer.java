package tarn.api;

import java.util.List;

/**
 * What the catalog has.
 *
 * @param tables by name
 */
public record TablesAnswer(List<TableSummary> tables) implements Message {

  @Override
  public Fields fields() {
    return new Fields().with("tables", tables);
  }

  public static TablesAnswer from(Fields fields) {
    return new TablesAnswer(fields.objects("tables", TableSummary::from));
  }
}
