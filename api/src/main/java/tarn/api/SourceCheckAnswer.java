package tarn.api;

import java.util.List;

/**
 * What a database needs to be followed, and how it is.
 *
 * @param good whether nothing keeps it from being followed
 */
public record SourceCheckAnswer(boolean good, List<Check> checks) implements Message {

  /**
   * One thing.
   *
   * @param result {@code ok}, {@code warning} or {@code error}
   * @param remedy what to do about it; empty if it is good
   */
  public record Check(String what, String result, String found, String remedy) implements Message {
    @Override
    public Fields fields() {
      return new Fields()
          .with("what", what)
          .with("result", result)
          .with("found", found)
          .with("remedy", remedy);
    }

    static Check from(Fields fields) {
      return new Check(
          fields.text("what"), fields.text("result"), fields.text("found"), fields.text("remedy"));
    }
  }

  @Override
  public Fields fields() {
    return new Fields().with("good", good).with("checks", checks);
  }

  public static SourceCheckAnswer from(Fields fields) {
    return new SourceCheckAnswer(fields.flag("good"), fields.objects("checks", Check::from));
  }
}
