package tarn.core.lake;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One field of a table's partitioning: {@code month(ordered_at)}, {@code bucket(16, customer_id)},
 * {@code country}.
 *
 * @param transform what is done to the column's value; Iceberg's transforms
 * @param parameter buckets of bucket, width of truncate, 0 for the others
 * @param column a column of the table
 */
public record PartitionField(Transform transform, int parameter, String column) {
  private static final int MAX_PARAMETER = 1_000_000;
  private static final Pattern CALL = Pattern.compile("([a-z]+)\\s*\\((.*)\\)");
  private static final Pattern WITH_PARAMETER = Pattern.compile("\\s*([0-9]{1,9})\\s*,(.*)");

  /** Iceberg's partition transforms. */
  public enum Transform {
    IDENTITY(false),
    YEAR(false),
    MONTH(false),
    DAY(false),
    HOUR(false),
    BUCKET(true),
    TRUNCATE(true);

    private final boolean hasParameter;

    Transform(boolean hasParameter) {
      this.hasParameter = hasParameter;
    }

    /** As it is written. */
    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  public PartitionField {
    boolean fits =
        transform.hasParameter ? parameter >= 1 && parameter <= MAX_PARAMETER : parameter == 0;
    if (!fits) {
      throw new IllegalArgumentException(
          transform.hasParameter
              ? "partition: " + transform.label() + "(n, column) with n from 1 to " + MAX_PARAMETER
              : "partition: " + transform.label() + "(column)");
    }
  }

  /** Reads one; IllegalArgumentException, with what is expected, if it is none. */
  public static PartitionField parse(String text) {
    Matcher call = CALL.matcher(text.strip());
    if (!call.matches()) {
      return new PartitionField(Transform.IDENTITY, 0, column(text));
    }
    Transform transform = transform(call.group(1));
    Matcher withParameter = WITH_PARAMETER.matcher(call.group(2));
    if (withParameter.matches()) {
      int parameter = Integer.parseInt(withParameter.group(1));
      return new PartitionField(transform, parameter, column(withParameter.group(2)));
    }
    return new PartitionField(transform, 0, column(call.group(2)));
  }

  private static Transform transform(String name) {
    List<String> names = Arrays.stream(Transform.values()).map(Transform::label).toList();
    if (!names.contains(name)) {
      String near = Nearest.to(name, names).map(n -> "; did you mean " + n + "?").orElse("");
      throw new IllegalArgumentException(
          "partition: a column, or one of "
              + String.join(", ", names)
              + " with a column in parentheses"
              + near);
    }
    return Transform.valueOf(name.toUpperCase(Locale.ROOT));
  }

  private static String column(String text) {
    return ColumnName.read(text, "partition: transform(column), like month(ordered_at)");
  }

  @Override
  public String toString() {
    return switch (transform) {
      case IDENTITY -> column;
      case BUCKET, TRUNCATE -> transform.label() + "(" + parameter + ", " + column + ")";
      default -> transform.label() + "(" + column + ")";
    };
  }
}
