package tarn.core.engine.plan;

import java.util.List;

/**
 * A quality rule over the rows that left the last step. A row that fails goes to quarantine with
 * the rule and its original bytes.
 */
public sealed interface Rule {

  /** The rule as its author wrote it, for reports: {@code IsComplete "order_id"}. */
  String text();

  /**
   * Every row for itself.
   *
   * @param column the column to report
   * @param valid a row passes if it is true; it fails if it is false <em>or null</em>
   */
  record Each(String text, String column, Expr valid) implements Rule {}

  /**
   * No two rows of the table have the same values in these columns (rows with a null among them do
   * not count). The row that landed first stays; the others fail. In a table with a key, a newer
   * version of the same key is not a second row.
   */
  record Unique(String text, List<String> columns) implements Rule {}
}
