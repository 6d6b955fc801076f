package tarn.api;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One row that was put aside.
 *
 * @param table the table it did not get into
 * @param rule the rule, or {@code unreadable}
 * @param reason why, in one line
 * @param file the raw file it is from
 * @param line its line there, from 1; 0 if that is not known
 * @param record its original bytes as text; bytes that are no UTF-8 as {@code \\xNN}
 * @param at when its file landed
 */
public record QuarantinedRow(
    String table,
    String rule,
    String reason,
    String file,
    long line,
    String record,
    @Nullable Instant at)
    implements Message {

  @Override
  public Fields fields() {
    return new Fields()
        .with("table", table)
        .with("rule", rule)
        .with("reason", reason)
        .with("file", file)
        .with("line", line)
        .with("record", record)
        .with("at", at);
  }

  public static QuarantinedRow from(Fields fields) {
    return new QuarantinedRow(
        fields.text("table"),
        fields.text("rule"),
        fields.text("reason"),
        fields.text("file"),
        fields.number("line"),
        fields.text("record"),
        fields.timeOrNull("at"));
  }
}
