package tarn.core.query;

/** What a SQL text asks for: one of the few kinds of statement that the query door answers. */
public sealed interface Statement {

  /**
   * Rows are wanted.
   *
   * @param sql one SELECT, WITH, VALUES, TABLE or FROM-first query, without a closing {@code ;}
   */
  record Select(String sql) implements Statement {}

  /**
   * The plan of a query is wanted.
   *
   * @param sql the query behind the EXPLAIN
   * @param analyze whether it is run to measure it
   */
  record Explain(String sql, boolean analyze) implements Statement {}

  /**
   * The columns of a table or of a query are wanted.
   *
   * @param sql a query with those columns; {@code DESCRIBE clean.orders} gives {@code FROM
   *     clean.orders}
   */
  record Describe(String sql) implements Statement {}

  /** The names of all tables and datasets are wanted. */
  record ShowTables() implements Statement {}
}
