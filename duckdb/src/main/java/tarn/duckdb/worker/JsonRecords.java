package tarn.duckdb.worker;

import java.io.IOException;
import java.io.InputStream;

/**
 * One JSON object in each line. Whether it is JSON, DuckDB says later; here lines are found and
 * what would harm it is kept back.
 */
final class JsonRecords implements RecordReader {
  /** DuckDB reads objects up to a depth of 128. */
  private static final int MAX_DEPTH = 100;

  private final RecordBuffer buffer;
  private final Utf8 utf8 = new Utf8();
  private long line;

  JsonRecords(InputStream in) {
    this.buffer = new RecordBuffer(in);
  }

  @Override
  public void forEach(Sink sink) throws IOException {
    buffer.skipByteOrderMark();
    while (!sink.enough()) {
      int length = buffer.lineLength(MAX_RECORD);
      if (length < 0) {
        break;
      }
      line++;
      if (length > MAX_RECORD) {
        long offset = buffer.offset();
        sink.bad(line, offset, buffer.skipLine(), TOO_LONG);
      } else {
        one(sink, length);
      }
    }
    if (!buffer.damage().isEmpty()) {
      sink.damaged(buffer.offset(), buffer.damage());
    }
  }

  private void one(Sink sink, int withBreak) throws IOException {
    byte[] bytes = buffer.bytes();
    int start = buffer.start();
    int length = withBreak;
    while (length > 0 && (bytes[start + length - 1] == '\n' || bytes[start + length - 1] == '\r')) {
      length--;
    }
    int lead = 0;
    while (lead < length && (bytes[start + lead] == ' ' || bytes[start + lead] == '\t')) {
      lead++;
    }
    if (lead < length) {
      String problem = problem(bytes, start + lead, length - lead);
      if (problem.isEmpty()) {
        sink.begin(line, buffer.offset(), length);
        sink.field();
        sink.plain(bytes, start, length);
        sink.end();
      } else {
        sink.bad(line, buffer.offset(), length, problem);
      }
    }
    buffer.consume(withBreak);
  }

  private String problem(byte[] bytes, int start, int length) {
    if (bytes[start] != '{') {
      return "not a JSON object";
    }
    String text = utf8.problem(bytes, start, length);
    return text.isEmpty() ? structureProblem(bytes, start, length) : text;
  }

  private static String structureProblem(byte[] bytes, int start, int length) {
    int depth = 0;
    boolean inText = false;
    for (int i = start; i < start + length; i++) {
      byte b = bytes[i];
      if (b >= 0 && b < 0x20 && b != '\t') {
        return "a control character";
      } else if (inText) {
        if (b == '\\') {
          i++;
        } else if (b == '"') {
          inText = false;
        }
      } else if (b == '"') {
        inText = true;
      } else if (b == '{' || b == '[') {
        if (++depth > MAX_DEPTH) {
          return "nested deeper than " + MAX_DEPTH;
        }
      } else if (b == '}' || b == ']') {
        depth--;
      }
    }
    return inText || depth != 0 ? "cut short: a text, object or array is not closed" : "";
  }
}
