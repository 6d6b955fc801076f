package tarn.api;

import java.util.List;

/**
 * What a run did.
 *
 * @param tables each table, in the order of the work
 */
public record RunAnswer(List<TableRun> tables) implements Message {

  @Override
  public Fields fields() {
    return new Fields().with("tables", tables);
  }

  public static RunAnswer from(Fields fields) {
    return new RunAnswer(fields.objects("tables", TableRun::from));
  }
}
