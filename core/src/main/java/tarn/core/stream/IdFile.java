package tarn.core.stream;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The ids of a batch's events, from which an index is made anew: the 8 bytes {@code TARNIDS1}, then
 * for each event 16 bytes of its id's hash, its arrival in milliseconds and 8 bytes of its
 * content's hash, big-endian.
 */
final class IdFile {
  private static final byte[] MAGIC = "TARNIDS1".getBytes(StandardCharsets.US_ASCII);
  private static final int ENTRY_BYTES = 32;

  private IdFile() {}

  static void write(Path file, List<IdIndex.Entry> entries) throws IOException {
    try (DataOutputStream out =
        new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(file), 1 << 16))) {
      out.write(MAGIC);
      for (IdIndex.Entry entry : entries) {
        out.write(entry.id());
        out.writeLong(entry.seen().arrived().toEpochMilli());
        out.writeLong(entry.seen().payload());
      }
    }
  }

  /** Reads and closes; an {@code IOException} if it is none, or cut off. */
  static List<IdIndex.Entry> read(InputStream stream, long bytes) throws IOException {
    try (DataInputStream in = new DataInputStream(new BufferedInputStream(stream, 1 << 16))) {
      if (!Arrays.equals(in.readNBytes(MAGIC.length), MAGIC)
          || (bytes - MAGIC.length) % ENTRY_BYTES != 0) {
        throw new IOException("it is no file of ids");
      }
      int count = Math.toIntExact((bytes - MAGIC.length) / ENTRY_BYTES);
      List<IdIndex.Entry> entries = new ArrayList<>(count);
      for (int i = 0; i < count; i++) {
        byte[] id = new byte[16];
        in.readFully(id);
        Instant arrived = Instant.ofEpochMilli(in.readLong());
        entries.add(new IdIndex.Entry(id, new IdIndex.Seen(arrived, in.readLong())));
      }
      return entries;
    }
  }
}
