package tarn.core.lake;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Reads one lake folder once. */
final class LakeFolderReader {
  private static final String ENVIRONMENTS = "environments";
  private static final String DATASETS = "datasets";
  private static final String TABLES = "tables";
  private static final String MODELS = "models";
  private static final String STREAMS = "streams";
  private static final String SOURCES = "sources";
  private static final String PIPELINES = "pipelines";
  private static final List<String> FOLDERS =
      List.of(
          ENVIRONMENTS,
          DATASETS,
          STREAMS,
          SOURCES,
          PIPELINES,
          EventSchema.FOLDER,
          TABLES,
          MODELS,
          RecipeFiles.FOLDER,
          "tests");
  private static final List<String> ENDINGS = List.of(".yaml", ".sql", ".json");
  private static final Pattern STEM = Pattern.compile(Types.NAME_PART);
  private static final Pattern SOURCE = Pattern.compile(Types.SOURCE_NAME);

  private final Path dir;
  private final Problems problems = new Problems();
  private final LakeFiles files;

  LakeFolderReader(Path dir) {
    this.dir = dir.toAbsolutePath().normalize();
    this.files = new LakeFiles(this.dir, problems);
  }

  /** Every file with an ending that is read from its folder. */
  static List<String> names(Path dir) {
    LakeFiles files = new LakeFiles(dir.toAbsolutePath().normalize(), new Problems());
    Stream<String> inner =
        FOLDERS.stream()
            .flatMap(folder -> ENDINGS.stream().flatMap(end -> files.list(folder, end).stream()));
    return Stream.concat(Stream.of(LakeFolder.LAKE_FILE).filter(files::has), inner)
        .sorted()
        .toList();
  }

  LakeFolder read(Optional<String> wanted) {
    if (!Files.isRegularFile(dir.resolve(LakeFolder.LAKE_FILE))) {
      problems.error(
          Place.startOf(LakeFolder.LAKE_FILE),
          dir.toString(),
          "there is no lake.yaml in " + dir,
          "`datalake init` makes one");
      return new LakeFolder(Optional.empty(), Definitions.NONE, problems.sorted());
    }
    Settings lake = lakeFile();
    Map<String, Settings> environments = environments();
    String environment = wanted.orElseGet(() -> lake.get(LakeSettings.ENVIRONMENT));
    Settings settings = lake.overriddenBy(environment(environment, environments, lake));
    new LakeChecks(settings, environment, problems).check();
    misspelledFolders();
    List<TableDefinition> tables =
        read(TABLES, ".yaml", (file, text) -> table(file, text, settings));
    List<ModelDefinition> models =
        read(MODELS, ".sql", (file, text) -> new ModelReader(problems).read(file, text, settings));
    List<DatasetDefinition> datasets = read(DATASETS, ".yaml", this::dataset);
    List<StreamDefinition> streams = read(STREAMS, ".yaml", this::stream);
    streams.forEach(stream -> StreamChecks.check(stream, tables, problems));
    List<SourceDefinition> sources = read(SOURCES, ".yaml", this::source);
    SourceChecks.check(sources, streams, problems);
    duplicates(tables, models);
    duplicates(datasets);
    tables.sort(Comparator.comparing(TableDefinition::table));
    models.sort(Comparator.comparing(ModelDefinition::table));
    datasets.sort(Comparator.comparing(DatasetDefinition::dataset));
    streams.sort(Comparator.comparing(StreamDefinition::stream));
    sources.sort(Comparator.comparing(SourceDefinition::source));
    List<PipelineDefinition> pipelines = read(PIPELINES, ".yaml", this::pipeline);
    pipelines.sort(Comparator.comparing(PipelineDefinition::pipeline));
    Definitions definitions =
        new Definitions(tables, models, datasets, streams, sources, pipelines);
    new PipelineChecks(settings, definitions, problems).check();
    return folder(environment, settings, definitions);
  }

  private LakeFolder folder(String environment, Settings settings, Definitions definitions) {
    List<Problem> all = problems.sorted();
    Optional<LakeDefinition> definition =
        all.stream().anyMatch(Problem::isError)
            ? Optional.empty()
            : Optional.of(new LakeDefinition(dir, environment, settings, definitions));
    return new LakeFolder(definition, definitions, all);
  }

  private Settings lakeFile() {
    Settings lake = settings(LakeFolder.LAKE_FILE, LakeSettings.ALL);
    SettingsReader.requireAll(
        lake, LakeSettings.ALL, Place.startOf(LakeFolder.LAKE_FILE), problems);
    return lake;
  }

