package tarn.duckdb.worker;

import java.io.IOException;
import java.io.InputStream;
import java.util.BitSet;

/**
 * JSON objects over any number of lines, in one array or one after the other. They are found by
 * their braces, one at a time. After an object that cannot be right (a line ends inside of a text,
 * or the file inside of an object), the next one is looked for at the beginning of a line, as far
 * from the margin as the broken one.
 */
final class JsonDocuments implements RecordReader {
  /** DuckDB reads objects up to a depth of 128. */
  private static final int MAX_DEPTH = 100;

  private static final String CUT = "cut short: a text, object or array is not closed";

  private final RecordBuffer buffer;
  private final Utf8 utf8 = new Utf8();
  private long line = 1;
  private long lineOffset;
  private final boolean array;
  private boolean inArray;

  /** Of a broken record: where its last byte ended, and whether its line was blank so far. */
  private long recordEnd;

  private boolean blank;

  /**
   * @param array whether the objects are elements of an array
   */
  JsonDocuments(InputStream in, boolean array) {
    this.array = array;
    this.buffer = new RecordBuffer(in);
  }

  @Override
  public void forEach(Sink sink) throws IOException {
    buffer.skipByteOrderMark();
    lineOffset = buffer.offset();
    while (!sink.enough() && skipSeparators()) {
      record(sink);
    }
    if (!buffer.damage().isEmpty()) {
      sink.damaged(buffer.offset(), buffer.damage());
    }
  }

  /** What a scan from a record's first byte found. */
  private record Scan(int length, String problem, boolean ended) {}

  private void record(Sink sink) throws IOException {
    boolean object = buffer.bytes()[buffer.start()] == '{';
    Scan scan = object || buffer.bytes()[buffer.start()] == '[' ? nested() : word();
    if (!scan.ended()) {
      skipBroken(sink, scan.problem());
      return;
    }
    String problem = object || isNull(scan) ? scan.problem() : "not a JSON object";
    if (problem.isEmpty()) {
      problem = utf8.problem(buffer.bytes(), buffer.start(), scan.length());
    }
    if (problem.isEmpty()) {
      sink.begin(line, buffer.offset(), scan.length());
      sink.field();
      sink.text(buffer.bytes(), buffer.start(), scan.length());
      sink.end();
    } else {
      sink.bad(line, buffer.offset(), scan.length(), problem);
    }
    consume(scan.length());
  }

  /** DuckDB takes it for a record without values. */
  private boolean isNull(Scan scan) {
    byte[] bytes = buffer.bytes();
    int start = buffer.start();
    return scan.length() == 4
        && bytes[start] == 'n'
        && bytes[start + 1] == 'u'
        && bytes[start + 2] == 'l'
        && bytes[start + 3] == 'l';
  }

  /** An object or an array, as far as its last bracket. */
  private Scan nested() throws IOException {
    BitSet objects = new BitSet();
    int depth = 0;
    boolean inText = false;
    String problem = "";
    for (int i = 0; ; i++) {
      if (i >= MAX_RECORD) {
        return new Scan(i, TOO_LONG, false);
      } else if (i >= buffer.available() && !reached(i)) {
        return new Scan(i, CUT, false);
      }
      byte b = buffer.bytes()[buffer.start() + i];
      if (inText) {
        if (b == '\n' || b == '\r') {
          return new Scan(i, "a text that is not closed in its line", false);
        } else if (b >= 0 && b < 0x20) {
          problem = "a control character";
        } else if (b == '\\') {
          i++;
        } else if (b == '"') {
          inText = false;
        }
      } else if (b == '"') {
        inText = true;
      } else if (b == '{' || b == '[') {
        objects.set(depth, b == '{');
        if (++depth > MAX_DEPTH) {
          problem = "nested deeper than " + MAX_DEPTH;
        }
      } else if (b == '}' || b == ']') {
        if (objects.get(--depth) != (b == '}')) {
          return new Scan(i, CUT, false);
        } else if (depth == 0) {
          return new Scan(i + 1, problem, true);
        }
      } else if (b >= 0 && b < 0x20 && !isSpace(b)) {
        problem = "a control character";
      }
    }
  }

  /** Anything else, as far as what can follow it. */
  private Scan word() throws IOException {
    for (int i = 0; ; i++) {
      if (i >= MAX_RECORD) {
        return new Scan(i, TOO_LONG, false);
      } else if (i >= buffer.available() && !reached(i)) {
        return new Scan(i, "", true);
      }
      byte b = buffer.bytes()[buffer.start() + i];
      if (b == '\n' || b == '\r' || i > 0 && (b == '{' || b == ',' || b == ']')) {
        return new Scan(i, "", true);
      }
    }
  }

  private boolean reached(int index) throws IOException {
    while (index >= buffer.available()) {
      if (!buffer.more()) {
        return false;
      }
    }
    return true;
  }

  /** Rejects everything up to the next line that begins as a record does. */
  private void skipBroken(Sink sink, String problem) throws IOException {
    long margin = buffer.offset() - lineOffset;
    long start = buffer.offset();
    long first = line;
    recordEnd = start;
    blank = false;
    boolean found = false;
    while (!found && skipLine(margin)) {
      found = beginsAt(margin);
    }
    sink.bad(first, start, recordEnd - start, problem);
  }

  /** Consumes the rest of a line with its end; false at the end of the file. */
  private boolean skipLine(long margin) throws IOException {
    long before = line;
    while (line == before) {
      int available = buffer.available();
      int end = 0;
      while (end < available && buffer.bytes()[buffer.start() + end] != '\n') {
        note(buffer.bytes()[buffer.start() + end], buffer.offset() + end, margin);
        end++;
      }
      blank |= end < available;
      consume(Math.min(available, end + 1));
      if (line == before && !buffer.more()) {
        return false;
      }
    }
    return true;
  }

  /**
   * White space behind a broken record, and what stands between an array's elements and at its end,
   * is none of it: its bytes are the same whichever record follows.
   */
  private void note(byte b, long at, long margin) {
    if (!isSpace(b)) {
      boolean arrayEnds = b == ']' && blank && at - lineOffset <= margin;
      if (!array || b != ',' && !arrayEnds) {
        recordEnd = at + 1;
      }
      blank = false;
    }
  }

  private boolean beginsAt(long margin) throws IOException {
    for (int i = 0; i <= margin; i++) {
      if (!reached(i)) {
        return false;
      }
      byte b = buffer.bytes()[buffer.start() + i];
      if (i == margin) {
        return b == '{';
      } else if (!isSpace(b)) {
        return false;
      }
    }
    return false;
  }

  /** Whether there is a record to come. */
  private boolean skipSeparators() throws IOException {
    while (true) {
      if (!reached(0)) {
        return false;
      }
      byte b = buffer.bytes()[buffer.start()];
      if (b == '[' && array && !inArray) {
        inArray = true;
      } else if (b == ']' && inArray) {
        inArray = false;
      } else if (b != ',' && !isSpace(b)) {
        return true;
      }
      consume(1);
    }
  }

  private void consume(int count) {
    byte[] bytes = buffer.bytes();
    int start = buffer.start();
    for (int i = 0; i < count; i++) {
      if (bytes[start + i] == '\n') {
        line++;
        lineOffset = buffer.offset() + i + 1;
      }
    }
    buffer.consume(count);
  }

  private static boolean isSpace(byte b) {
    return b == ' ' || b == '\t' || b == '\n' || b == '\r';
  }
}
