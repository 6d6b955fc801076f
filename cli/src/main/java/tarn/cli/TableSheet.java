package tarn.cli;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tarn.api.Column;

/**
 * An aligned table: numbers right, NULL dim. The first thousand rows decide how wide the columns
 * are. Cells are cut only on a terminal.
 */
final class TableSheet implements Sheet {
  private static final int DECIDING_ROWS = 1000;
  private static final int WIDEST_ON_TERMINAL = 60;
  private static final String GAP = "  ";

  private final Appendable to;
  private final Terminal terminal;
  private final List<List<@Nullable Object>> waiting = new ArrayList<>();
  private List<Column> columns = List.of();
  private int[] widths = {};
  private boolean begun;

  TableSheet(Appendable to, Terminal terminal) {
    this.to = to;
    this.terminal = terminal;
  }

  @Override
  public void columns(List<Column> columns) {
    this.columns = columns;
  }

  @Override
  public void rows(List<List<@Nullable Object>> rows) {
    if (begun) {
      rows.forEach(this::print);
      return;
    }
    waiting.addAll(rows);
    if (waiting.size() >= DECIDING_ROWS) {
      begin();
    }
  }

  @Override
  public void end() {
    if (!begun) {
      begin();
    }
  }

  private void begin() {
    begun = true;
    if (columns.isEmpty()) {
      return;
    }
    widths = widths();
    StringBuilder head = new StringBuilder();
    StringBuilder rule = new StringBuilder();
    for (int i = 0; i < columns.size(); i++) {
      cell(head, i, cut(Cells.oneLine(columns.get(i).name())), false);
      rule.append(i == 0 ? "" : GAP).append("─".repeat(widths[i]));
    }
    Writing.to(to, head.toString().stripTrailing() + "\n" + rule + "\n");
    waiting.forEach(this::print);
    waiting.clear();
  }

  private int[] widths() {
    int[] result = new int[columns.size()];
    for (int i = 0; i < result.length; i++) {
      result[i] = Cells.width(cut(Cells.oneLine(columns.get(i).name())));
      for (List<@Nullable Object> row : waiting) {
        result[i] = Math.max(result[i], Cells.width(shown(row.get(i))));
      }
    }
    return result;
  }

  private void print(List<@Nullable Object> row) {
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < columns.size(); i++) {
      cell(line, i, shown(row.get(i)), row.get(i) == null);
    }
    Writing.to(to, line.toString().stripTrailing() + "\n");
  }

  private void cell(StringBuilder line, int column, String text, boolean dim) {
    String padding = " ".repeat(Math.max(0, widths[column] - Cells.width(text)));
    String visible =
        dim && terminal.out() && terminal.colour() ? "\033[2m" + text + "\033[0m" : text;
    line.append(column == 0 ? "" : GAP);
    line.append(isNumber(columns.get(column)) ? padding + visible : visible + padding);
  }

  private String shown(@Nullable Object value) {
    return value == null ? "NULL" : cut(Cells.oneLine(Cells.text(value)));
  }

  private String cut(String text) {
    return terminal.out()
        ? Cells.cut(text, Math.min(WIDEST_ON_TERMINAL, terminal.columns()))
        : text;
  }

  static boolean isNumber(Column column) {
    String type = column.type();
    return type.endsWith("INT")
        || type.endsWith("INTEGER")
        || type.startsWith("DECIMAL")
        || type.equals("DOUBLE")
        || type.equals("FLOAT");
  }
}
