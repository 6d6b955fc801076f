package tarn.core.lake;

import java.util.Optional;

/** Reads {@code models/*.sql}: YAML front matter between two lines {@code ---}, then SQL. */
final class ModelReader {
  private static final String FENCE = "---";

  private final Problems problems;

  ModelReader(Problems problems) {
    this.problems = problems;
  }

  Optional<ModelDefinition> read(String file, String text, Settings lake) {
    int firstLineEnd = lineEnd(text, 0);
    if (!text.substring(0, firstLineEnd).strip().equals(FENCE)) {
      return model(file, Settings.none(), text, 1, lake);
    }
    int line = 1;
    for (int at = next(text, firstLineEnd);
        at < text.length();
        at = next(text, lineEnd(text, at))) {
      line++;
      if (text.substring(at, lineEnd(text, at)).strip().equals(FENCE)) {
        Settings own = frontMatter(file, text.substring(next(text, firstLineEnd), at));
        return model(file, own, text.substring(next(text, lineEnd(text, at))), line + 1, lake);
      }
    }
    problems.error(
        Place.startOf(file),
        FENCE,
        "the front matter has no end",
        "close it with a line '---' before the SQL");
    return Optional.empty();
  }

  private Settings frontMatter(String file, String yaml) {
    return YamlReader.read(file, 1, yaml, problems)
        .map(node -> SettingsReader.read(node, ModelSettings.ALL, problems))
        .orElse(Settings.none());
  }

  private Optional<ModelDefinition> model(
      String file, Settings own, String sql, int sqlLine, Settings lake) {
    if (sql.isBlank()) {
      problems.error(new Place(file, sqlLine, 1), "", "there is no SQL: one SELECT is expected");
    }
    Optional<ModelDefinition> model =
        LakeFolderReader.name(file, own, ModelSettings.TABLE, "analytics", problems)
            .map(name -> new ModelDefinition(file, name, sql, sqlLine, lake.overriddenBy(own)));
    model.ifPresent(this::check);
    return model;
  }

  private void check(ModelDefinition model) {
    TableChecks.partitions(model.partition(), model.place(ModelSettings.PARTITION), problems);
    TableChecks.sort(model.sort(), model.place(ModelSettings.SORT), problems);
  }

  private static int lineEnd(String text, int from) {
    int end = text.indexOf('\n', from);
    return end < 0 ? text.length() : end;
  }

  private static int next(String text, int lineEnd) {
    return Math.min(text.length(), lineEnd + 1);
  }
}
