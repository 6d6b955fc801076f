package tarn.core.lake;

import java.time.Duration;
import java.time.ZoneId;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Work on the lake that is run by hand, at times and after other such work, as {@code
 * pipelines/<name>.yaml} declares it.
 *
 * @param file path relative to the lake folder
 * @param pipeline its name, which is the file's: {@code nightly}
 * @param settings what it says
 * @param fingerprint of the file's text
 */
public record PipelineDefinition(
    String file, String pipeline, Settings settings, String fingerprint) {
  private static final Duration LONGEST = Duration.ofDays(1);
  private static final Pattern TABLE =
      Pattern.compile("tables\\.([^.*]+\\.([^.*]+|\\*))\\.enabled");

  /** What a command may set. */
  private static final List<Setting<?>> BY_COMMAND =
      List.of(
          PipelineSettings.SCHEDULE,
          PipelineSettings.TIME_ZONE,
          PipelineSettings.TIMEOUT,
          PipelineSettings.RETRIES);

  /** What a run does. */
  public enum Type {
    JDBC_LOAD,
    SEED,
    INCREMENTAL,
    CONTINUOUS,
    CUSTOM
  }

  public Type type() {
    return settings.find(PipelineSettings.TYPE).orElse(Type.CUSTOM);
  }

  /** The source that it works on; none for {@code CUSTOM}. */
  public Optional<String> source() {
    return settings.find(PipelineSettings.SOURCE);
  }

  public TableChoice tables() {
    return settings.get(PipelineSettings.TABLES);
  }

  public List<String> models() {
    return settings.get(PipelineSettings.MODELS);
  }

  /** A program and its arguments; empty if it runs none. */
  public List<String> command() {
    return settings.get(PipelineSettings.COMMAND);
  }

  public List<String> environment() {
    return settings.get(PipelineSettings.ENVIRONMENT);
  }

  /** Whether times and other pipelines start it, unless a command said otherwise. */
  public boolean enabled() {
    return settings.get(PipelineSettings.ENABLED);
  }

  public ZoneId timeZone() {
    return settings.get(PipelineSettings.TIME_ZONE);
  }

  public Optional<Schedule> schedule() {
    return settings.find(PipelineSettings.SCHEDULE);
  }

  public Optional<String> after() {
    return settings.find(PipelineSettings.AFTER);
  }

  public Optional<String> next() {
    return settings.find(PipelineSettings.NEXT_PIPELINE);
  }

  /** How long one attempt may take; empty for as long as it likes. */
  public Optional<Duration> timeout() {
    return settings
        .find(PipelineSettings.TIMEOUT)
        .or(() -> type() == Type.CONTINUOUS ? Optional.empty() : Optional.of(LONGEST));
  }

  public int retries() {
    return Math.toIntExact(settings.get(PipelineSettings.RETRIES));
  }

  public List<Recipient> recipients() {
    return settings.get(PipelineSettings.NOTIFY);
  }

  /**
   * The same with one setting as a command gives it; IllegalArgumentException, saying why, if that
   * cannot be: of tables, {@code tables.public.log.enabled}.
   */
  public PipelineDefinition with(String key, String value) {
    Matcher table = TABLE.matcher(key);
    if (table.matches()) {
      if (type() == Type.CUSTOM || type() == Type.CONTINUOUS) {
        throw new IllegalArgumentException("a pipeline of this type does not choose tables");
      }
      Map<String, Boolean> enabled = new HashMap<>(tables().enabled());
      enabled.put(table.group(1), read(Types.flag(), key, value));
      return with(PipelineSettings.TABLES, new TableChoice(enabled));
    }
    for (Setting<?> setting : BY_COMMAND) {
      if (setting.key().equals(key)) {
        return read(setting, value);
      }
    }
    throw new IllegalArgumentException(
        "'"
            + key
            + "' cannot be set by command; what can: "
            + String.join(", ", BY_COMMAND.stream().map(Setting::key).toList())
            + ", tables.<schema>.<table>.enabled");
  }

  private <T> PipelineDefinition read(Setting<T> setting, String value) {
    return with(setting, read(setting.type(), setting.key(), value));
  }

  private static <T> T read(ValueType<T> type, String key, String value) {
    Problems problems = new Problems();
    Node.Scalar text = new Node.Scalar(Place.startOf(key), value, Node.Style.DOUBLE_QUOTED);
    return type.read(text, problems)
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    problems.sorted().stream().map(Problem::message).findFirst().orElse(key)));
  }

  private <T> PipelineDefinition with(Setting<T> setting, T value) {
    Settings one = new Settings(Map.of(setting, value), Map.of(setting.key(), Place.startOf(file)));
    return new PipelineDefinition(file, pipeline, settings.overriddenBy(one), fingerprint);
  }

  Place place(Setting<?> setting) {
    return settings.place(setting).orElse(Place.startOf(file));
  }
}
