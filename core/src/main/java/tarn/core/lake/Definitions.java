package tarn.core.lake;

import java.util.List;

/**
 * What the folders of a lake define, each by name.
 *
 * @param tables of tables/
 * @param models of models/
 * @param datasets what datasets/ says of datasets
 * @param streams of streams/
 * @param sources of sources/
 * @param pipelines of pipelines/
 */
public record Definitions(
    List<TableDefinition> tables,
    List<ModelDefinition> models,
    List<DatasetDefinition> datasets,
    List<StreamDefinition> streams,
    List<SourceDefinition> sources,
    List<PipelineDefinition> pipelines) {
  static final Definitions NONE =
      new Definitions(List.of(), List.of(), List.of(), List.of(), List.of(), List.of());

  public Definitions {
    tables = List.copyOf(tables);
    models = List.copyOf(models);
    datasets = List.copyOf(datasets);
    streams = List.copyOf(streams);
    sources = List.copyOf(sources);
    pipelines = List.copyOf(pipelines);
  }
}