  private Settings settings(String file, List<Setting<?>> known) {
    return files
        .text(file)
        .flatMap(text -> YamlReader.read(file, 0, text, problems))
        .map(document -> SettingsReader.read(document, known, problems))
        .orElse(Settings.none());
  }

  /** All of them are read, also those not wanted now, so that all their problems are known. */
  private Map<String, Settings> environments() {
    Map<String, Settings> environments = new HashMap<>();
    for (String file : files.list(ENVIRONMENTS, ".yaml")) {
      Settings settings = settings(file, LakeSettings.ALL);
      environments.put(stem(file), settings);
      settings
          .place(LakeSettings.ENVIRONMENT)
          .ifPresent(
              at ->
                  problems.error(
                      at,
                      LakeSettings.ENVIRONMENT.key(),
                      "'environment' belongs into lake.yaml: an environment's file is named after it"));
    }
    return environments;
  }

  /** The default environment needs no file; one that was asked for does. */
  private Settings environment(String name, Map<String, Settings> environments, Settings lake) {
    Settings found = environments.get(name);
    if (found != null) {
      return found;
    }
    if (!name.equals(LakeSettings.ENVIRONMENT.defaultValue())) {
      problems.error(
          lake.place(LakeSettings.ENVIRONMENT).orElse(Place.startOf(LakeFolder.LAKE_FILE)),
          name,
          "there is no environment '" + name + "': no file " + ENVIRONMENTS + "/" + name + ".yaml",
          Nearest.suggestion(name, environments.keySet()));
    }
    return Settings.none();
  }

  private void misspelledFolders() {
    for (String name : files.top()) {
      if (!FOLDERS.contains(name)
          && Files.isDirectory(dir.resolve(name))
          && !name.startsWith(".")) {
        Nearest.to(name, FOLDERS)
            .ifPresent(
                near ->
                    problems.add(
                        Problem.warning(
                            Place.startOf(name),
                            name,
                            "the folder " + name + "/ is not read",
                            "did you mean '" + near + "'?")));
      }
    }
  }

  private <T> List<T> read(
      String folder, String ending, BiFunction<String, String, Optional<T>> reader) {
    List<T> read = new ArrayList<>();
    for (String file : files.list(folder, ending)) {
      files.text(file).flatMap(text -> reader.apply(file, text)).ifPresent(read::add);
    }
    return read;
  }

  private Optional<TableDefinition> table(String file, String text, Settings lake) {
    int before = problems.count();
    Optional<Node> document = YamlReader.read(file, 0, text, problems);
    if (document.isEmpty() && problems.count() > before) {
      return Optional.empty();
    }
    Settings own =
        document
            .map(new RecipeFiles(files, problems)::resolve)
            .map(node -> SettingsReader.read(node, TableSettings.ALL, problems))
            .orElse(Settings.none());
    SettingsReader.requireAll(own, TableSettings.ALL, Place.startOf(file), problems);
    Optional<String> name = name(file, own, TableSettings.TABLE, "clean", problems);
    String from = own.find(TableSettings.FROM).map(t -> qualified("raw", t)).orElse("");
    Optional<TableDefinition> table =
        name.map(n -> new TableDefinition(file, n, from, lake.overriddenBy(own)));
    table.ifPresent(t -> TableChecks.check(t, problems));
    return table;
  }

  private Optional<DatasetDefinition> dataset(String file, String text) {
    int before = problems.count();
    Optional<Node> document = YamlReader.read(file, 0, text, problems);
    if (document.isEmpty() && problems.count() > before) {
      return Optional.empty();
    }
    Settings own =
        document
            .map(node -> SettingsReader.read(node, DatasetSettings.ALL, problems))
            .orElse(Settings.none());
    Optional<DatasetDefinition> dataset =
        name(file, own, DatasetSettings.DATASET, "raw", problems)
            .map(n -> new DatasetDefinition(file, n, own, fingerprint(text)));
    dataset.ifPresent(d -> DatasetChecks.check(d, problems));
    return dataset;
  }

  private Optional<StreamDefinition> stream(String file, String text) {
    int before = problems.count();
    Optional<Node> document = YamlReader.read(file, 0, text, problems);
    if (document.isEmpty() && problems.count() > before) {
      return Optional.empty();
    }
    String name = sourceName(file, "stream");
    Settings own =
        document
            .map(node -> SettingsReader.read(node, StreamSettings.ALL, problems))
            .orElse(Settings.none());
    StreamDefinition stream = new StreamDefinition(file, name, own, schema(own));
    if (problems.count() == before) { // else a value that was not understood would seem missing
      StreamChecks.check(stream, problems);
    }
    return Optional.of(stream);
  }

