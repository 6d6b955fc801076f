package tarn.core.stream;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import java.util.Optional;

/**
 * What decides which shard an event belongs to, its partition key, as Kinesis has it: the MD5 of
 * the key's UTF-8 is a number of 128 bits, and every shard has a range of them.
 */
public final class ShardChoice {
  private ShardChoice() {}

  /** The hash of a key, from 0 to 2^128 - 1. */
  public static BigInteger hash(String key) {
    try {
      return new BigInteger(
          1, MessageDigest.getInstance("MD5").digest(key.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has MD5", e);
    }
  }

  /**
   * The partition key of an event; empty if the event has no such field, or is none.
   *
   * @param path the names on the way to the key, outermost first
   */
  public static Optional<String> key(byte[] event, List<String> path) {
    try {
      return JsonField.text(event, path);
    } catch (IOException e) {
      return Optional.empty(); // what is wrong with it, the delivery tells
    }
  }
}
