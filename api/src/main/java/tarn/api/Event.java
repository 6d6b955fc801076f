package tarn.api;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One line of a streamed answer. A stream is any number of {@link Progress}, at most one {@link
 * Columns}, any number of {@link Rows}, and exactly one {@link Result} or {@link Failed} as the
 * last line: a stream that ends without one was cut off. Empty lines mean nothing; a server sends
 * them to notice that its client is gone.
 */
public sealed interface Event extends Message {

  /**
   * How far something is.
   *
   * @param stage what is done, {@code clean}
   * @param name to what, {@code clean.orders}
   * @param done how much of it, in units
   * @param total of how much, or -1 if that is not known
   * @param unit {@code files}, {@code rows}, {@code bytes}, {@code tables}
   */
  record Progress(String stage, String name, long done, long total, String unit) implements Event {
    @Override
    public Fields fields() {
      return new Fields()
          .with("event", "progress")
          .with("stage", stage)
          .with("name", name)
          .with("done", done)
          .with("total", total)
          .with("unit", unit);
    }
  }

  /** The columns of the rows that follow. */
  record Columns(List<Column> columns) implements Event {
    @Override
    public Fields fields() {
      return new Fields().with("event", "columns").with("columns", columns);
    }
  }

  /**
   * Some rows; values are those of {@link Fields}. Dates, times, UUIDs and bytes (hex) are texts;
   * structs and lists are objects and lists.
   */
  record Rows(List<List<@Nullable Object>> rows) implements Event {
    @Override
    public Fields fields() {
      return new Fields().with("event", "rows").with("rows", rows);
    }
  }

  /** The answer: it went well. Its fields are those of the operation's answer. */
  record Result(Fields answer) implements Event {
    @Override
    public Fields fields() {
      return new Fields().with("event", "result").with(answer);
    }
  }

  /** It did not go well. */
  record Failed(Failure failure) implements Event {
    @Override
    public Fields fields() {
      return new Fields().with("event", "error").with(failure.fields());
    }
  }

  /**
   * Reads one line.
   *
   * @throws WireException if it is none of the events
   */
  static Event parse(String line) {
    Fields fields = Json.readObject(line);
    return switch (fields.text("event")) {
      case "progress" ->
          new Progress(
              fields.text("stage"),
              fields.text("name"),
              fields.number("done"),
              fields.number("total"),
              fields.text("unit"));
      case "columns" -> new Columns(fields.objects("columns", Column::from));
      case "rows" -> new Rows(rows(fields));
      case "result" -> new Result(fields);
      case "error" -> new Failed(Failure.from(fields));
      default -> throw new WireException("unknown event '" + fields.text("event") + "'");
    };
  }

  @SuppressWarnings("unchecked") // the reader makes lists of nothing else
  private static List<List<@Nullable Object>> rows(Fields fields) {
    if (fields.value("rows") instanceof List<?> rows
        && rows.stream().allMatch(List.class::isInstance)) {
      return (List<List<@Nullable Object>>) rows;
    }
    throw new WireException("field 'rows' is not a list of lists");
  }
}
