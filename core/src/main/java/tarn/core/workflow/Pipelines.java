package tarn.core.workflow;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiFunction;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.lake.LakeDefinition;
import tarn.core.lake.PipelineDefinition;
import tarn.core.ledger.SourceName;

/** The pipelines of a lake folder as workflows. */
public final class Pipelines {
  private final SourceWork sources;
  private final BiFunction<List<String>, Body.Context, Counts> models;
  private final Commands commands;

  /**
   * @param models brings models up to date, with all that they read; throws if one fails
   */
  public Pipelines(
      SourceWork sources,
      BiFunction<List<String>, Body.Context, Counts> models,
      Commands commands) {
    this.sources = sources;
    this.models = models;
    this.commands = commands;
  }

  /** All of a lake. */
  public List<Workflow> of(LakeDefinition lake, Map<String, RunStore.Kept> kept) {
    List<PipelineDefinition> all = new ArrayList<>();
    for (PipelineDefinition definition : lake.pipelines()) {
      RunStore.Kept own = kept.get(definition.pipeline());
      all.add(own == null ? definition : PipelineOverrides.applied(definition, own.overrides()));
    }
    Map<String, Set<String>> next = next(all);
    return all.stream()
        .map(p -> workflow(lake, p, next.getOrDefault(p.pipeline(), Set.of())))
        .toList();
  }

  private static Map<String, Set<String>> next(List<PipelineDefinition> all) {
    Map<String, Set<String>> next = new TreeMap<>();
    for (PipelineDefinition one : all) {
      one.after()
          .ifPresent(
              first -> next.computeIfAbsent(first, n -> new TreeSet<>()).add(one.pipeline()));
      one.next()
          .ifPresent(then -> next.computeIfAbsent(one.pipeline(), n -> new TreeSet<>()).add(then));
    }
    return next;
  }

  private Workflow workflow(LakeDefinition lake, PipelineDefinition pipeline, Set<String> next) {
    return new Workflow(
        pipeline.pipeline(),
        pipeline.fingerprint(),
        pipeline.enabled(),
        pipeline.schedule(),
        pipeline.timeZone(),
        List.copyOf(next),
        pipeline.timeout(),
        pipeline.retries(),
        !pipeline.recipients().isEmpty(),
        context -> run(lake, pipeline, context));
  }

  private Counts run(LakeDefinition lake, PipelineDefinition pipeline, Body.Context context) {
    return switch (pipeline.type()) {
      case JDBC_LOAD ->
          counts(
              sources.load(
                  source(pipeline), pipeline.tables(), context.progress(), context.cancelled()));
      case SEED ->
          counts(
              sources.seed(
                  source(pipeline), pipeline.tables(), context.progress(), context.cancelled()));
      case INCREMENTAL ->
          caughtUp(
              pipeline,
              sources.incremental(
                  source(pipeline), pipeline.tables(), context.progress(), context.cancelled()));
      case CONTINUOUS -> {
        sources.continuous(source(pipeline), context.progress(), context.cancelled());
        throw new TarnException(ErrorCode.CANCELLED, "it was stopped");
      }
      case CUSTOM ->
          pipeline.command().isEmpty()
              ? models.apply(pipeline.models(), context)
              : commands.run(lake.dir(), pipeline, context);
    };
  }

  private static SourceName source(PipelineDefinition pipeline) {
    return new SourceName(pipeline.source().orElseThrow());
  }

  private static Counts counts(SourceWork.Done done) {
    return new Counts(done.read(), done.upserted(), done.deleted());
  }

  /** Nothing read although there is something to read is no success. */
  private static Counts caughtUp(PipelineDefinition pipeline, SourceWork.Done done) {
    if (done.read() == 0 && done.lagBytes() > 0) {
      throw new TarnException(
          ErrorCode.SOURCE_UNAVAILABLE,
          "nothing was read although "
              + done.lagBytes()
              + " bytes of the log of "
              + source(pipeline)
              + " are not in the lake; `datalake source list` says how it is followed");
    }
    return counts(done);
  }
}
