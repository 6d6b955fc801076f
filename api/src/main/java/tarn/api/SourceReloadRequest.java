package tarn.api;

import java.util.List;

/**
 * Which tables of a database to load anew.
 *
 * @param tables full names in the database; empty for all
 */
public record SourceReloadRequest(List<String> tables) implements Message {

  @Override
  public Fields fields() {
    return new Fields().with("tables", tables);
  }

  public static SourceReloadRequest from(Fields fields) {
    fields.only("tables");
    return new SourceReloadRequest(fields.texts("tables"));
  }
}
