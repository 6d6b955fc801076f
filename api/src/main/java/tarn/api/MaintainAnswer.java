package tarn.api;

import java.util.List;

/**
 * What maintenance did.
 *
 * @param tables by name
 * @param lifecycle what became of files, by rule; empty if only some tables were asked for
 */
public record MaintainAnswer(List<TableMaintenance> tables, List<LifecycleWork> lifecycle)
    implements Message {

  @Override
  public Fields fields() {
    return new Fields().with("tables", tables).with("lifecycle", lifecycle);
  }

  public static MaintainAnswer from(Fields fields) {
    return new MaintainAnswer(
        fields.objects("tables", TableMaintenance::from),
        fields.objects("lifecycle", LifecycleWork::from));
  }
}
