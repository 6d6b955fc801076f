package tarn.core.lake;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The values of the settings of one file, or of one file laid over another. Immutable. */
public final class Settings {
  private final Map<Setting<?>, Object> values;
  private final Map<String, Place> places;

  Settings(Map<Setting<?>, Object> values, Map<String, Place> places) {
    this.values = Map.copyOf(values);
    this.places = Map.copyOf(places);
  }

  /** No value of any setting: defaults hold. */
  public static Settings none() {
    return new Settings(Map.of(), Map.of());
  }

  /** The value of a setting that has a default, or must be written. */
  public <T> T get(Setting<T> setting) {
    return find(setting)
        .orElseThrow(
            () -> new IllegalStateException(setting.key() + " has neither value nor default"));
  }

  /** The value of a setting, or its default; empty if there is neither. */
  @SuppressWarnings(
      "unchecked") // put() in SettingsReader pairs a setting with its own type's value
  public <T> Optional<T> find(Setting<T> setting) {
    Object value = values.get(setting);
    return value == null ? Optional.ofNullable(setting.defaultValue()) : Optional.of((T) value);
  }

  /** Whether it was written. */
  public boolean has(Setting<?> setting) {
    return values.containsKey(setting);
  }

  /** Where a setting was written. */
  public Optional<Place> place(Setting<?> setting) {
    return Optional.ofNullable(places.get(setting.key()));
  }

  /** Where a key of a setting that is a map was written; where the map was if that is not known. */
  public Optional<Place> place(Setting<?> setting, String key) {
    return Optional.ofNullable(places.get(inside(setting, key))).or(() -> place(setting));
  }

  /** No setting's own key has a colon. */
  static String inside(Setting<?> setting, String key) {
    return setting.key() + ":" + key;
  }

  Map<String, Place> places() {
    return places;
  }

  /** These settings, where the others do not say otherwise. */
  public Settings overriddenBy(Settings others) {
    Map<Setting<?>, Object> merged = new HashMap<>(values);
    merged.putAll(others.values);
    Map<String, Place> mergedPlaces = new HashMap<>(places);
    mergedPlaces.putAll(others.places);
    return new Settings(merged, mergedPlaces);
  }

  /** Whether others say the same, wherever it stands. */
  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Settings that && values.equals(that.values);
  }

  @Override
  public int hashCode() {
    return values.hashCode();
  }
}
