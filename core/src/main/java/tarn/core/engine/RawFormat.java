package tarn.core.engine;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.types.Type;

/** How the bytes of a raw file become records. JSON is UTF-8, with or without a byte order mark. */
public sealed interface RawFormat {

  /** The encoding of its text. */
  default Charset encoding() {
    return StandardCharsets.UTF_8;
  }

  /** The same of a file whose text has been written anew in UTF-8. */
  default RawFormat inUtf8() {
    if (this instanceof Csv csv) {
      return new Csv(
          csv.delimiter(), csv.quote(), csv.header(), csv.columns(), StandardCharsets.UTF_8);
    } else if (this instanceof Lines lines) {
      return new Lines(
          lines.name(), lines.regex(), lines.groups(), lines.types(), StandardCharsets.UTF_8);
    }
    return this;
  }

  /**
   * Delimited text (RFC 4180 and its dialects).
   *
   * @param delimiter one ASCII character
   * @param quote one ASCII character
   * @param header whether the first record names the columns
   * @param columns the names, from the header or made up ({@code c1}…), in the file's order
   * @param encoding UTF-8, UTF-16 (by its byte order mark, or little-endian) or ISO 8859-1
   */
  record Csv(char delimiter, char quote, boolean header, List<String> columns, Charset encoding)
      implements RawFormat {}

  /** One JSON object in each line. */
  record JsonLines() implements RawFormat {}

  /**
   * JSON objects, each over any number of lines.
   *
   * @param array whether they are the elements of one array, or stand one after the other
   */
  record JsonDocuments(boolean array) implements RawFormat {}

  /**
   * Lines of text that match a pattern; empty lines are no records, and a field without a character
   * has no value.
   *
   * @param name what people call it: {@code combined-log}, {@code grok}
   * @param regex for whole lines, of the kind that takes linear time (RE2), with a group for each
   *     entry of {@code groups} and no other
   * @param groups the columns that they give; one that is named twice has the first group with a
   *     character
   * @param types of columns, where the pattern says them
   * @param encoding as of {@link Csv}
   */
  record Lines(
      String name,
      String regex,
      List<String> groups,
      Map<String, Type.PrimitiveType> types,
      Charset encoding)
      implements RawFormat {
    public Lines {
      groups = List.copyOf(groups);
      types = Map.copyOf(types);
    }
  }

  /** A Parquet file: it says what its columns are. Its records have row numbers, and no bytes. */
  record Parquet() implements RawFormat {}
}
