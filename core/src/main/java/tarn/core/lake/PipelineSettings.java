package tarn.core.lake;

import java.time.Duration;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;

/** Every key of {@code pipelines/*.yaml}. */
public final class PipelineSettings {
  private static final ValueType<String> PIPELINE =
      Types.text("name of a pipeline", Types.SOURCE_NAME);

  public static final Setting<String> DESCRIPTION =
      Setting.of("description", Types.text(), "", "What it is for.");
  public static final Setting<PipelineDefinition.Type> TYPE =
      Setting.required(
          "type",
          Types.word(PipelineDefinition.Type.class),
          "jdbc_load: a source's tables are read anew, all rows. seed: copies are made of what was loaded. incremental: what the source's log has by now, then it ends. continuous: what the log has, until it is stopped. custom: models or a command of your own.");
  public static final Setting<String> SOURCE =
      Setting.optional(
          "source",
          Types.text("name of a source", Types.SOURCE_NAME),
          "none",
          "The database (sources/<source>.yaml) that it works on; every type but custom needs one.");
  public static final Setting<TableChoice> TABLES =
      Setting.of(
          "tables",
          new TableChoiceType(),
          TableChoice.ALL,
          "Which of the source's tables, as schema.table or schema.*; default all. Or each as a key: public.log: {enabled: false}. Not for continuous, which follows all that the source names.");
  public static final Setting<List<String>> MODELS =
      Setting.of(
          "models",
          Types.listOf(Types.text("name of a model", "([a-z]+\\.)?" + Types.NAME_PART)),
          List.of(),
          "custom: models that are brought up to date with all that they read, each after what it reads.");
  public static final Setting<List<String>> COMMAND =
      Setting.of(
          "command",
          Types.listOf(Types.text()),
          List.of(),
          "custom: a program and its arguments, one item each, run in the lake folder without a shell, with PATH, HOME, LANG, TMPDIR and what is in `environment`.");
  public static final Setting<List<String>> ENVIRONMENT =
      Setting.of(
          "environment",
          Types.listOf(
              Types.text("name of an environment variable", "[A-Za-z_][A-Za-z0-9_]{0,127}")),
          List.of(),
          "custom: names of variables of the server's environment that the command gets too.");
  public static final Setting<Schedule> SCHEDULE =
      Setting.optional(
          "schedule",
          Types.scalar("schedule", Map.of("type", "string"), Schedule::parse),
          "none",
          "When it runs: rate(2 hours), or cron(minutes hours day-of-month month day-of-week year), as AWS EventBridge writes them. What was missed while no server ran is made up for once.");
  public static final Setting<ZoneId> TIME_ZONE =
      Setting.of(
          "time_zone",
          Types.scalar(
              "time zone like Europe/Berlin", Map.of("type", "string"), PipelineSettings::zone),
          ZoneId.of("UTC"),
          "The zone of the clock that cron(...) is about.");
  public static final Setting<String> AFTER =
      Setting.optional(
          "after",
          PIPELINE,
          "none",
          "Another pipeline: this one runs whenever that one succeeded.");
  public static final Setting<String> NEXT_PIPELINE =
      Setting.optional(
          "next_pipeline",
          PIPELINE,
          "none",
          "Another pipeline that runs whenever this one succeeded: the same as `after` there.");
  public static final Setting<Boolean> ENABLED =
      Setting.of(
          "enabled",
          Types.flag(),
          true,
          "Whether schedule and other pipelines start it. `datalake pipeline enable PIPELINE` and `disable` overrule it until this file changes.");
  public static final Setting<Duration> TIMEOUT =
      Setting.optional(
          "timeout",
          Types.duration("1s", "30d"),
          "1d; none for continuous",
          "How long one attempt may take; then it is stopped and has failed.");
  public static final Setting<Long> RETRIES =
      Setting.of(
          "retries",
          Types.integer(0, 20),
          0L,
          "How often a run that failed is begun again, after 10 seconds, 20, 40, up to 10 minutes.");
  public static final Setting<List<Recipient>> NOTIFY =
      Setting.of(
          "notify",
          Types.listOf(new RecipientType()),
          List.of(),
          "Who is told when a run failed, and when the next one went well: items webhook: <address, or env:…, file:… or aws-secretsmanager:… where it is> and email: <address>; e-mail needs smtp in lake.yaml.");

  /** All of them, in the order of the docs. */
  public static final List<Setting<?>> ALL =
      List.of(
          DESCRIPTION,
          TYPE,
          SOURCE,
          TABLES,
          MODELS,
          COMMAND,
          ENVIRONMENT,
          SCHEDULE,
          TIME_ZONE,
          AFTER,
          NEXT_PIPELINE,
          ENABLED,
          TIMEOUT,
          RETRIES,
          NOTIFY);

  private PipelineSettings() {}

  private static ZoneId zone(String text) {
    try {
      return ZoneId.of(text);
    } catch (java.time.DateTimeException e) {
      throw new IllegalArgumentException("time zone like Europe/Berlin", e);
    }
  }
}
