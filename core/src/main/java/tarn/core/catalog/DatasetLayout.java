package tarn.core.catalog;

import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import tarn.core.lake.DatasetDefinition;
import tarn.core.ledger.RawFile;
import tarn.core.ledger.SourceName;
import tarn.core.table.TableName;

/**
 * Which dataset each raw file belongs to, with the values that its folders have: by their names
 * ({@link DatasetName}), or as {@code datasets/*.yaml} says.
 */
public final class DatasetLayout {
  private final List<DatasetDefinition> definitions;

  public DatasetLayout(List<DatasetDefinition> definitions) {
    this.definitions = List.copyOf(definitions);
  }

  /**
   * Where a file belongs.
   *
   * @param partitionValues from its folders, as texts
   * @param excluded whether its dataset passes it over
   * @param problem why it cannot be taken; empty if it can
   * @param definition what is said of the dataset
   */
  public record Spot(
      TableName dataset,
      Map<String, String> partitionValues,
      boolean excluded,
      String problem,
      Optional<DatasetDefinition> definition) {}

  /** Where a source's file belongs. */
  public Spot of(SourceName source, RawFile file) {
    List<String> plain = new ArrayList<>();
    for (String part : file.folder().split("/")) {
      if (!part.isEmpty() && part.indexOf('=') <= 0) {
        plain.add(part);
      }
    }
    Map<String, String> values = new LinkedHashMap<>(DatasetName.partitionValues(file.folder()));
    for (int own = plain.size(); own >= 0; own--) {
      TableName name = DatasetName.of(source, String.join("/", plain.subList(0, own)));
      Optional<DatasetDefinition> found = definition(name);
      List<String> names = found.map(DatasetDefinition::partitions).orElse(List.of());
      if (found.isPresent() && (own == plain.size() || !names.isEmpty())) {
        return spot(name, found.get(), plain.subList(own, plain.size()), names, values, file);
      }
    }
    return new Spot(DatasetName.of(source, file.folder()), values, false, "", Optional.empty());
  }

  private static Spot spot(
      TableName name,
      DatasetDefinition definition,
      List<String> folders,
      List<String> names,
      Map<String, String> values,
      RawFile file) {
    boolean excluded = isExcluded(definition, file);
    if (folders.size() != names.size()) {
      String problem =
          "it stands in "
              + folders.size()
              + " folders below its dataset's ("
              + file.folder()
              + "), but "
              + definition.file()
              + " names "
              + names.size()
              + " partitions "
              + names;
      return new Spot(name, values, excluded, problem, Optional.of(definition));
    }
    Map<String, String> all = new LinkedHashMap<>(values);
    for (int i = 0; i < names.size(); i++) {
      all.put(names.get(i), folders.get(i));
    }
    return new Spot(name, all, excluded, "", Optional.of(definition));
  }

  private static boolean isExcluded(DatasetDefinition definition, RawFile file) {
    Path path = Path.of(file.folder(), file.name());
    return definition.exclusions().stream()
        .anyMatch(glob -> FileSystems.getDefault().getPathMatcher("glob:" + glob).matches(path));
  }

  /** What is said of a dataset. */
  Optional<DatasetDefinition> definition(TableName dataset) {
    return definitions.stream().filter(d -> d.dataset().equals(dataset.toString())).findFirst();
  }

  /** What is said of a dataset, or of the nearest one that its folders are below. */
  Optional<DatasetDefinition> nearest(TableName dataset) {
    String name = dataset.toString();
    return definitions.stream()
        .filter(d -> name.equals(d.dataset()) || name.startsWith(d.dataset() + "_"))
        .max(Comparator.comparingInt(d -> d.dataset().length()));
  }

  /** Another text if something else is said of any dataset of a source. */
  String fingerprint(SourceName source) {
    return definitions.stream()
        .filter(d -> DatasetName.isOf(source, TableName.parse(d.dataset())))
        .map(d -> d.file() + " " + d.fingerprint())
        .collect(Collectors.joining(", "));
  }
}
