package tarn.core.lake;

import org.jspecify.annotations.Nullable;

/**
 * One key of one file of the lake folder: from this object come its parsing, its validation, its
 * place in the JSON Schema and its line in the docs.
 *
 * @param <T> what its value is read as
 * @param key dotted path, {@code engine.memory}
 * @param type what can be written
 * @param defaultValue what holds if it is not written; null if nothing does, or if it is computed
 * @param defaultNote how the default is found, where it is computed; else empty
 * @param required whether it must be written
 * @param meaning one or two sentences for the docs
 */
public record Setting<T>(
    String key,
    ValueType<T> type,
    @Nullable T defaultValue,
    String defaultNote,
    boolean required,
    String meaning) {

  /** A setting with a default. */
  static <T> Setting<T> of(String key, ValueType<T> type, T defaultValue, String meaning) {
    return new Setting<>(key, type, defaultValue, "", false, meaning);
  }

  /** A setting that need not be there; the note says what holds then. */
  static <T> Setting<T> optional(String key, ValueType<T> type, String note, String meaning) {
    return new Setting<>(key, type, null, note, false, meaning);
  }

  /** A setting that must be there. */
  static <T> Setting<T> required(String key, ValueType<T> type, String meaning) {
    return new Setting<>(key, type, null, "", true, meaning);
  }

  /** The default as it would be written, or how it is found; empty if there is none. */
  public String printedDefault() {
    return defaultValue == null ? defaultNote : type.print(defaultValue);
  }
}
