package tarn.duckdb;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import tarn.core.engine.Column;
import tarn.core.engine.RawFormat;
import tarn.core.engine.RawInput;

/**
 * The columns of lines that match a pattern: with the types that the pattern says, or else the
 * narrowest that all values of a sample have.
 */
final class LineTypes {
  private static final long SAMPLE_LINES = 200_000;

  private static final List<Type.PrimitiveType> NARROWEST_FIRST =
      List.of(
          Types.LongType.get(),
          Types.DoubleType.get(),
          Types.DateType.get(),
          Types.TimestampType.withoutZone(),
          Types.TimestampType.withZone());

  private final WorkerSession session;
  private final RawFormat.Lines lines;

  LineTypes(WorkerSession session, RawFormat.Lines lines) {
    this.session = session;
    this.lines = lines;
  }

  List<Column> columns(List<RawInput> inputs, List<String> paths) {
    List<String> copies = new ArrayList<>();
    for (int i = 0; i < inputs.size(); i++) {
      String copy = session.work().resolve("good" + i).toString();
      ObjectNode request = WorkerSession.request("good");
      RawSql.request(request, lines);
      request
          .put("path", paths.get(i))
          .put("compression", inputs.get(i).compression().name())
          .put("work", copy)
          .put("most", SAMPLE_LINES);
      if (session.call(request).path("records").asLong() > 0) {
        copies.add(copy);
      }
    }
    List<String> names = RawLines.columns(lines);
    JsonNode fits = copies.isEmpty() ? null : fits(copies, names);
    List<Column> columns = new ArrayList<>();
    for (int i = 0; i < names.size(); i++) {
      columns.add(new Column(names.get(i), type(names.get(i), fits, i)));
    }
    return columns;
  }

  /** For each column whether it has values, and for each type whether one does not fit. */
  private JsonNode fits(List<String> copies, List<String> names) {
    Map<String, String> present = RawLines.present(lines);
    List<String> answers = new ArrayList<>();
    ExprSql exprs = new ExprSql(true);
    for (String name : names) {
      String text = String.valueOf(present.get(name.toLowerCase(Locale.ROOT)));
      answers.add("count(" + text + ")");
      for (Type.PrimitiveType type : NARROWEST_FIRST) {
        answers.add(
            "count(*) FILTER ("
                + text
                + " IS NOT NULL AND ("
                + exprs.cast(text, type, null)
                + ") IS NULL)");
      }
    }
    String matches =
        "(SELECT * FROM (SELECT "
            + RawLines.match(lines, "__tarn_text")
            + " FROM "
            + RawLines.reader(copies, "")
            + ") WHERE NOT "
            + RawLines.isBroken()
            + ")";
    return session.rows("SELECT " + String.join(", ", answers) + " FROM " + matches).path(0);
  }

  private Type type(String name, @org.jspecify.annotations.Nullable JsonNode fits, int column) {
    Type said = lines.types().get(name);
    if (said != null) {
      return said;
    }
    int first = column * (NARROWEST_FIRST.size() + 1);
    if (fits != null && fits.path(first).asLong() > 0) {
      for (int i = 0; i < NARROWEST_FIRST.size(); i++) {
        if (fits.path(first + 1 + i).asLong() == 0) {
          return NARROWEST_FIRST.get(i);
        }
      }
    }
    return Types.StringType.get();
  }
}
