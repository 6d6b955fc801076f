package tarn.duckdb.worker;

import java.io.IOException;
import java.io.InputStream;

/**
 * Records of delimited text (RFC 4180): a field that starts with a quote ends at the next one that
 * is not doubled, and may hold delimiters and line breaks. A quote that is never closed costs its
 * line, not the rest of the file.
 */
final class CsvRecords implements RecordReader {
  /**
   * A record that spans more than this without closing its quote is taken for one that lacks the
   * closing quote.
   */
  private static final int MAX_OPEN_QUOTE = 1 << 20;

  /** Its last field may have gone on: a value that was cut is a wrong one. */
  private static final String CUT = "cut short: the file is damaged here";

  private final RecordBuffer buffer;
  private final Utf8 utf8 = new Utf8();
  private final byte delimiter;
  private final byte quote;
  private final int fields;
  private final boolean header;

  /** Where the first fields of the record stand, from its start; behind them nothing is kept. */
  private final int[] starts;

  private final int[] ends;

  /** Whether something stands in a field behind them: empty ones are only delimiters too many. */
  private boolean surplus;

  private int surplusStart;

  /**
   * Behind the field's closing quote; -1 if it has none. Blanks around the quotes are not the
   * text's.
   */
  private int closed = -1;

  private boolean carriageReturns;
  private long line = 1;

  CsvRecords(InputStream in, byte delimiter, byte quote, int fields, boolean header) {
    this.buffer = new RecordBuffer(in);
    this.delimiter = delimiter;
    this.quote = quote;
    this.fields = fields;
    this.header = header;
    this.starts = new int[fields];
    this.ends = new int[fields];
  }

  @Override
  public void forEach(Sink sink) throws IOException {
    boolean skip = header;
    buffer.skipByteOrderMark();
    while (!sink.enough()) {
      Parsed record = next();
      if (record == null) {
        break;
      }
      if (record.problem().equals(TOO_LONG)) {
        long offset = buffer.offset();
        sink.bad(line, offset, buffer.skipLine(), TOO_LONG);
        line++;
        continue;
      }
      if (record.content() > 0) {
        if (skip) {
          skip = false;
        } else {
          visit(sink, record);
        }
      }
      line += record.breaks();
      buffer.consume(record.length());
    }
    if (!buffer.damage().isEmpty()) {
      sink.damaged(buffer.offset(), buffer.damage());
    }
  }

  private void visit(Sink sink, Parsed record) throws IOException {
    byte[] bytes = buffer.bytes();
    String problem = record.problem();
    if (problem.isEmpty()) {
      problem = utf8.problem(bytes, buffer.start(), record.content());
    }
    if (problem.isEmpty() && (record.fields() < fields || surplus)) {
      problem = record.fields() + " fields where the header has " + fields;
    }
    if (problem.isEmpty()) {
      copy(sink, bytes, buffer.start(), record.content());
    } else {
      sink.bad(line, buffer.offset(), record.content(), problem);
    }
  }

  private void copy(Sink sink, byte[] bytes, int at, int length) throws IOException {
    sink.begin(line, buffer.offset(), length);
    for (int field = 0; field < fields; field++) {
      sink.field();
      int start = starts[field];
      int end = ends[field];
      if (start < end && bytes[at + start] == quote) { // and so it ends with one
        unquoted(sink, bytes, at + start + 1, at + end - 1);
      } else {
        sink.text(bytes, at + start, end - start);
      }
    }
    sink.end();
  }

  /** What stands between quotes; of doubled ones, one. */
  private void unquoted(Sink sink, byte[] bytes, int start, int end) throws IOException {
    int from = start;
    for (int i = start; i < end; i++) {
      if (bytes[i] == quote) {
        sink.text(bytes, from, i + 1 - from);
        i++;
        from = i + 1;
      }
    }
    sink.text(bytes, from, end - from);
  }

  /**
   * A record at the buffer's start.
   *
   * @param length with its line break
   * @param content without it
   * @param breaks lines that it spans
   */
  private record Parsed(int length, int content, int fields, int breaks, String problem) {}

