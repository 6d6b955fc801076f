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

  static final Parameter SOURCE =
      required("sourceColumn", Kind.COLUMN, "The column that it works on.");
  static final Parameter SOURCES = required("sourceColumns", Kind.COLUMNS, "The columns.");
  static final Parameter NEW =
      required("targetColumn", Kind.NEW_COLUMN, "The name of the new column.");
  static final Parameter INTO =
      optional(
          "targetColumn",
          Kind.NEW_COLUMN,
          "The name of the new column; without it, in place (Tarn's).");

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
    /** Texts or numbers. */
    LIST("list"),
    /** Values by texts. */
    MAP("map from values to values"),
    /** Pairs of a column and a column of another table. */
    KEYS("list of {key, value}"),
    /** A whole number from 0 to 18. */
    DIGITS("whole number, 0 to 18"),
    /** A whole number of at most nine digits. */
    WHOLE("whole number"),
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
