package tarn.server.kinesis;

import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tarn.core.stream.ShardedLog;

/**
 * A record in which the Kinesis Producer Library sends several: four marking bytes, a protobuf
 * message, its MD5. The message has partition keys (1), explicit hash keys (2) and records (3),
 * each with the number of its key (1), of its hash key (2), and its data (3). The format is that of
 * "KPL aggregated record format" of the library's own documentation.
 */
final class Aggregate {
  private static final byte[] MARK = {(byte) 0xf3, (byte) 0x89, (byte) 0x9a, (byte) 0xc2};
  private static final int MD5_BYTES = 16;
  private static final int MOST_PARTS = 100_000;

  private final List<String> keys = new ArrayList<>();
  private final List<String> hashes = new ArrayList<>();
  private final List<Part> parts = new ArrayList<>();

  private Aggregate() {}

  private record Part(int key, int hash, byte[] data) {}

  /** The events in a record; empty if it is not an aggregate, or a damaged one. */
  static Optional<List<ShardedLog.Event>> events(byte[] record) {
    int end = record.length - MD5_BYTES;
    if (end <= MARK.length || !Arrays.equals(record, 0, MARK.length, MARK, 0, MARK.length)) {
      return Optional.empty();
    }
    byte[] message = Arrays.copyOfRange(record, MARK.length, end);
    if (!Arrays.equals(md5(message), Arrays.copyOfRange(record, end, record.length))) {
      return Optional.empty();
    }
    try {
      Aggregate aggregate = new Aggregate();
      aggregate.read(ByteBuffer.wrap(message));
      List<ShardedLog.Event> events = aggregate.events();
      return events.isEmpty() ? Optional.empty() : Optional.of(events);
    } catch (RuntimeException e) {
      return Optional.empty(); // another format with the same mark: it is an event as it stands
    }
  }

  private List<ShardedLog.Event> events() {
    return parts.stream()
        .map(part -> new ShardedLog.Event(keys.get(part.key), hash(part.hash), part.data))
        .toList();
  }

  private @Nullable BigInteger hash(int number) {
    if (number < 0) {
      return null;
    }
    BigInteger hash = new BigInteger(hashes.get(number));
    if (hash.signum() < 0 || hash.compareTo(HashKey.END) >= 0) {
      throw new IllegalArgumentException("no hash key");
    }
    return hash;
  }

  private void read(ByteBuffer in) {
    while (in.hasRemaining()) {
      long tag = varint(in);
      ByteBuffer field = (tag & 7) == 2 ? part(in) : skipped(in, tag);
      switch ((int) (tag >>> 3)) {
        case 1 -> keys.add(StandardCharsets.UTF_8.decode(field).toString());
        case 2 -> hashes.add(StandardCharsets.UTF_8.decode(field).toString());
        case 3 -> add(record(field));
        default -> {
          // What a later version may add.
        }
      }
    }
  }

  private void add(Part part) {
    if (parts.size() == MOST_PARTS) {
      throw new IllegalArgumentException("too many records");
    }
    parts.add(part);
  }

  private static Part record(ByteBuffer in) {
    int key = 0;
    int hash = -1;
    byte[] data = {};
    while (in.hasRemaining()) {
      long tag = varint(in);
      switch ((int) tag) {
        case 1 << 3 -> key = Math.toIntExact(varint(in));
        case 2 << 3 -> hash = Math.toIntExact(varint(in));
        case 3 << 3 | 2 -> {
          ByteBuffer field = part(in);
          data = new byte[field.remaining()];
          field.get(data);
        }
        default -> skipped(in, tag);
      }
    }
    return new Part(key, hash, data);
  }

  private static ByteBuffer part(ByteBuffer in) {
    int length = Math.toIntExact(varint(in));
    ByteBuffer part = in.slice(in.position(), length);
    in.position(in.position() + length);
    return part;
  }

  private static ByteBuffer skipped(ByteBuffer in, long tag) {
    switch ((int) (tag & 7)) {
      case 0 -> varint(in);
      case 1 -> in.position(in.position() + 8);
      case 2 -> part(in);
      case 5 -> in.position(in.position() + 4);
      default -> throw new IllegalArgumentException("no protobuf");
    }
    return ByteBuffer.allocate(0);
  }

  private static long varint(ByteBuffer in) {
    long value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      byte b = in.get();
      value |= (long) (b & 0x7f) << shift;
      if (b >= 0) {
        return value;
      }
    }
    throw new IllegalArgumentException("no protobuf");
  }

  private static byte[] md5(byte[] bytes) {
    try {
      return MessageDigest.getInstance("MD5").digest(bytes);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has MD5", e);
    }
  }
}
