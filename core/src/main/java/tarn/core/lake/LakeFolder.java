package tarn.core.lake;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;

/**
 * What was read of a lake folder: everything that could be understood, and every problem.
 *
 * @param definition the lake; empty if any problem is an error
 * @param definitions what could be read well enough to go on checking
 * @param problems by file, line and column
 */
public record LakeFolder(
    Optional<LakeDefinition> definition, Definitions definitions, List<Problem> problems) {
  /** The file that makes a folder a lake. */
  public static final String LAKE_FILE = "lake.yaml";

  /**
   * Reads a lake folder for the environment that lake.yaml names. Opens every file once, follows
   * nothing outside, and fails only by problems.
   */
  public static LakeFolder load(Path dir) {
    return new LakeFolderReader(dir).read(Optional.empty());
  }

  /** Reads a lake folder for an environment. */
  public static LakeFolder load(Path dir, String environment) {
    return new LakeFolderReader(dir).read(Optional.of(environment));
  }

  /**
   * The names of all files that make up a lake folder, relative to it, sorted: lake.yaml and what
   * is in the folders that are read. Never a file that holds a secret, which the definition only
   * names.
   */
  public static List<String> files(Path dir) {
    return LakeFolderReader.names(dir);
  }

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

  /** The databases that are followed, by name. */
  public List<SourceDefinition> sources() {
    return definitions.sources();
  }

  /** The pipelines, by name. */
  public List<PipelineDefinition> pipelines() {
    return definitions.pipelines();
  }

  /** The streams, by name. */
  public List<StreamDefinition> streams() {
    return definitions.streams();
  }

  /** The lake; {@code DEFINITION_INVALID} with the first error if there are any. */
  public LakeDefinition orThrow() {
    return definition.orElseThrow(() -> failure(problems));
  }

  /**
   * The failure that reports errors found in a folder; it names the first and counts the others.
   */
  public static TarnException failure(List<Problem> problems) {
    List<Problem> errors = problems.stream().filter(Problem::isError).toList();
    String first = errors.isEmpty() ? "no error" : errors.get(0).toString();
    String more =
        errors.size() > 1
            ? " (and " + (errors.size() - 1) + " more: `datalake validate` lists them all)"
            : "";
    return new TarnException(ErrorCode.DEFINITION_INVALID, first + more);
  }
}
