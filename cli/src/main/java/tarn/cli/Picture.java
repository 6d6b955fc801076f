package tarn.cli;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tarn.api.Column;

/**
 * Numbers as a person sees them at a glance: a bar beside each row, and a line of little columns
 * for numbers over time. What is drawn follows from the columns' types and from nothing else, so it
 * works for any table.
 */
final class Picture {
  static final int BAR = 20;
  private static final int LEAST_BAR = 5;
  private static final int LEAST_STEPS = 8;
  private static final String EIGHTHS = " ▏▎▍▌▋▊▉";
  private static final String HEIGHTS = "▁▂▃▄▅▆▇█";

  private final List<Column> columns;
  private final List<List<@Nullable Object>> rows;

  Picture(List<Column> columns, List<List<@Nullable Object>> rows) {
    this.columns = columns;
    this.rows = rows;
  }

  /**
   * A bar for each of the first rows, as wide as its number is beside the greatest, and pale below
   * zero; empty if there is nothing to draw.
   *
   * @param room how many characters there are for it
   */
  List<String> bars(int first, int room) {
    int measure = measure();
    int width = Math.min(BAR, room);
    if (measure < 0 || first < 2 || width < LEAST_BAR) {
      return List.of();
    }
    List<Double> numbers = numbers(measure).subList(0, first);
    double most = numbers.stream().filter(Double::isFinite).mapToDouble(Math::abs).max().orElse(0);
    return most == 0
        ? List.of()
        : numbers.stream().map(n -> Double.isFinite(n) ? bar(n / most, width) : "").toList();
  }

  /** The lines of all numbers over time, if the first column is a time that goes on row by row. */
  List<String> trends(int room) {
    if (rows.size() < LEAST_STEPS || !goesOn()) {
      return List.of();
    }
    List<Integer> measures = new ArrayList<>();
    for (int i = 1; i < columns.size(); i++) {
      if (isMeasure(columns.get(i)) && numbers(i).stream().anyMatch(Double::isFinite)) {
        measures.add(i);
      }
    }
    int label = measures.stream().mapToInt(i -> Cells.width(name(i))).max().orElse(0);
    int range = measures.stream().mapToInt(i -> range(i).length()).max().orElse(0);
    int width = Math.max(LEAST_STEPS, room - label - range - 2);
    List<String> lines = new ArrayList<>();
    for (int i : measures) {
      String padding = " ".repeat(label - Cells.width(name(i)) + 2);
      lines.add(name(i) + padding + line(numbers(i), width) + range(i));
    }
    return lines;
  }

  /** The column that bars are of; empty if there is none. */
  String measured() {
    int measure = measure();
    return measure < 0 ? "" : columns.get(measure).name();
  }

  private String name(int column) {
    return Cells.oneLine(columns.get(column).name());
  }

  /** The first number with decimals, else the last whole one; -1 if there is none. */
  private int measure() {
    int whole = -1;
    for (int i = 0; i < columns.size(); i++) {
      if (isMeasure(columns.get(i))) {
        if (!columns.get(i).type().endsWith("INT") && !columns.get(i).type().equals("INTEGER")) {
          return i;
        }
        whole = i;
      }
    }
    return whole;
  }

  /** A number that says how much, not which. */
  private static boolean isMeasure(Column column) {
    String name = column.name().toLowerCase(Locale.ROOT);
    boolean says = !name.equals("id") && !name.endsWith("_id") && !name.equals("rank");
    return says && TableSheet.isNumber(column);
  }

  private boolean goesOn() {
    String type = columns.get(0).type();
    if (!type.equals("DATE") && !type.startsWith("TIMESTAMP")) {
      return false;
    }
    String before = "";
    for (List<@Nullable Object> row : rows) {
      String now = Cells.text(row.get(0));
      if (now.compareTo(before) <= 0) {
        return false;
      }
      before = now;
    }
    return true;
  }

  /** A column's numbers; NaN for null. */
  private List<Double> numbers(int column) {
    return rows.stream().map(row -> number(row.get(column))).toList();
  }

  private static double number(@Nullable Object value) {
    return value instanceof Number number ? number.doubleValue() : Double.NaN;
  }

  private String range(int column) {
    return "  " + extreme(column, -1) + " to " + extreme(column, 1);
  }

  private String extreme(int column, int sign) {
    Object found = null;
    for (List<@Nullable Object> row : rows) {
      Object value = row.get(column);
      boolean counts = value != null && Double.isFinite(number(value));
      if (counts && (found == null || sign * Double.compare(number(value), number(found)) > 0)) {
        found = value;
      }
    }
    return Cells.text(found instanceof Double d ? BigDecimal.valueOf(d) : found);
  }

  /** The share as blocks; what is more than nothing is at least the thinnest. */
  private static String bar(double share, int width) {
    if (share < 0) {
      return "░".repeat((int) Math.max(1, Math.round(-share * width)));
    }
    int eighths = (int) Math.round(share * width * 8);
    eighths = share > 0 ? Math.max(1, eighths) : 0;
    int part = eighths % 8;
    return "█".repeat(eighths / 8) + (part == 0 ? "" : EIGHTHS.charAt(part));
  }

  /** A column for each number, or for the average of neighbours where there is no room for all. */
  private static String line(List<Double> numbers, int width) {
    int steps = Math.min(width, numbers.size());
    double[] averages = new double[steps];
    for (int i = 0; i < steps; i++) {
      int from = (int) ((long) i * numbers.size() / steps);
      int to = (int) ((long) (i + 1) * numbers.size() / steps);
      averages[i] =
          numbers.subList(from, to).stream()
              .filter(Double::isFinite)
              .mapToDouble(d -> d)
              .average()
              .orElse(Double.NaN);
    }
    double least = Arrays.stream(averages).filter(Double::isFinite).min().orElse(0);
    double most = Arrays.stream(averages).filter(Double::isFinite).max().orElse(0);
    StringBuilder line = new StringBuilder();
    for (double average : averages) {
      line.append(Double.isFinite(average) ? height(average, least, most) : ' ');
    }
    return line.toString();
  }

  private static char height(double number, double least, double most) {
    int most8 = HEIGHTS.length() - 1;
    double share = most > least ? (number - least) / (most - least) : 0.5;
    return HEIGHTS.charAt((int) Math.round(share * most8));
  }

  /** What the columns of a table take on a line, with the gaps between them. */
  static int width(List<Column> columns, List<List<@Nullable Object>> shown) {
    int width = 0;
    for (int i = 0; i < columns.size(); i++) {
      int widest = Cells.width(Cells.oneLine(columns.get(i).name()));
      for (List<@Nullable Object> row : shown) {
        String text = Cells.oneLine(Cells.text(Objects.requireNonNullElse(row.get(i), "NULL")));
        widest = Math.max(widest, Cells.width(text));
      }
      width += widest + 2;
    }
    return width;
  }
}
