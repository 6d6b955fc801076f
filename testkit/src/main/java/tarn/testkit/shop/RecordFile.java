package tarn.testkit.shop;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPOutputStream;

/**
 * One file being written, compressed if its name ends with {@code .gz}; it counts its records and
 * (uncompressed) bytes when they are written.
 */
final class RecordFile implements AutoCloseable {
  private final OutputStream out;
  private final Tally tally;
  private long bytes;
  private long records;

  private RecordFile(OutputStream out, Tally tally) {
    this.out = out;
    this.tally = tally;
  }

  static RecordFile open(Path path, Tally tally) throws IOException {
    Files.createDirectories(path.toAbsolutePath().getParent());
    OutputStream file = Files.newOutputStream(path);
    boolean compressed = path.toString().endsWith(".gz");
    OutputStream content = compressed ? new GZIPOutputStream(file) : file;
    return new RecordFile(new BufferedOutputStream(content, 1 << 16), tally);
  }

  void header(String text) throws IOException {
    write(text, StandardCharsets.UTF_8);
  }

  void record(String text) throws IOException {
    write(text, StandardCharsets.UTF_8);
    records++;
  }

  /** Writes a record whose umlauts are single bytes: not UTF-8. */
  void latinRecord(String text) throws IOException {
    write(text, StandardCharsets.ISO_8859_1);
    records++;
  }

  private void write(String text, Charset charset) throws IOException {
    byte[] encoded = (text + "\n").getBytes(charset);
    out.write(encoded);
    bytes += encoded.length;
  }

  @Override
  public void close() throws IOException {
    out.close();
    tally.file(bytes, records);
  }
}
