package tarn.core.lake;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One field of a table's sort order: {@code ordered_at}, {@code total desc}. Nulls come first when
 * ascending, last when descending.
 *
 * @param column a column of the table
 * @param descending whether the greatest comes first
 */
public record SortField(String column, boolean descending) {
  private static final Pattern TEXT =
      Pattern.compile("(.*?)(\\s+(asc|desc))?", Pattern.CASE_INSENSITIVE | Pattern.DOTALL);

  /** Reads one; IllegalArgumentException, with what is expected, if it is none. */
  public static SortField parse(String text) {
    Matcher matcher = TEXT.matcher(text.strip());
    if (!matcher.matches()) {
      throw new IllegalArgumentException("sort field: column, column asc or column desc");
    }
    String column = ColumnName.read(matcher.group(1), "sort field: column, or column desc");
    return new SortField(column, "desc".equalsIgnoreCase(matcher.group(3)));
  }

  @Override
  public String toString() {
    return descending ? column + " desc" : column;
  }
}
