package tarn.core.lake;

import java.util.Map;
import java.util.Optional;

/**
 * What can be written for a setting.
 *
 * @param <T> what it is read as
 */
public interface ValueType<T> {

  /** A few words for docs and messages: {@code duration, 1s to 24h}. */
  String label();

  /** Reads a value; empty if it is none, and then the problems say why. */
  Optional<T> read(Node node, Problems problems);

  /** A value as it would be written, for docs. */
  String print(T value);

  /** The JSON Schema of what can be written, without title and default. */
  Map<String, Object> schema();
}
