package tarn.cdc;

import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;

/**
 * The lake's type for a type of PostgreSQL, told by the number that the type has in every
 * PostgreSQL ({@code pg_type.dat}). What is not here is a text, as PostgreSQL prints it: no value
 * is lost, and a recipe can parse it.
 */
final class PostgresTypes {
  private static final int BOOL = 16;
  private static final int BYTEA = 17;
  private static final int INT8 = 20;
  private static final int INT2 = 21;
  private static final int INT4 = 23;
  private static final int OID = 26;
  private static final int FLOAT4 = 700;
  private static final int FLOAT8 = 701;
  private static final int DATE = 1082;
  private static final int TIME = 1083;
  private static final int TIMESTAMP = 1114;
  private static final int TIMESTAMPTZ = 1184;
  private static final int NUMERIC = 1700;
  private static final int UUID = 2950;

  private static final int MODIFIER_OFFSET = 4;
  private static final int PRECISION_SHIFT = 16;
  private static final int PRECISION_MASK = 0xFFFF;
  private static final int SCALE_MASK = 0x7FF;
  private static final int SCALE_SIGN = 0x400;
  private static final int MAX_PRECISION = 38;

  private PostgresTypes() {}

  /**
   * @param oid of the type; of a domain, that of what it is made of
   * @param modifier as in pg_attribute.atttypmod; -1 for none
   */
  static Type of(long oid, int modifier) {
    return switch ((int) oid) {
      case BOOL -> Types.BooleanType.get();
      case INT2, INT4 -> Types.IntegerType.get();
      case INT8, OID -> Types.LongType.get();
      case FLOAT4 -> Types.FloatType.get();
      case FLOAT8 -> Types.DoubleType.get();
      case NUMERIC -> numeric(modifier);
      case DATE -> Types.DateType.get();
      case TIME -> Types.TimeType.get();
      case TIMESTAMP -> Types.TimestampType.withoutZone();
      case TIMESTAMPTZ -> Types.TimestampType.withZone();
      case UUID -> Types.UUIDType.get();
      case BYTEA -> Types.BinaryType.get();
      default -> Types.StringType.get();
    };
  }

  /**
   * Exact, or a text: without a modifier any number of digits is allowed. A scale below zero has
   * zeros before the point, one above the precision has them behind it.
   */
  private static Type numeric(int modifier) {
    int both = modifier - MODIFIER_OFFSET;
    int digits = both >> PRECISION_SHIFT & PRECISION_MASK;
    int scale = ((both & SCALE_MASK) ^ SCALE_SIGN) - SCALE_SIGN;
    int precision = scale < 0 ? digits - scale : Math.max(digits, scale);
    return modifier >= MODIFIER_OFFSET && precision <= MAX_PRECISION
        ? Types.DecimalType.of(precision, Math.max(0, scale))
        : Types.StringType.get();
  }
}
