package tarn.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tarn.api.Column;

/**
 * One command being carried out.
 *
 * @param line what was typed
 * @param out where the answer goes
 * @param notes where remarks and progress go
 * @param terminal what the person sees
 * @param folder where the command was typed
 */
record Session(Line line, Appendable out, Notes notes, Terminal terminal, Path folder) {

  LakePlace lake() {
    return LakePlace.find(line.option("--lake"), line.option("--environment"), folder);
  }

  /** The lake's server, started if it may be. */
  Connection connect() {
    boolean attended = terminal.in() || "1".equals(System.getenv("DATALAKE_AUTOSTART"));
    return new Connection(lake(), attended && !line.has("--no-start"), notes);
  }

  /** The sheet that the person wants the answer on. */
  Sheet sheet() {
    return Sheet.of(format(), out, terminal);
  }

  String format() {
    String format = line.option("--output");
    return format == null ? "table" : format;
  }

  void print(String text) {
    Writing.to(out, text);
  }

  /** Prints rows under {@code name:TYPE} columns. */
  void table(List<String> columns, List<List<@Nullable Object>> rows) {
    List<Column> typed = new ArrayList<>();
    for (String column : columns) {
      int colon = column.indexOf(':');
      typed.add(
          colon < 0
              ? new Column(column, "VARCHAR")
              : new Column(column.substring(0, colon), column.substring(colon + 1)));
    }
    notes.clear();
    Sheet sheet = sheet();
    sheet.columns(typed);
    sheet.rows(rows);
    sheet.end();
  }
}
