package tarn.core.catalog;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Type.TypeID;
import org.apache.iceberg.types.Types;
import tarn.core.engine.Column;

/** The narrowest type that holds the values of both; text holds everything. */
final class TypeMerge {
  private int nextId = 1;

  private TypeMerge() {}

  /**
   * Columns of one or both, those of the first in their order first. Names that differ by case are
   * one column, named as it came first, which keeps the other spellings.
   */
  static List<Column> merge(List<Column> first, List<Column> second) {
    Map<String, Column> merged = new LinkedHashMap<>();
    TypeMerge merge = new TypeMerge();
    for (Column column : first) {
      merged.putIfAbsent(column.name().toLowerCase(Locale.ROOT), column);
    }
    for (Column column : second) {
      merged.merge(
          column.name().toLowerCase(Locale.ROOT),
          column,
          (a, b) -> new Column(a.name(), merge.widest(a.type(), b.type()), spellings(a, b)));
    }
    return List.copyOf(merged.values());
  }

  private static List<String> spellings(Column a, Column b) {
    Set<String> all = new LinkedHashSet<>(a.spellings());
    all.add(b.name());
    all.addAll(b.spellings());
    all.remove(a.name());
    return List.copyOf(all);
  }

  private Type widest(Type a, Type b) {
    if (a.equals(b)) {
      return a;
    } else if (a.isStructType() && b.isStructType()) {
      return struct(a.asStructType(), b.asStructType());
    } else if (a.isListType() && b.isListType()) {
      return Types.ListType.ofOptional(
          nextId++, widest(a.asListType().elementType(), b.asListType().elementType()));
    } else if (a.isPrimitiveType() && b.isPrimitiveType()) {
      return primitive(a, b);
    }
    return Types.StringType.get();
  }

  /** A text if names differ by case only: no struct could keep them apart. */
  private Type struct(Types.StructType a, Types.StructType b) {
    Map<String, Type> fields = new LinkedHashMap<>();
    a.fields().forEach(f -> fields.put(f.name(), f.type()));
    b.fields().forEach(f -> fields.merge(f.name(), f.type(), this::widest));
    Set<String> names = new HashSet<>();
    if (!fields.keySet().stream().allMatch(name -> names.add(name.toLowerCase(Locale.ROOT)))) {
      return Types.StringType.get();
    }
    List<Types.NestedField> merged = new ArrayList<>();
    fields.forEach((name, type) -> merged.add(Types.NestedField.optional(nextId++, name, type)));
    return Types.StructType.of(merged);
  }

  private static Type primitive(Type a, Type b) {
    TypeID x = a.typeId();
    TypeID y = b.typeId();
    if (isWhole(x) && isWhole(y)) {
      return Types.LongType.get();
    } else if (isNumber(x) && isNumber(y)) {
      return x == TypeID.DECIMAL && y == TypeID.DECIMAL
          ? decimal((Types.DecimalType) a, (Types.DecimalType) b)
          : Types.DoubleType.get();
    } else if (isTime(x) && isTime(y)) {
      boolean zone = isZoned(a) && isZoned(b);
      return zone ? Types.TimestampType.withZone() : Types.TimestampType.withoutZone();
    }
    return Types.StringType.get();
  }

  private static Type decimal(Types.DecimalType a, Types.DecimalType b) {
    int scale = Math.max(a.scale(), b.scale());
    int whole = Math.max(a.precision() - a.scale(), b.precision() - b.scale());
    return whole + scale > 38 ? Types.DoubleType.get() : Types.DecimalType.of(whole + scale, scale);
  }

  private static boolean isWhole(TypeID id) {
    return id == TypeID.INTEGER || id == TypeID.LONG;
  }

  private static boolean isNumber(TypeID id) {
    return isWhole(id) || id == TypeID.FLOAT || id == TypeID.DOUBLE || id == TypeID.DECIMAL;
  }

  private static boolean isTime(TypeID id) {
    return id == TypeID.DATE || id == TypeID.TIMESTAMP;
  }

  private static boolean isZoned(Type type) {
    return type instanceof Types.TimestampType timestamp && timestamp.shouldAdjustToUTC();
  }
}
