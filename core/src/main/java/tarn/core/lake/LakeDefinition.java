package tarn.core.lake;

import java.nio.file.Path;
import java.util.List;

/**
 * A lake as its folder declares it, for one environment.
 *
 * @param dir the lake folder, absolute
 * @param environment the environment's name
 * @param settings lake.yaml with the environment's file laid over it
 * @param definitions what its folders define
 */
public record LakeDefinition(
    Path dir, String environment, Settings settings, Definitions definitions) {

  /** The tables, by name. */
  public List<TableDefinition> tables() {
    return definitions.tables();
  }

  /** The models, by name. */
  public List<ModelDefinition> models() {
    return definitions.models();
  }

  /** What is said of datasets, by name. */
  public List<DatasetDefinition> datasets() {
    return definitions.datasets();
  }

  /** The streams, by name. */
  public List<StreamDefinition> streams() {
    return definitions.streams();
  }

  /** The databases that are followed, by name. */
  public List<SourceDefinition> sources() {
    return definitions.sources();
  }

  /** The pipelines, by name. */
  public List<PipelineDefinition> pipelines() {
    return definitions.pipelines();
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
