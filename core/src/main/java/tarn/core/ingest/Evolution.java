package tarn.core.ingest;

import java.util.ArrayList;
import java.util.List;
import org.apache.iceberg.Schema;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.TypeUtil;
import org.apache.iceberg.types.Types;
import tarn.core.engine.Column;
import tarn.core.table.SchemaChange;

/**
 * How a table's columns, and the fields of nested ones, follow what comes in: new ones are added,
 * types are widened where Iceberg can (int to long, float to double, more digits). A column that no
 * longer comes stays and is null; a type that does not fit stays too, and values that do not fit it
 * are quarantined.
 */
public final class Evolution {
  private Evolution() {}

  /** A schema for a new table; ids are placeholders. */
  public static Schema schema(List<Column> columns) {
    List<Types.NestedField> fields = new ArrayList<>();
    int id = 1;
    for (Column column : columns) {
      fields.add(Types.NestedField.optional(id++, column.name(), column.type()));
    }
    Types.StructType fresh =
        (Types.StructType) TypeUtil.assignFreshIds(Types.StructType.of(fields), counter());
    return new Schema(fresh.fields());
  }

  /** What a table needs to take these columns. */
  public static SchemaChange between(Schema table, List<Column> columns) {
    List<SchemaChange.Column> additions = new ArrayList<>();
    List<SchemaChange.Column> widenings = new ArrayList<>();
    for (Column column : columns) {
      Types.NestedField present = table.caseInsensitiveFindField(column.name());
      if (present == null) {
        additions.add(new SchemaChange.Column(column.name(), column.type()));
      } else {
        follow(present.name(), present.type(), column.type(), widenings, additions);
      }
    }
    return new SchemaChange(List.of(), List.of(), widenings, additions);
  }

  /** Nested fields are added and widened as columns are. */
  private static void follow(
      String path,
      Type from,
      Type to,
      List<SchemaChange.Column> widenings,
      List<SchemaChange.Column> additions) {
    if (widens(from, to)) {
      widenings.add(new SchemaChange.Column(path, to));
    } else if (from.isListType() && to.isListType()) {
      Type element = from.asListType().elementType();
      follow(path + ".element", element, to.asListType().elementType(), widenings, additions);
    } else if (from.isMapType() && to.isMapType()) {
      Type value = from.asMapType().valueType();
      follow(path + ".value", value, to.asMapType().valueType(), widenings, additions);
    } else if (from.isStructType() && to.isStructType()) {
      for (Types.NestedField field : to.asStructType().fields()) {
        Types.NestedField present = from.asStructType().caseInsensitiveField(field.name());
        if (present == null) {
          additions.add(new SchemaChange.Column(field.name(), field.type(), path));
        } else {
          String deeper = path + "." + present.name();
          follow(deeper, present.type(), field.type(), widenings, additions);
        }
      }
    }
  }

  private static boolean widens(Type from, Type to) {
    return from.isPrimitiveType()
        && to.isPrimitiveType()
        && !from.equals(to)
        && TypeUtil.isPromotionAllowed(from, to.asPrimitiveType());
  }

  private static TypeUtil.NextID counter() {
    int[] next = {1};
    return () -> next[0]++;
  }
}
