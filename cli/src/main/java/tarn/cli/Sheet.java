package tarn.cli;

import java.util.List;
import org.jspecify.annotations.Nullable;
import tarn.api.Column;

/** Prints rows under columns. One sheet is for one answer. */
interface Sheet {
  void columns(List<Column> columns);

  void rows(List<List<@Nullable Object>> rows);

  /** Prints what is left to print. */
  void end();

  /** The sheet of a format. */
  static Sheet of(String format, Appendable to, Terminal terminal) {
    return switch (format) {
      case "table" -> new TableSheet(to, terminal);
      case "csv" -> new CsvSheet(to);
      case "json" -> new JsonSheet(to);
      default ->
          throw CommandFailed.usage("--output is '" + format + "'; it is table, csv or json");
    };
  }
}
