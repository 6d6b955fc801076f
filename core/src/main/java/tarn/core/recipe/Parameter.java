package tarn.core.recipe;

import java.util.List;

/**
 * A parameter of an operation.
 *
 * @param name DataBrew's name for it
 * @param kind what can be written
 * @param required whether it must be there
 * @param choices the texts that are allowed; empty for any
 * @param meaning one sentence for the docs
 */
public record Parameter(
    String name, Kind kind, boolean required, List<String> choices, String meaning) {

  /** What can be written for a parameter. */
  public enum Kind {
    /** The name of a column that is there. */
    COLUMN("column"),
    /** Names of columns that are there. */
    COLUMNS("list of columns"),
    /** The name of a column to be made. */
    NEW_COLUMN("new column"),
    TEXT("text"),
    FLAG("true or false"),
    /** A whole number from 0 to 18. */
    DIGITS("whole number, 0 to 18"),
    NUMBER("number"),
    /** A text, number, boolean or date. */
    VALUE("value"),
    /** A value, or a list of them. */
    VALUES("value or list of values");

    private final String label;

    Kind(String label) {
      this.label = label;
    }

    /** A few words for docs and messages. */
    public String label() {
      return label;
    }
  }

  static Parameter required(String name, Kind kind, String meaning) {
    return new Parameter(name, kind, true, List.of(), meaning);
  }

  static Parameter optional(String name, Kind kind, String meaning) {
    return new Parameter(name, kind, false, List.of(), meaning);
  }

  Parameter oneOf(List<String> texts) {
    return new Parameter(name, kind, required, texts, meaning);
  }
}
