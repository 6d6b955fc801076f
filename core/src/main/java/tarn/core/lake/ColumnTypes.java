package tarn.core.lake;

import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;

/** Column types by Iceberg's names: {@code long}, {@code decimal(18, 2)}, {@code timestamptz}. */
public final class ColumnTypes {
  private static final int MAX_PRECISION = 38;
  private static final Pattern DECIMAL =
      Pattern.compile("decimal\\(\\s*([0-9]{1,2})\\s*,\\s*([0-9]{1,2})\\s*\\)");
  private static final Map<String, Type.PrimitiveType> SIMPLE =
      Map.ofEntries(
          Map.entry("boolean", Types.BooleanType.get()),
          Map.entry("int", Types.IntegerType.get()),
          Map.entry("long", Types.LongType.get()),
          Map.entry("float", Types.FloatType.get()),
          Map.entry("double", Types.DoubleType.get()),
          Map.entry("date", Types.DateType.get()),
          Map.entry("time", Types.TimeType.get()),
          Map.entry("timestamp", Types.TimestampType.withoutZone()),
          Map.entry("timestamptz", Types.TimestampType.withZone()),
          Map.entry("string", Types.StringType.get()),
          Map.entry("uuid", Types.UUIDType.get()),
          Map.entry("binary", Types.BinaryType.get()));

  private ColumnTypes() {}

  /** Reads a type; empty if it is none, also for a decimal wider than 38 digits. */
  public static Optional<Type.PrimitiveType> parse(String text) {
    Matcher decimal = DECIMAL.matcher(text);
    if (!decimal.matches()) {
      return Optional.ofNullable(SIMPLE.get(text));
    }
    int precision = Integer.parseInt(decimal.group(1));
    int scale = Integer.parseInt(decimal.group(2));
    boolean fits = precision >= 1 && precision <= MAX_PRECISION && scale <= precision;
    return fits ? Optional.of(Types.DecimalType.of(precision, scale)) : Optional.empty();
  }
}
