package tarn.api;

import java.util.List;

/**
 * What happened to a table.
 *
 * @param table {@code clean.orders}
 * @param commits newest first
 */
public record HistoryAnswer(String table, List<Commit> commits) implements Message {

  @Override
  public Fields fields() {
    return new Fields().with("table", table).with("commits", commits);
  }

  public static HistoryAnswer from(Fields fields) {
    return new HistoryAnswer(fields.text("table"), fields.objects("commits", Commit::from));
  }
}
