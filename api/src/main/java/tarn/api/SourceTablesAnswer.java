package tarn.api;

import java.util.List;

/**
 * The tables of a database that are asked for, as they are now: a line for each column.
 *
 * @param columns in the order of tables, then of columns
 */
public record SourceTablesAnswer(List<Column> columns) implements Message {

  /**
   * A column.
   *
   * @param table full name in the database
   * @param copy full name in the lake
   * @param column its name
   * @param sourceType in the database
   * @param type in the lake
   * @param key whether it is part of what tells rows
   * @param rows the condition of the table's rows that are copied; empty for all
   */
  public record Column(
      String table,
      String copy,
      String column,
      String sourceType,
      String type,
      boolean key,
      String rows)
      implements Message {
    @Override
    public Fields fields() {
      return new Fields()
          .with("table", table)
          .with("copy", copy)
          .with("column", column)
          .with("source_type", sourceType)
          .with("type", type)
          .with("key", key)
          .with("rows", rows);
    }

    static Column from(Fields fields) {
      return new Column(
          fields.text("table"),
          fields.text("copy"),
          fields.text("column"),
          fields.text("source_type"),
          fields.text("type"),
          fields.flag("key"),
          fields.text("rows"));
    }
  }

  @Override
  public Fields fields() {
    return new Fields().with("columns", columns);
  }

  public static SourceTablesAnswer from(Fields fields) {
    return new SourceTablesAnswer(fields.objects("columns", Column::from));
  }
}
