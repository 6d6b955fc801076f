package tarn.cli;

import java.util.List;
import org.jspecify.annotations.Nullable;
import tarn.api.Column;
import tarn.api.Fields;

/** One JSON array of objects, a row a line. Of columns of one name the later get {@code _2}. */
final class JsonSheet implements Sheet {
  private final Appendable to;
  private List<Column> columns = List.of();
  private boolean some;

  JsonSheet(Appendable to) {
    this.to = to;
  }

  @Override
  public void columns(List<Column> columns) {
    this.columns = columns;
  }

  @Override
  public void rows(List<List<@Nullable Object>> rows) {
    for (List<@Nullable Object> row : rows) {
      Writing.to(to, (some ? ",\n " : "[") + object(columns, row));
      some = true;
    }
  }

  @Override
  public void end() {
    Writing.to(to, some ? "]\n" : "[]\n");
  }

  static Fields object(List<Column> columns, List<@Nullable Object> row) {
    Fields object = new Fields();
    for (int i = 0; i < row.size(); i++) {
      String name = i < columns.size() ? columns.get(i).name() : "column" + i;
      object.with(free(object, name), row.get(i));
    }
    return object;
  }

  private static String free(Fields object, String name) {
    String free = name;
    for (int i = 2; object.all().containsKey(free); i++) {
      free = name + "_" + i;
    }
    return free;
  }
}