  private @org.jspecify.annotations.Nullable Parsed next() throws IOException {
    int i = 0;
    int fieldCount = 1;
    int breaks = 0;
    int firstBreak = -1;
    String problem = "";
    boolean fieldStart = true;
    boolean quoted = false;
    begins(0, 0);
    surplus = false;
    while (true) {
      if (i > MAX_RECORD) {
        return new Parsed(0, 0, 0, 0, TOO_LONG);
      }
      if (i >= buffer.available() && !buffer.more()) {
        return atEnd(i, fieldCount, breaks, quoted, firstBreak, problem);
      }
      byte b = buffer.bytes()[buffer.start() + i];
      if (quoted) {
        if (b == '\n') {
          breaks++;
          if (firstBreak < 0) {
            firstBreak = i;
          }
          if (i > MAX_OPEN_QUOTE) {
            return unclosed(firstBreak);
          }
        } else if (b == quote) {
          if (peek(i + 1) == quote) {
            i++;
          } else {
            quoted = false;
            closed = i + 1;
            while (peek(i + 1) == ' ') {
              i++;
            }
            int after = peek(i + 1);
            if (after != delimiter && after != '\n' && after != '\r' && after >= 0) {
              problem = "text after a closing quote";
            }
          }
        }
      } else if (b == '\n') {
        int content = i > 0 && buffer.bytes()[buffer.start() + i - 1] == '\r' ? i - 1 : i;
        ends(fieldCount - 1, content);
        return new Parsed(i + 1, content, fieldCount, breaks + 1, problem);
      } else if (b == '\r' && peek(i + 1) >= 0 && peek(i + 1) != '\n') {
        if (i == 0 || endsLines(breaks)) {
          ends(fieldCount - 1, i);
          return new Parsed(i + 1, i, fieldCount, breaks + (carriageReturns ? 1 : 0), problem);
        }
        problem = "a carriage return that ends no line";
      } else if (b == delimiter) {
        ends(fieldCount - 1, i);
        fieldCount++;
        begins(fieldCount - 1, i + 1);
        fieldStart = true;
        i++;
        continue;
      } else if (b == quote && fieldStart) {
        quoted = true;
        begins(fieldCount - 1, i);
      } else if (b == ' ' && fieldStart) {
        i++;
        continue;
      }
      fieldStart = false;
      i++;
    }
  }

  private @org.jspecify.annotations.Nullable Parsed atEnd(
      int length, int fieldCount, int breaks, boolean quoted, int firstBreak, String problem) {
    if (length == 0) {
      return null;
    }
    if (quoted) {
      return firstBreak < 0
          ? new Parsed(length, length, fieldCount, breaks + 1, "a quote is not closed")
          : unclosed(firstBreak);
    }
    boolean carriageReturn = buffer.bytes()[buffer.start() + length - 1] == '\r';
    int content = carriageReturn ? length - 1 : length;
    ends(fieldCount - 1, content);
    return new Parsed(
        length, content, fieldCount, breaks + 1, buffer.damage().isEmpty() ? problem : CUT);
  }

  /** Whether the file's lines end with carriage returns alone: its first one shows it. */
  private boolean endsLines(int breaks) {
    carriageReturns |= line == 1 && breaks == 0;
    return carriageReturns;
  }

  private void begins(int field, int at) {
    closed = -1;
    if (field < fields) {
      starts[field] = at;
    } else {
      surplusStart = at;
    }
  }

  private void ends(int field, int at) {
    int end = closed < 0 ? at : closed;
    if (field < fields) {
      ends[field] = end;
    } else {
      surplus |= end > surplusStart && !emptyQuotes(surplusStart, end);
    }
  }

  private boolean emptyQuotes(int start, int end) {
    byte[] bytes = buffer.bytes();
    int at = buffer.start() + start;
    return end - start == 2 && bytes[at] == quote && bytes[at + 1] == quote;
  }

  private static Parsed unclosed(int firstBreak) {
    return new Parsed(firstBreak + 1, firstBreak, 0, 1, "a quote is not closed");
  }

  /** The byte so many after the start, from 0 to 255; -1 at the end. */
  private int peek(int index) throws IOException {
    while (index >= buffer.available()) {
      if (!buffer.more()) {
        return -1;
      }
    }
    return buffer.bytes()[buffer.start() + index] & 0xff;
  }
}
