package tarn.api;

/**
 * How many rows a rule put aside.
 *
 * @param table the table they did not get into
 * @param rule the rule, or {@code unreadable}
 * @param rows how many
 */
public record QuarantineCount(String table, String rule, long rows) implements Message {

  @Override
  public Fields fields() {
    return new Fields().with("table", table).with("rule", rule).with("rows", rows);
  }

  public static QuarantineCount from(Fields fields) {
    return new QuarantineCount(fields.text("table"), fields.text("rule"), fields.number("rows"));
  }
}
