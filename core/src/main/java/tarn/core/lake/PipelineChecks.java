package tarn.core.lake;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** What no single key of a pipeline can know. */
final class PipelineChecks {
  private final Settings lake;
  private final Definitions definitions;
  private final Problems problems;

  PipelineChecks(Settings lake, Definitions definitions, Problems problems) {
    this.lake = lake;
    this.definitions = definitions;
    this.problems = problems;
  }

  void check() {
    definitions.pipelines().forEach(this::check);
    chains();
  }

  private void check(PipelineDefinition pipeline) {
    if (pipeline.settings().has(PipelineSettings.TYPE)) {
      if (pipeline.type() == PipelineDefinition.Type.CUSTOM) {
        custom(pipeline);
      } else {
        ofSource(pipeline);
      }
    }
    if (pipeline.settings().has(PipelineSettings.TIME_ZONE)
        && !pipeline.schedule().map(Schedule::toString).orElse("").startsWith("cron")) {
      problems.error(
          pipeline.place(PipelineSettings.TIME_ZONE),
          "",
          "'time_zone' is about cron(...), but there is none",
          "write schedule: cron(...), or remove it");
    }
    boolean mail = pipeline.recipients().stream().anyMatch(r -> r.kind() == Recipient.Kind.EMAIL);
    if (mail && !lake.has(LakeSettings.SMTP_HOST)) {
      problems.error(
          pipeline.place(PipelineSettings.NOTIFY),
          "",
          "there is a recipient by e-mail, but lake.yaml names no server that takes it",
          "write smtp.host in lake.yaml");
    }
  }

  private void ofSource(PipelineDefinition pipeline) {
    String type = PipelineSettings.TYPE.type().print(pipeline.type());
    for (Setting<?> own :
        List.of(PipelineSettings.MODELS, PipelineSettings.COMMAND, PipelineSettings.ENVIRONMENT)) {
      if (pipeline.settings().has(own)) {
        problems.error(
            pipeline.place(own),
            "",
            "'" + own.key() + "' is for type: custom, but the type is " + type,
            "remove it, or write type: custom");
      }
    }
    if (pipeline.type() == PipelineDefinition.Type.CONTINUOUS
        && pipeline.settings().has(PipelineSettings.TABLES)) {
      problems.error(
          pipeline.place(PipelineSettings.TABLES),
          "",
          "a pipeline of type continuous follows all tables of its source",
          "remove 'tables', or name fewer in the source's file");
    }
    Set<String> sources =
        definitions.sources().stream()
            .map(SourceDefinition::source)
            .collect(Collectors.toCollection(TreeSet::new));
    if (pipeline.source().isEmpty()) {
      problems.error(
          Place.startOf(pipeline.file()),
          "",
          "'source' is missing: type " + type + " works on a database",
          "write source: <name of a file in sources/>");
    } else if (!sources.contains(pipeline.source().get())) {
      problems.unknown(
          pipeline.place(PipelineSettings.SOURCE), "source", pipeline.source().get(), sources);
    }
  }

  private void custom(PipelineDefinition pipeline) {
    for (Setting<?> others : List.of(PipelineSettings.SOURCE, PipelineSettings.TABLES)) {
      if (pipeline.settings().has(others)) {
        problems.error(
            pipeline.place(others),
            "",
            "'" + others.key() + "' is for pipelines on a source, but the type is custom",
            "remove it, or write another type");
      }
    }
    if (pipeline.models().isEmpty() == pipeline.command().isEmpty()) {
      problems.error(
          pipeline.place(PipelineSettings.TYPE),
          "",
          "a pipeline of type custom has either 'models' or 'command'",
          "write models: [sales_by_month], or command: [scripts/fetch, --all]; two pipelines can follow each other with 'after'");
    }
    if (!pipeline.environment().isEmpty() && pipeline.command().isEmpty()) {
      problems.error(
          pipeline.place(PipelineSettings.ENVIRONMENT), "", "'environment' is for a command");
    }
    Set<String> models =
        definitions.models().stream()
            .map(ModelDefinition::table)
            .collect(Collectors.toCollection(TreeSet::new));
    for (String model : pipeline.models()) {
      String full = model.indexOf('.') < 0 ? "analytics." + model : model;
      if (!models.contains(full)) {
        problems.unknown(pipeline.place(PipelineSettings.MODELS), "model", full, models);
      }
    }
  }

  /** Names that are there, and no pipeline that starts itself. */
  private void chains() {
    Map<String, PipelineDefinition> all = new TreeMap<>();
    definitions.pipelines().forEach(p -> all.put(p.pipeline(), p));
    Map<String, Set<String>> next = new TreeMap<>();
    for (PipelineDefinition pipeline : definitions.pipelines()) {
      pipeline
          .after()
          .filter(name -> known(pipeline, PipelineSettings.AFTER, name, all.keySet()))
          .ifPresent(
              name -> next.computeIfAbsent(name, n -> new TreeSet<>()).add(pipeline.pipeline()));
      pipeline
          .next()
          .filter(name -> known(pipeline, PipelineSettings.NEXT_PIPELINE, name, all.keySet()))
          .ifPresent(
              name -> next.computeIfAbsent(pipeline.pipeline(), n -> new TreeSet<>()).add(name));
    }
    Set<String> told = new TreeSet<>();
    for (String name : next.keySet()) {
      if (!told.contains(name)) {
        List<String> circle = circle(name, name, next, new LinkedHashMap<>());
        if (!circle.isEmpty()) {
          told.addAll(circle);
          PipelineDefinition first = all.get(name);
          problems.error(
              first == null ? Place.startOf("pipelines") : Place.startOf(first.file()),
              name,
              "pipelines start each other in a circle: " + String.join(" → ", circle),
              "remove one 'after' or 'next_pipeline' of them");
        }
      }
    }
  }

  private boolean known(
      PipelineDefinition of, Setting<String> setting, String name, Set<String> names) {
    if (!names.contains(name)) {
      problems.unknown(of.place(setting), "pipeline", name, names);
      return false;
    }
    return true;
  }

  /** The way from a pipeline back to the first; empty if there is none. */
  private static List<String> circle(
      String first, String now, Map<String, Set<String>> next, Map<String, Boolean> seen) {
    for (String follower : next.getOrDefault(now, Set.of())) {
      if (follower.equals(first)) {
        return new ArrayList<>(List.of(now, first));
      }
      if (seen.put(follower, true) == null) {
        List<String> rest = circle(first, follower, next, seen);
        if (!rest.isEmpty()) {
          rest.add(0, now);
          return rest;
        }
      }
    }
    return List.of();
  }
}
