package tarn.duckdb.worker;

import java.math.BigDecimal;
import java.sql.SQLException;
import org.apache.iceberg.util.BucketUtil;
import org.duckdb.DuckDBColumnType;
import org.duckdb.DuckDBConnection;
import org.duckdb.DuckDBFunctions;

/**
 * Iceberg's bucket transform (murmur3, 32 bit, seed 0) as SQL functions; DuckDB's own hash is
 * another one.
 */
final class Buckets {
  private static final int SIGN = Integer.MAX_VALUE;

  private Buckets() {}

  /**
   * {@code tarn_bucket_long(value, buckets)} for whole numbers, days and microseconds; {@code
   * tarn_bucket_text}; {@code tarn_bucket_decimal(text, buckets)}. They look for nulls themselves:
   * {@code withNullInNullOut} lets them through when a vector has other rows.
   */
  static void register(DuckDBConnection connection) throws SQLException {
    DuckDBFunctions.scalarFunction()
        .withName("tarn_bucket_long")
        .withParameters(DuckDBColumnType.BIGINT, DuckDBColumnType.INTEGER)
        .withReturnType(DuckDBColumnType.INTEGER)
        .withNullInNullOut()
        .<Long, Integer, Integer>withFunction(
            (value, n) -> value == null ? null : bucket(BucketUtil.hash(value), n))
        .register(connection);
    DuckDBFunctions.scalarFunction()
        .withName("tarn_bucket_text")
        .withParameters(DuckDBColumnType.VARCHAR, DuckDBColumnType.INTEGER)
        .withReturnType(DuckDBColumnType.INTEGER)
        .withNullInNullOut()
        .<String, Integer, Integer>withFunction(
            (value, n) -> value == null ? null : bucket(BucketUtil.hash(value), n))
        .register(connection);
    DuckDBFunctions.scalarFunction()
        .withName("tarn_bucket_decimal")
        .withParameters(DuckDBColumnType.VARCHAR, DuckDBColumnType.INTEGER)
        .withReturnType(DuckDBColumnType.INTEGER)
        .withNullInNullOut()
        .<String, Integer, Integer>withFunction(
            (value, n) -> value == null ? null : bucket(BucketUtil.hash(new BigDecimal(value)), n))
        .register(connection);
  }

  private static int bucket(int hash, int buckets) {
    return (hash & SIGN) % buckets;
  }
}
