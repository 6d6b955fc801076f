package tarn.api;

import java.util.List;

/**
 * Which tables of a database will be loaded anew.
 *
 * @param tables their full names in the database
 */
public record SourceReloadAnswer(List<String> tables) implements Message {

  @Override
  public Fields fields() {
    return new Fields().with("tables", tables);
  }

  public static SourceReloadAnswer from(Fields fields) {
    return new SourceReloadAnswer(fields.texts("tables"));
  }
}
