package tarn.core.engine;

import java.util.List;

/** How the bytes of a raw file become records. Text is UTF-8, with or without a byte order mark. */
public sealed interface RawFormat {

  /**
   * Delimited text (RFC 4180 and its dialects).
   *
   * @param delimiter one ASCII character
   * @param quote one ASCII character
   * @param header whether the first record names the columns
   * @param columns the names, from the header or made up ({@code c1}…), in the file's order
   */
  record Csv(char delimiter, char quote, boolean header, List<String> columns)
      implements RawFormat {}

  /** One JSON object in each line. */
  record JsonLines() implements RawFormat {}

  /**
   * JSON objects, each over any number of lines.
   *
   * @param array whether they are the elements of one array, or stand one after the other
   */
  record JsonDocuments(boolean array) implements RawFormat {}

  /** A Parquet file: it says what its columns are. Its records have row numbers, and no bytes. */
  record Parquet() implements RawFormat {}
}
