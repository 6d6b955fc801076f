package tarn.api;

/**
 * What {@code POST /v1/query} asks.
 *
 * @param sql one SELECT, SHOW, DESCRIBE or EXPLAIN
 * @param maxRows at most so many rows; 0 for the server's limit
 * @param timeoutMillis at most so long; 0 for the server's limit
 */
public record QueryRequest(String sql, long maxRows, long timeoutMillis) implements Message {

  @Override
  public Fields fields() {
    return new Fields()
        .with("sql", sql)
        .with("max_rows", maxRows)
        .with("timeout_millis", timeoutMillis);
  }

  public static QueryRequest from(Fields fields) {
    fields.only("sql", "max_rows", "timeout_millis");
    return new QueryRequest(
        fields.text("sql"), fields.numberOr("max_rows", 0), fields.numberOr("timeout_millis", 0));
  }
}
