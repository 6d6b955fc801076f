package tarn.duckdb.worker;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/**
 * Text in UTF-16 or ISO 8859-1 as UTF-8, with the places that its bytes had. What is no text
 * becomes a byte that UTF-8 never has, so that its record is rejected. A byte order mark is left
 * out; without one UTF-16 is little-endian.
 */
final class Decoded extends InputStream {
  private static final byte NO_TEXT = (byte) 0xff;

  private final InputStream in;
  private final boolean wide;
  private boolean bigEndian;
  private boolean begun;
  private final byte[] source = new byte[1 << 16];
  private int sourceAt;
  private int sourceEnd;

  /** UTF-8 that has been given out or will be next, and whose places may still be asked. */
  private byte[] text = new byte[1 << 18];

  private int textStart;
  private int textAt;
  private int textEnd;

  /** Where {@code textStart} is, in UTF-8 and in the file. */
  private long utf8Place;

  private long filePlace;

  Decoded(InputStream in, String encoding) {
    this.in = in;
    this.wide = encoding.equals("UTF-16");
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] to, int start, int length) throws IOException {
    while (textAt == textEnd) {
      if (!decodeMore()) {
        return -1;
      }
    }
    int count = Math.min(length, textEnd - textAt);
    System.arraycopy(text, textAt, to, start, count);
    textAt += count;
    return count;
  }

  /** Where in the file a place of the UTF-8 is; asked in ascending order. */
  long inFile(long utf8) {
    while (utf8Place < utf8 && textStart < textEnd) {
      filePlace += width(text[textStart++]);
      utf8Place++;
    }
    return filePlace;
  }

  /** A sink that is told places in the file. */
  RecordReader.Sink inFile(RecordReader.Sink sink) {
    return new InFile(sink);
  }

  /** Bytes of the file that a byte of UTF-8 stands for; those that continue a character, none. */
  private int width(byte b) {
    int value = b & 0xff;
    if (value >= 0x80 && value < 0xc0) {
      return 0;
    } else if (!wide) {
      return 1;
    }
    return value >= 0xf0 && b != NO_TEXT ? 4 : 2;
  }

  private boolean decodeMore() throws IOException {
    if (!begun) {
      begin();
    }
    if (!fill(wide ? 4 : 1) && sourceAt == sourceEnd) {
      return false;
    }
    room((sourceEnd - sourceAt) * 2 + 4);
    while (sourceEnd - sourceAt >= (wide ? 4 : 1)) {
      character();
    }
    if (!fill(wide ? 4 : 1)) { // the end of the file
      while (sourceAt < sourceEnd) {
        character();
      }
    }
    return true;
  }

  private void begin() throws IOException {
    begun = true;
    if (wide && fill(2)) {
      int mark = unit();
      bigEndian = mark == 0xfffe;
      if (mark == 0xfeff || bigEndian) {
        sourceAt += 2;
        filePlace = 2;
      }
    }
  }

  /** Whether so many bytes are there. */
  private boolean fill(int wanted) throws IOException {
    if (sourceEnd - sourceAt >= wanted) {
      return true;
    }
    System.arraycopy(source, sourceAt, source, 0, sourceEnd - sourceAt);
    sourceEnd -= sourceAt;
    sourceAt = 0;
    while (sourceEnd < wanted) {
      int read = in.read(source, sourceEnd, source.length - sourceEnd);
      if (read < 0) {
        return false;
      }
      sourceEnd += read;
    }
    return true;
  }

  private void room(int wanted) {
    if (textStart > 0 && textEnd + wanted > text.length) {
      System.arraycopy(text, textStart, text, 0, textEnd - textStart);
      textAt -= textStart;
      textEnd -= textStart;
      textStart = 0;
    }
    if (textEnd + wanted > text.length) {
      text = Arrays.copyOf(text, Math.max(text.length * 2, textEnd + wanted));
    }
  }

  private int unit() {
    int first = source[sourceAt] & 0xff;
    int second = source[sourceAt + 1] & 0xff;
    return bigEndian ? first << 8 | second : second << 8 | first;
  }

  private void character() {
    if (!wide) {
      put(source[sourceAt++] & 0xff);
      return;
    } else if (sourceEnd - sourceAt < 2) {
      sourceAt = sourceEnd;
      text[textEnd++] = NO_TEXT;
      return;
    }
    int unit = unit();
    sourceAt += 2;
    if (!Character.isSurrogate((char) unit)) {
      put(unit);
    } else if (Character.isHighSurrogate((char) unit)
        && sourceEnd - sourceAt >= 2
        && Character.isLowSurrogate((char) unit())) {
      put(Character.toCodePoint((char) unit, (char) unit()));
      sourceAt += 2;
    } else {
      text[textEnd++] = NO_TEXT;
    }
  }

  private void put(int c) {
    if (c < 0x80) {
      text[textEnd++] = (byte) c;
    } else if (c < 0x800) {
      text[textEnd++] = (byte) (0xc0 | c >> 6);
      text[textEnd++] = continued(c);
    } else if (c < 0x10000) {
      text[textEnd++] = (byte) (0xe0 | c >> 12);
      text[textEnd++] = continued(c >> 6);
      text[textEnd++] = continued(c);
    } else {
      text[textEnd++] = (byte) (0xf0 | c >> 18);
      text[textEnd++] = continued(c >> 12);
      text[textEnd++] = continued(c >> 6);
      text[textEnd++] = continued(c);
    }
  }

  private static byte continued(int c) {
    return (byte) (0x80 | c & 0x3f);
  }

  @Override
  public void close() throws IOException {
    in.close();
  }

  private final class InFile implements RecordReader.Sink {
    private final RecordReader.Sink sink;

    InFile(RecordReader.Sink sink) {
      this.sink = sink;
    }

    @Override
    public void begin(long line, long offset, int length) throws IOException {
      long start = inFile(offset);
      sink.begin(line, start, (int) (inFile(offset + length) - start));
    }

    @Override
    public void field() throws IOException {
      sink.field();
    }

    @Override
    public void text(byte[] buffer, int start, int length) throws IOException {
      sink.text(buffer, start, length);
    }

    @Override
    public void plain(byte[] buffer, int start, int length) throws IOException {
      sink.plain(buffer, start, length);
    }

    @Override
    public void end() throws IOException {
      sink.end();
    }

    @Override
    public void bad(long line, long offset, long length, String reason) {
      long start = inFile(offset);
      sink.bad(line, start, inFile(offset + length) - start, reason);
    }

    @Override
    public boolean enough() {
      return sink.enough();
    }

    @Override
    public void damaged(long offset, String reason) {
      sink.damaged(inFile(offset), reason);
    }
  }
}
