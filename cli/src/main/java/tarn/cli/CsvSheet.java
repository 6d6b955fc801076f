package tarn.cli;

import java.util.List;
import org.jspecify.annotations.Nullable;
import tarn.api.Column;

/** CSV as RFC 4180 has it. NULL is an empty field, an empty text is {@code ""}. */
final class CsvSheet implements Sheet {
  private final Appendable to;

  CsvSheet(Appendable to) {
    this.to = to;
  }

  @Override
  public void columns(List<Column> columns) {
    StringBuilder line = new StringBuilder();
    for (Column column : columns) {
      field(line, column.name());
    }
    end(line);
  }

  @Override
  public void rows(List<List<@Nullable Object>> rows) {
    for (List<@Nullable Object> row : rows) {
      StringBuilder line = new StringBuilder();
      for (Object value : row) {
        field(line, value);
      }
      end(line);
    }
  }

  @Override
  public void end() {}

  private static void field(StringBuilder line, @Nullable Object value) {
    String text = Cells.text(value);
    if (value != null && mustQuote(text)) {
      line.append('"').append(text.replace("\"", "\"\"")).append('"');
    } else {
      line.append(text);
    }
    line.append(',');
  }

  private static boolean mustQuote(String text) {
    boolean special = false;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      special |= c == '"' || c == ',' || c == '\n' || c == '\r';
    }
    return special || text.isEmpty();
  }

  private void end(StringBuilder line) {
    line.setLength(Math.max(0, line.length() - 1));
    Writing.to(to, line.append("\r\n"));
  }
}
