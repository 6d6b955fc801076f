package tarn.core.ingest;

import java.util.Locale;
import tarn.core.lake.PartitionField;
import tarn.core.lake.SortField;
import tarn.core.table.PartitionTransform;
import tarn.core.table.SortColumn;

/** The lake folder's words for partitions and orders, as tables take them. */
public final class Definitions {
  private Definitions() {}

  public static PartitionTransform partition(PartitionField field) {
    PartitionTransform.Kind kind =
        PartitionTransform.Kind.valueOf(field.transform().name().toUpperCase(Locale.ROOT));
    return new PartitionTransform(
        kind, field.parameter() == 0 ? null : field.parameter(), field.column());
  }

  public static SortColumn sort(SortField field) {
    return new SortColumn(field.column(), field.descending());
  }
}
