package tarn.duckdb.worker;

import java.io.IOException;
import java.io.InputStream;

/** Lines of text. Whether they match what is wanted, DuckDB says later. */
final class LineRecords implements RecordReader {
  private final RecordBuffer buffer;
  private final Utf8 utf8 = new Utf8();
  private long line;

  LineRecords(InputStream in) {
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
    if (length > 0) {
      String problem = utf8.problem(bytes, start, length);
      if (problem.isEmpty()) {
        sink.begin(line, buffer.offset(), length);
        sink.field();
        sink.text(bytes, start, length);
        sink.end();
      } else {
        sink.bad(line, buffer.offset(), length, problem);
      }
    }
    buffer.consume(withBreak);
  }
}
