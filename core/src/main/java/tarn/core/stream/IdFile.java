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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * What is known of the events of a segment, in its order: from this an index of ids is made anew,
 * and the segment divided by folders, without reading the events. The 8 bytes {@code TARNIDS3}; the
 * number of events and that of folders, 4 bytes each; the folders, each as 2 bytes of length and
 * UTF-8; then for each event 16 bytes of its id's hash, its arrival in milliseconds, 8 bytes of its
 * content's checksum, and the number of its folder in 4; all big-endian.
 */
final class IdFile {
  private static final byte[] MAGIC = "TARNIDS3".getBytes(StandardCharsets.US_ASCII);

  /** Of builds with another checksum, which is not known any more. */
  private static final byte[] SECOND = "TARNIDS2".getBytes(StandardCharsets.US_ASCII);

  /** Of builds that had no folders: entries of 32 bytes, to the end. */
  private static final byte[] FIRST = "TARNIDS1".getBytes(StandardCharsets.US_ASCII);

  private IdFile() {}

  private static Content withoutFolders(DataInputStream in) throws IOException {
    List<IdIndex.Entry> entries = new ArrayList<>();
    List<String> folders = new ArrayList<>();
    for (byte[] id = in.readNBytes(16); id.length == 16; id = in.readNBytes(16)) {
      Instant arrived = Instant.ofEpochMilli(in.readLong());
      in.readLong();
      entries.add(new IdIndex.Entry(id, new IdIndex.Seen(arrived, 0)));
      folders.add(EventFolder.day(arrived));
    }
    return new Content(entries, folders);
  }

  /**
   * What a file has.
   *
   * @param folders of each entry, in the same order
   */
  record Content(List<IdIndex.Entry> entries, List<String> folders) {}

  static void write(Path file, List<IdIndex.Entry> entries, List<String> folders)
      throws IOException {
    Map<String, Integer> numbers = new LinkedHashMap<>();
    folders.forEach(folder -> numbers.putIfAbsent(folder, numbers.size()));
    try (DataOutputStream out =
        new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(file), 1 << 16))) {
      out.write(MAGIC);
      out.writeInt(entries.size());
      out.writeInt(numbers.size());
      for (String folder : numbers.keySet()) {
        byte[] text = folder.getBytes(StandardCharsets.UTF_8);
        out.writeShort(text.length);
        out.write(text);
      }
      for (int i = 0; i < entries.size(); i++) {
        IdIndex.Entry entry = entries.get(i);
        out.write(entry.id());
        out.writeLong(entry.seen().arrived().toEpochMilli());
        out.writeLong(entry.seen().payload());
        out.writeInt(Objects.requireNonNull(numbers.get(folders.get(i)), "each has a number"));
      }
    }
  }

  /** Reads and closes; an {@code IOException} if it is none, or cut off. */
  static Content read(InputStream stream) throws IOException {
    try (DataInputStream in = new DataInputStream(new BufferedInputStream(stream, 1 << 16))) {
      byte[] magic = in.readNBytes(MAGIC.length);
      if (Arrays.equals(magic, FIRST)) {
        return withoutFolders(in);
      }
      boolean second = Arrays.equals(magic, SECOND);
      if (!second && !Arrays.equals(magic, MAGIC)) {
        throw new IOException("it is no file of ids");
      }
      int count = in.readInt();
      List<String> names = new ArrayList<>();
      for (int left = in.readInt(); left > 0; left--) {
        byte[] text = new byte[in.readUnsignedShort()];
        in.readFully(text);
        names.add(new String(text, StandardCharsets.UTF_8));
      }
      List<IdIndex.Entry> entries = new ArrayList<>();
      List<String> folders = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        byte[] id = new byte[16];
        in.readFully(id);
        Instant arrived = Instant.ofEpochMilli(in.readLong());
        long checksum = in.readLong();
        entries.add(new IdIndex.Entry(id, new IdIndex.Seen(arrived, second ? 0 : checksum)));
        int number = in.readInt();
        if (number < 0 || number >= names.size()) {
          throw new IOException("it has no folder " + number);
        }
        folders.add(names.get(number));
      }
      return new Content(entries, folders);
    }
  }
}
