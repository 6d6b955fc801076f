package tarn.duckdb.worker;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** Keeps the JSON records that may be right, a line for each, and forgets the others. */
final class GoodRecords implements RecordReader.Sink, AutoCloseable {
  private final OutputStream out;
  private long records;

  GoodRecords(Path file) throws IOException {
    this.out = new BufferedOutputStream(Files.newOutputStream(file), 1 << 18);
  }

  @Override
  public void begin(long line, long offset, int length) {
    records++;
  }

  @Override
  public void field() {}

  @Override
  public void text(byte[] buffer, int start, int length) throws IOException {
    out.write(buffer, start, length);
  }

  @Override
  public void plain(byte[] buffer, int start, int length) throws IOException {
    out.write(buffer, start, length);
  }

  @Override
  public void end() throws IOException {
    out.write('\n');
  }

  @Override
  public void bad(long line, long offset, long length, String reason) {}

  @Override
  public void damaged(long offset, String reason) {}

  long records() {
    return records;
  }

  @Override
  public void close() throws IOException {
    out.close();
  }
}
