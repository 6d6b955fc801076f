package tarn.core.engine;

import org.apache.iceberg.Schema;
import org.apache.iceberg.types.Types;

/**
 * The columns of every quarantine table, {@code quarantine.<table>}: why a record was rejected,
 * where it came from, and its bytes.
 */
public final class QuarantineColumns {
  public static final Schema SCHEMA =
      new Schema(
          Types.NestedField.required(
              1, "ledger_seq", Types.LongType.get(), "the batch that landed it"),
          Types.NestedField.required(2, "file", Types.StringType.get(), "the raw object it is in"),
          Types.NestedField.optional(
              3, "line", Types.LongType.get(), "where it starts, from 1; null: the whole file"),
          Types.NestedField.optional(
              4, "byte_offset", Types.LongType.get(), "in the uncompressed file"),
          Types.NestedField.optional(5, "byte_length", Types.LongType.get(), "of the record"),
          Types.NestedField.required(
              6, "reason", Types.StringType.get(), "what is wrong, or the rule that it breaks"),
          Types.NestedField.optional(7, "column_name", Types.StringType.get(), "where it is wrong"),
          Types.NestedField.optional(
              8, "value", Types.StringType.get(), "what stands there, cut at 200 characters"),
          Types.NestedField.optional(
              9,
              "record",
              Types.BinaryType.get(),
              "the original bytes; null above 1 MiB: read them from the file"));

  private QuarantineColumns() {}
}
