package tarn.iceberg;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SortOrder;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.TypeUtil;
import org.apache.iceberg.types.Types;
import tarn.core.table.PartitionTransform;
import tarn.core.table.SortColumn;
import tarn.core.table.TableSpec;

/** Columns, partitioning and order of tables. */
final class Shapes {
  private Shapes() {}

  /**
   * The same table with exactly these columns, partitioning and order. A column whose name and type
   * stay keeps its id; one of another type is another column.
   */
  static TableMetadata reshaped(TableMetadata base, TableSpec spec) {
    int[] last = {base.lastColumnId()};
    List<Types.NestedField> fields = new ArrayList<>();
    for (Types.NestedField wanted : spec.schema().columns()) {
      Types.NestedField present = base.schema().caseInsensitiveFindField(wanted.name());
      fields.add(
          present != null && sameShape(present.type(), wanted.type())
              ? present
              : fresh(wanted, last));
    }
    TableMetadata columns =
        TableMetadata.buildFrom(base)
            .setDefaultPartitionSpec(PartitionSpec.unpartitioned()) // the old ones may not fit
            .setDefaultSortOrder(SortOrder.unsorted())
            .setCurrentSchema(new Schema(fields), last[0])
            .build();
    return laidOut(columns, spec.partition(), spec.sort());
  }

  /** The same table with this partitioning and order for rows that come. */
  static TableMetadata laidOut(
      TableMetadata base, List<PartitionTransform> partition, List<SortColumn> sort) {
    TableMetadata withIds =
        base.buildReplacement(
            base.schema(),
            partitionSpec(base.schema(), partition),
            sortOrder(base.schema(), sort),
            base.location(),
            Map.of());
    return TableMetadata.buildFrom(base)
        .setDefaultPartitionSpec(withIds.spec())
        .setDefaultSortOrder(withIds.sortOrder())
        .build();
  }

  /**
   * The same table with the columns of an older snapshot, and the newest partitioning and order
   * that go with them.
   */
  static TableMetadata asOf(TableMetadata base, Snapshot snapshot) {
    Integer id = snapshot.schemaId();
    Schema schema = id == null ? null : base.schemasById().get(id);
    if (schema == null || schema.schemaId() == base.currentSchemaId()) {
      return base;
    }
    PartitionSpec spec =
        fits(base.spec(), schema)
            ? base.spec()
            : base.specs().stream()
                .filter(s -> fits(s, schema))
                .max(Comparator.comparingInt(PartitionSpec::specId))
                .orElse(PartitionSpec.unpartitioned());
    SortOrder order =
        base.sortOrder().fields().stream().allMatch(f -> schema.findField(f.sourceId()) != null)
            ? base.sortOrder()
            : SortOrder.unsorted();
    return TableMetadata.buildFrom(base)
        .setDefaultPartitionSpec(spec)
        .setDefaultSortOrder(order)
        .setCurrentSchema(schema.schemaId())
        .build();
  }

  private static boolean fits(PartitionSpec spec, Schema schema) {
    return spec.fields().stream().allMatch(f -> schema.findField(f.sourceId()) != null);
  }

  private static Types.NestedField fresh(Types.NestedField wanted, int[] last) {
    int id = ++last[0];
    Type type = TypeUtil.assignFreshIds(wanted.type(), () -> ++last[0]);
    return Types.NestedField.from(wanted).withId(id).ofType(type).build();
  }

  /** Nested ids differ between a table and what is written into it. */
  private static boolean sameShape(Type a, Type b) {
    return withoutIds(a).equals(withoutIds(b));
  }

  private static Type withoutIds(Type type) {
    int[] next = {0};
    return TypeUtil.assignFreshIds(type, () -> ++next[0]);
  }

  /** For a new table. */
  static PartitionSpec partitionSpec(Schema schema, List<PartitionTransform> fields) {
    PartitionSpec.Builder builder = PartitionSpec.builderFor(schema).caseSensitive(false);
    for (PartitionTransform field : fields) {
      Integer parameter = field.parameter();
      int number = parameter == null ? 0 : parameter;
      switch (field.kind()) {
        case IDENTITY -> builder.identity(field.column());
        case YEAR -> builder.year(field.column());
        case MONTH -> builder.month(field.column());
        case DAY -> builder.day(field.column());
        case HOUR -> builder.hour(field.column());
        case BUCKET -> builder.bucket(field.column(), number);
        case TRUNCATE -> builder.truncate(field.column(), number);
      }
    }
    return builder.build();
  }

  /** In these columns. */
  static SortOrder sortOrder(Schema schema, List<SortColumn> columns) {
    if (columns.isEmpty()) {
      return SortOrder.unsorted();
    }
    SortOrder.Builder builder = SortOrder.builderFor(schema).caseSensitive(false);
    for (SortColumn column : columns) {
      if (column.descending()) {
        builder.desc(column.column());
      } else {
        builder.asc(column.column());
      }
    }
    return builder.build();
  }
}