  private Optional<SourceDefinition> source(String file, String text) {
    int before = problems.count();
    Optional<Node> document = YamlReader.read(file, 0, text, problems);
    if (document.isEmpty() && problems.count() > before) {
      return Optional.empty();
    }
    String name = sourceName(file, "source");
    Settings own =
        document
            .map(node -> SettingsReader.read(node, SourceSettings.ALL, problems))
            .orElse(Settings.none());
    SettingsReader.requireAll(own, SourceSettings.ALL, Place.startOf(file), problems);
    return Optional.of(new SourceDefinition(file, name, own));
  }

  private Optional<PipelineDefinition> pipeline(String file, String text) {
    int before = problems.count();
    Optional<Node> document = YamlReader.read(file, 0, text, problems);
    if (document.isEmpty() && problems.count() > before) {
      return Optional.empty();
    }
    String name = sourceName(file, "pipeline");
    Settings own =
        document
            .map(node -> SettingsReader.read(node, PipelineSettings.ALL, problems))
            .orElse(Settings.none());
    SettingsReader.requireAll(own, PipelineSettings.ALL, Place.startOf(file), problems);
    return Optional.of(new PipelineDefinition(file, name, own, fingerprint(text)));
  }

  /** The name of what lands as a source, or of a pipeline: its file's. */
  private String sourceName(String file, String what) {
    String name = stem(file);
    if (!SOURCE.matcher(name).matches()) {
      problems.error(
          Place.startOf(file),
          name,
          "the file's name '"
              + name
              + "' cannot be a "
              + what
              + "'s: a-z, 0-9, '_' and '-', starting with a letter, at most 63",
          "rename the file");
    }
    return name;
  }

  private Optional<EventSchema> schema(Settings stream) {
    Optional<String> file = stream.find(StreamSettings.SCHEMA);
    if (file.isEmpty()) {
      return Optional.empty();
    }
    if (!files.has(file.get())) {
      problems.error(
          stream.place(StreamSettings.SCHEMA).orElseThrow(),
          file.get(),
          "there is no file " + file.get() + " in the lake folder");
      return Optional.empty();
    }
    try {
      return files.text(file.get()).map(EventSchema::parse);
    } catch (IllegalArgumentException e) {
      problems.error(
          Place.startOf(file.get()),
          "",
          "it is no JSON Schema: " + String.valueOf(e.getMessage()).lines().findFirst().orElse(""));
      return Optional.empty();
    }
  }

  private static String fingerprint(String text) {
    return java.util.UUID.nameUUIDFromBytes(text.getBytes(StandardCharsets.UTF_8)).toString();
  }

  private void duplicates(List<DatasetDefinition> datasets) {
    Map<String, String> files = new LinkedHashMap<>();
    for (DatasetDefinition dataset : datasets) {
      String first = files.putIfAbsent(dataset.dataset(), dataset.file());
      if (first != null) {
        problems.error(
            dataset.place(DatasetSettings.DATASET),
            dataset.dataset(),
            "the dataset " + dataset.dataset() + " is already described in " + first);
      }
    }
  }

  /** A table's full name: as written, or from the file's. */
  static Optional<String> name(
      String file, Settings own, Setting<String> setting, String namespace, Problems problems) {
    if (own.place(setting).isPresent()) {
      return own.find(setting).map(text -> qualified(namespace, text));
    }
    String stem = stem(file);
    if (STEM.matcher(stem).matches()) {
      return Optional.of(qualified(namespace, stem));
    }
    problems.error(
        Place.startOf(file),
        stem,
        "the file's name '"
            + stem
            + "' cannot be a table's: a-z, 0-9 and '_', starting with a letter",
        "rename the file, or write 'table: " + namespace + ".<name>'");
    return Optional.empty();
  }

  private static String qualified(String namespace, String text) {
    return text.indexOf('.') < 0 ? namespace + "." + text : text;
  }

  static String stem(String file) {
    String name = file.substring(file.lastIndexOf('/') + 1);
    return name.substring(0, name.lastIndexOf('.'));
  }

  private void duplicates(List<TableDefinition> tables, List<ModelDefinition> models) {
    Map<String, String> owners = new LinkedHashMap<>();
    Stream.concat(
            tables.stream().map(t -> Map.entry(t.table(), t.place(TableSettings.TABLE))),
            models.stream().map(m -> Map.entry(m.table(), m.place(ModelSettings.TABLE))))
        .forEach(
            entry -> {
              String first = owners.putIfAbsent(entry.getKey(), entry.getValue().file());
              if (first != null) {
                problems.error(
                    entry.getValue(),
                    entry.getKey(),
                    "the table " + entry.getKey() + " is already declared in " + first);
              }
            });
  }
}
