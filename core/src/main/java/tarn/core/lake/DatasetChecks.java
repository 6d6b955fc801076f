package tarn.core.lake;

import java.nio.file.FileSystems;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.PatternSyntaxException;

/** What no single key of a dataset can know. */
final class DatasetChecks {
  private DatasetChecks() {}

  static void check(DatasetDefinition dataset, Problems problems) {
    boolean grok = dataset.settings().has(DatasetSettings.CLASSIFIER);
    classifier(dataset, grok, problems);
    if (grok || dataset.format().filter(f -> f != DatasetDefinition.Format.CSV).isPresent()) {
      for (Setting<?> setting :
          List.of(DatasetSettings.DELIMITER, DatasetSettings.QUOTE, DatasetSettings.HEADER)) {
        if (dataset.settings().has(setting)) {
          problems.error(
              dataset.place(setting),
              setting.key(),
              "'" + setting.key() + "' is for CSV",
              "write format: csv, or remove it");
        }
      }
    }
    dataset
        .format()
        .filter(f -> f != DatasetDefinition.Format.CSV)
        .filter(f -> dataset.settings().has(DatasetSettings.ENCODING))
        .ifPresent(
            format ->
                problems.error(
                    dataset.place(DatasetSettings.ENCODING),
                    "",
                    "'encoding' is for CSV and lines: JSON is UTF-8, and Parquet no text",
                    "remove it"));
    exclusions(dataset, problems);
    Set<String> seen = new HashSet<>();
    for (String name : dataset.partitions()) {
      if (!seen.add(name)) {
        problems.error(
            dataset.place(DatasetSettings.PARTITIONS),
            name,
            "'" + name + "' stands twice in 'partitions'");
      }
    }
  }

  private static void classifier(DatasetDefinition dataset, boolean grok, Problems problems) {
    if (grok && dataset.format().isPresent()) {
      problems.error(
          dataset.place(DatasetSettings.FORMAT),
          "",
          "'format' and 'classifier' exclude each other",
          "remove format");
    }
    if (grok && dataset.pattern().isEmpty()) {
      problems.error(
          dataset.place(DatasetSettings.CLASSIFIER),
          "grok",
          "'pattern' is missing: classifier grok needs it",
          "write pattern: '%{COMBINEDAPACHELOG}'");
    }
    for (Setting<?> setting : List.of(DatasetSettings.PATTERN, DatasetSettings.PATTERNS)) {
      if (!grok && dataset.settings().has(setting)) {
        problems.error(
            dataset.place(setting),
            "",
            "'" + setting.key() + "' is for classifier grok",
            "write classifier: grok, or remove it");
      }
    }
  }

  private static void exclusions(DatasetDefinition dataset, Problems problems) {
    for (String glob : dataset.exclusions()) {
      try {
        FileSystems.getDefault().getPathMatcher("glob:" + glob);
      } catch (PatternSyntaxException e) {
        problems.error(
            dataset.place(DatasetSettings.EXCLUSIONS),
            glob,
            "'" + glob + "' is not a glob pattern: " + e.getDescription());
      }
    }
  }
}
