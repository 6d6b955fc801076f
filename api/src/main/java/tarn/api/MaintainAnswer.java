package tarn.api;

import java.util.List;

/**
 * What maintenance did.
 *
 * @param tables by name
 */
public record MaintainAnswer(List<TableMaintenance> tables) implements Message {

  @Override
  public Fields fields() {
    return new Fields().with("tables", tables);
  }

  public static MaintainAnswer from(Fields fields) {
    return new MaintainAnswer(fields.objects("tables", TableMaintenance::from));
  }
}
