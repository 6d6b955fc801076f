package tarn.duckdb.worker;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamWriteConstraints;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Messages between server and worker over the worker's standard input and output: a kind (one
 * byte), a length (four bytes, big-endian) and that many bytes. Kind {@code J} is JSON in UTF-8;
 * kind {@code R} is a JSON array of result rows that is passed on unread.
 */
public final class Frames {
  private static final int MAX_FRAME = 256 << 20;
  private static final int MAX_DEPTH = 4000;

  public static final byte JSON = 'J';
  public static final byte ROWS = 'R';

  /** Takes any tree and text that the bounds of the query door let through. */
  public static final ObjectMapper MAPPER =
      new ObjectMapper(
          JsonFactory.builder()
              .streamReadConstraints(
                  StreamReadConstraints.builder()
                      .maxNestingDepth(MAX_DEPTH)
                      .maxStringLength(MAX_FRAME)
                      .build())
              .streamWriteConstraints(
                  StreamWriteConstraints.builder().maxNestingDepth(MAX_DEPTH).build())
              .build());

  private Frames() {}

  /** One message. */
  public record Frame(byte kind, byte[] bytes) {
    /** The message as a tree. */
    public JsonNode json() throws IOException {
      return MAPPER.readTree(bytes);
    }
  }

  /** Writes a message and flushes it. */
  public static void write(DataOutputStream out, byte kind, byte[] bytes) throws IOException {
    out.writeByte(kind);
    out.writeInt(bytes.length);
    out.write(bytes);
    out.flush();
  }

  /** Reads a message; null at the end of the stream. */
  public static @Nullable Frame read(DataInputStream in) throws IOException {
    int kind = in.read();
    if (kind < 0) {
      return null;
    }
    int length = in.readInt();
    if (length < 0 || length > MAX_FRAME) {
      throw new IOException("a message of " + length + " bytes: the stream is out of step");
    }
    byte[] bytes = in.readNBytes(length);
    if (bytes.length < length) {
      throw new EOFException("the stream ended inside a message");
    }
    return new Frame((byte) kind, bytes);
  }
}
