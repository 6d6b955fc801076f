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

  private final RecordBuffer buffer;
  private final Utf8 utf8 = new Utf8();
  private final byte delimiter;
  private final byte quote;
  private final int fields;
  private final boolean header;
  private long line = 1;

  CsvRecords(InputStream in, byte delimiter, byte quote, int fields, boolean header) {
    this.buffer = new RecordBuffer(in);
    this.delimiter = delimiter;
    this.quote = quote;
    this.fields = fields;
    this.header = header;
  }

  @Override
  public void forEach(Sink sink) throws IOException {
    boolean skip = header;
    skipByteOrderMark();
    while (true) {
      Parsed record = next();
      if (record == null) {
        break;
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
    if (problem.isEmpty() && record.fields() != fields) {
      problem = record.fields() + " fields where the header has " + fields;
    }
    if (problem.isEmpty()) {
      sink.good(line, buffer.offset(), bytes, buffer.start(), record.content(), delimiter);
    } else {
      sink.bad(line, buffer.offset(), record.content(), problem);
    }
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
    while (true) {
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
            int after = peek(i + 1);
            if (after != delimiter && after != '\n' && after != '\r' && after >= 0) {
              problem = "text after a closing quote";
            }
          }
        }
      } else if (b == '\n') {
        int content = i > 0 && buffer.bytes()[buffer.start() + i - 1] == '\r' ? i - 1 : i;
        return new Parsed(i + 1, content, fieldCount, breaks + 1, problem);
      } else if (b == '\r' && peek(i + 1) >= 0 && peek(i + 1) != '\n') {
        problem = "a carriage return that ends no line";
      } else if (b == delimiter) {
        fieldCount++;
        fieldStart = true;
        i++;
        continue;
      } else if (b == quote && fieldStart) {
        quoted = true;
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
    return new Parsed(
        length, carriageReturn ? length - 1 : length, fieldCount, breaks + 1, problem);
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

  private void skipByteOrderMark() throws IOException {
    if (peek(0) == 0xef && peek(1) == 0xbb && peek(2) == 0xbf) {
      buffer.consume(3);
    }
  }
}
