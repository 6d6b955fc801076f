package tarn.core.lake;

import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Reads the settings of one file from its YAML, collecting every problem. */
final class SettingsReader {
  private static final Set<String> SECRET_WORDS =
      Set.of("password", "secret", "secret_key", "secret_access_key", "access_key", "token");

  private final List<Setting<?>> known;
  private final Problems problems;
  private final Map<Setting<?>, Object> values = new HashMap<>();
  private final Map<String, Place> places = new HashMap<>();

  private SettingsReader(List<Setting<?>> known, Problems problems) {
    this.known = known;
    this.problems = problems;
  }

  /** Reads what can be read; settings with a problem are as if they were not written. */
  static Settings read(Node document, List<Setting<?>> known, Problems problems) {
    SettingsReader reader = new SettingsReader(known, problems);
    reader.group("", document);
    return new Settings(reader.values, reader.places);
  }

  /** Complains about required settings that are not written. */
  static void requireAll(Settings settings, List<Setting<?>> known, Place at, Problems problems) {
    for (Setting<?> setting : known) {
      if (setting.required() && settings.place(setting).isEmpty()) {
        problems.error(at, "", "'" + setting.key() + "' is missing", setting.meaning());
      }
    }
  }

  private void group(String prefix, Node node) {
    if (node instanceof Node.Mapping mapping) {
      mapping.entries().forEach(entry -> entry(prefix, entry));
    } else if (!(node instanceof Node.Scalar scalar && scalar.isNull())) {
      String what =
          prefix.isEmpty() ? "the file" : "'" + prefix.substring(0, prefix.length() - 1) + "'";
      problems.error(
          node.place(), "", "expected 'key: value' lines in " + what + ", found " + node.kind());
    }
  }

  private void entry(String prefix, Node.Entry entry) {
    String path = prefix + entry.key().text();
    for (Setting<?> setting : known) {
      if (setting.key().equals(path)) {
        put(setting, entry);
        return;
      }
    }
    if (known.stream().anyMatch(setting -> setting.key().startsWith(path + "."))) {
      group(path + ".", entry.value());
    } else {
      unknown(prefix, entry.key());
    }
  }

  private <T> void put(Setting<T> setting, Node.Entry entry) {
    places.put(setting.key(), entry.value().place());
    if (entry.value() instanceof Node.Mapping mapping) {
      mapping
          .entries()
          .forEach(e -> places.put(Settings.inside(setting, e.key().text()), e.key().place()));
    }
    if (entry.value() instanceof Node.Scalar scalar && scalar.isNull() && !setting.required()) {
      return;
    }
    setting.type().read(entry.value(), problems).ifPresent(value -> values.put(setting, value));
  }

  private void unknown(String prefix, Node.Scalar key) {
    if (SECRET_WORDS.contains(key.text())) {
      problems.error(
          key.place(),
          key.text(),
          "a secret does not belong into the lake folder",
          secretSuggestion(prefix));
      return;
    }
    String where = prefix.isEmpty() ? "" : " in '" + prefix.substring(0, prefix.length() - 1) + "'";
    problems.error(
        key.place(),
        key.text(),
        "unknown key '" + key.text() + "'" + where,
        Nearest.suggestion(key.text(), siblings(prefix)));
  }

  private static String secretSuggestion(String prefix) {
    return prefix.equals("storage.")
        ? "name a file with credentials_file, or environment variables with access_key_env and secret_key_env"
        : "name a file with password_file, or an environment variable with password_env";
  }

  private Set<String> siblings(String prefix) {
    Set<String> names = new LinkedHashSet<>();
    for (Setting<?> setting : known) {
      if (setting.key().startsWith(prefix)) {
        String rest = setting.key().substring(prefix.length());
        int dot = rest.indexOf('.');
        names.add(dot < 0 ? rest : rest.substring(0, dot));
      }
    }
    return names;
  }
}
