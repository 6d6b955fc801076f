package tarn.core.engine.plan;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A quality rule over the rows that left the last step. A row that fails goes to quarantine with
 * the rule and its original bytes.
 */
public sealed interface Rule {
  /** How the reason of a record begins that a rule put into quarantine; the rule's text follows. */
  String BREAKS = "breaks the rule ";

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
   *
   * @param where only rows for which it is true are looked at; null for all
   */
  record Unique(String text, List<String> columns, @Nullable Expr where) implements Rule {
    /** Over all rows. */
    public Unique(String text, List<String> columns) {
      this(text, columns, null);
    }
  }
}
