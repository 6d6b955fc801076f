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
        .with("maxRows", maxRows)
        .with("timeoutMillis", timeoutMillis);
  }

  public static QueryRequest from(Fields fields) {
    fields.only("sql", "maxRows", "timeoutMillis");
    return new QueryRequest(
        fields.text("sql"), fields.numberOr("maxRows", 0), fields.numberOr("timeoutMillis", 0));
  }
}
