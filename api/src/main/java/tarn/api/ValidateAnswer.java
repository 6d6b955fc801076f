package tarn.api;

import java.util.List;

/**
 * Everything that is wrong with a lake folder.
 *
 * @param findings by file and line; empty if it is valid
 */
public record ValidateAnswer(List<Finding> findings) implements Message {

  @Override
  public Fields fields() {
    return new Fields().with("findings", findings);
  }

  public static ValidateAnswer from(Fields fields) {
    return new ValidateAnswer(fields.objects("findings", Finding::from));
  }
}
