package tarn.testkit.shop;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A model's rows as CSV, being written. A null is an empty field. */
final class ExpectedTable {
  private final StringBuilder csv;
  private int rows;

  ExpectedTable(String header) {
    this.csv = new StringBuilder(header).append('\n');
  }

  void row(@Nullable Object... values) {
    List<String> fields = new ArrayList<>(values.length);
    for (Object value : values) {
      fields.add(value == null ? "" : value.toString());
    }
    csv.append(Formats.csv(fields)).append('\n');
    rows++;
  }

  /** How many rows there are. */
  int rows() {
    return rows;
  }

  String csv() {
    return csv.toString();
  }
}
