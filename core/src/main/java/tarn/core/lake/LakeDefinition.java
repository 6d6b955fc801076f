package tarn.core.lake;

import java.nio.file.Path;
import java.util.List;

/**
 * A lake as its folder declares it, for one environment.
 *
 * @param dir the lake folder, absolute
 * @param environment the environment's name
 * @param settings lake.yaml with the environment's file laid over it
 * @param tables by name
 * @param models by name
 * @param datasets what is said of datasets, by name
 */
public record LakeDefinition(
    Path dir,
    String environment,
    Settings settings,
    List<TableDefinition> tables,
    List<ModelDefinition> models,
    List<DatasetDefinition> datasets) {

  public LakeDefinition {
    tables = List.copyOf(tables);
    models = List.copyOf(models);
    datasets = List.copyOf(datasets);
  }

  /** The lake's name. */
  public String name() {
    return settings.get(LakeSettings.NAME);
  }

  /** The first part of the bucket names. */
  public String prefix() {
    return settings.find(LakeSettings.PREFIX).orElseGet(this::name);
  }

  /** Where state lives, absolute. */
  public Path home() {
    return resolve(settings.get(LakeSettings.HOME));
  }

  /** A path that a setting names, absolute: relative ones begin in the lake folder. */
  public Path resolve(String path) {
    return dir.resolve(path).normalize();
  }
}
