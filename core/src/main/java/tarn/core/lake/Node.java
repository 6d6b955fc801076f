package tarn.core.lake;

import java.util.List;
import java.util.Optional;

/** A piece of a YAML file, with its place: what later floors compile and complain about. */
public sealed interface Node {

  /** Where it begins. */
  Place place();

  /** What it is, for messages: {@code a text}, {@code a list}. */
  String kind();

  /**
   * A single value.
   *
   * @param text the value, without quotes
   * @param style how it is written
   * @param indent how far a block's lines are indented; 0 for others
   */
  record Scalar(Place place, String text, Style style, int indent) implements Node {

    /** Not a block. */
    public Scalar(Place place, String text, Style style) {
      this(place, text, style, 0);
    }

    /** Whether it is written with quotes or as a block, and so is a text whatever it looks like. */
    public boolean isQuoted() {
      return style != Style.PLAIN;
    }

    /** Whether there is nothing, or {@code null} without quotes. */
    public boolean isNull() {
      return style == Style.PLAIN
          && (text.isEmpty() || text.equals("null") || text.equals("Null") || text.equals("~"));
    }

    /** The place of a character of the text; of its beginning where that cannot be known. */
    public Place placeOf(int character) {
      boolean oneLine = text.indexOf('\n') < 0;
      return switch (style) {
        case PLAIN -> oneLine ? place.right(character) : place;
        case SINGLE_QUOTED, DOUBLE_QUOTED ->
            oneLine ? place.right(1 + character + escapesBefore(character)) : place;
        case BLOCK -> placeInBlock(character);
      };
    }

    private int escapesBefore(int character) {
      char escaped = style == Style.SINGLE_QUOTED ? '\'' : '"';
      return (int)
          text.substring(0, Math.min(character, text.length()))
              .chars()
              .filter(c -> c == escaped || (style == Style.DOUBLE_QUOTED && c == '\\'))
              .count();
    }

    private Place placeInBlock(int character) {
      String before = text.substring(0, Math.min(character, text.length()));
      int lines = (int) before.chars().filter(c -> c == '\n').count();
      int column = before.length() - before.lastIndexOf('\n') + indent;
      return new Place(place.file(), place.line() + 1 + lines, column);
    }

    @Override
    public String kind() {
      return isNull() ? "nothing" : "'" + text + "'";
    }
  }

  /** How a scalar is written. */
  enum Style {
    PLAIN,
    SINGLE_QUOTED,
    DOUBLE_QUOTED,
    BLOCK
  }

  /** A list. */
  record Sequence(Place place, List<Node> items) implements Node {
    public Sequence {
      items = List.copyOf(items);
    }

    @Override
    public String kind() {
      return "a list";
    }
  }

  /** Keys and values in the order written; keys are distinct. */
  record Mapping(Place place, List<Entry> entries) implements Node {
    public Mapping {
      entries = List.copyOf(entries);
    }

    /** The value of a key. */
    public Optional<Node> get(String key) {
      return entries.stream()
          .filter(entry -> entry.key().text().equals(key))
          .map(Entry::value)
          .findFirst();
    }

    @Override
    public String kind() {
      return "keys with values";
    }
  }

  /** A key and its value. */
  record Entry(Scalar key, Node value) {}
}
