package tarn.core.lake;

/**
 * Where in the lake folder something is written.
 *
 * @param file path relative to the lake folder, with {@code /}
 * @param line from 1
 * @param column in characters, from 1
 */
public record Place(String file, int line, int column) implements Comparable<Place> {

  /** The beginning of a file. */
  public static Place startOf(String file) {
    return new Place(file, 1, 1);
  }

  /** The same line, some characters further. */
  public Place right(int characters) {
    return new Place(file, line, column + characters);
  }

  @Override
  public int compareTo(Place other) {
    int byFile = file.compareTo(other.file);
    if (byFile != 0) {
      return byFile;
    }
    int byLine = Integer.compare(line, other.line);
    return byLine != 0 ? byLine : Integer.compare(column, other.column);
  }

  @Override
  public String toString() {
    return file + ":" + line + ":" + column;
  }
}
