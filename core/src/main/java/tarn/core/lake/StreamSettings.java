package tarn.core.lake;

import java.time.Duration;
import java.util.List;
import java.util.Map;

/** Every key of {@code streams/*.yaml}. */
public final class StreamSettings {
  public static final Setting<String> DESCRIPTION =
      Setting.of("description", Types.text(), "", "What an event is.");
  public static final Setting<Long> SHARDS =
      Setting.of(
          "shards",
          Types.integer(1, 100),
          1L,
          "Into how many shards the log is divided; the events of one shard keep their order. How many it begins with, and has at least: a higher number than there are makes more, resharding goes up and down.");
  public static final Setting<Duration> RETENTION =
      Setting.of(
          "retention",
          Types.duration("1h", "365d"),
          Duration.ofDays(7),
          "How long the log keeps an event after its arrival: at least dedup_window and longest_outage together.");
  public static final Setting<Duration> DEDUP_WINDOW =
      Setting.of(
          "dedup_window",
          Types.duration("1s", "30d"),
          Duration.ofHours(24),
          "An event whose id arrived before, not longer ago than this, is a duplicate: it is counted and not stored again.");
  public static final Setting<Duration> LONGEST_OUTAGE =
      Setting.of(
          "longest_outage",
          Types.duration("0s", "365d"),
          Duration.ofHours(24),
          "How long nothing may take events out of the log before some are lost; retention is checked against it.");
  public static final Setting<FieldPath> ID =
      Setting.optional(
          "id",
          fieldPath(),
          "none: events are known by their bytes",
          "The field with the event's id, by which duplicates are found.");
  public static final Setting<FieldPath> PARTITION_KEY =
      Setting.optional(
          "partition_key",
          fieldPath(),
          "none: any shard",
          "The field whose value chooses the shard: events with the same value, sent one after the other, keep their order.");
  public static final Setting<StreamDefinition.NoId> NO_ID =
      Setting.optional(
          "no_id",
          Types.choice(StreamDefinition.NoId.class),
          "hash without id, reject with it",
          "What becomes of an event without id. hash: a hash of its bytes is its id, so equal bytes are one event. reject: it goes to the dead letters.");
  public static final Setting<StreamDefinition.OnConflict> ON_CONFLICT =
      Setting.of(
          "on_conflict",
          Types.choice(StreamDefinition.OnConflict.class),
          StreamDefinition.OnConflict.QUARANTINE,
          "What becomes of an event that has the id of an earlier one, but other content; the first is kept. quarantine: the other goes to the dead letters. ignore: it is only counted.");
  public static final Setting<Duration> FRESHNESS =
      Setting.of(
          "freshness",
          Types.duration("200ms", "15m"),
          Duration.ofSeconds(2),
          "How soon after its arrival an event should be in the ledger. Sooner means more and smaller files.");
  public static final Setting<String> SCHEMA =
      Setting.optional(
          "schema",
          Types.text(
              "file like schemas/clicks.json",
              EventSchema.FOLDER + "/[A-Za-z0-9_][A-Za-z0-9_.-]{0,100}\\.json"),
          "none: any JSON object",
          "The file with a JSON Schema (draft 4 to 2020-12) that events must fit; those that do not go to the dead letters.");
  public static final Setting<FieldPath> TYPE =
      Setting.optional(
          "type",
          fieldPath(),
          "none: no such folder",
          "The field with the event's type: raw files lie in folders event_type=<type>.");
  public static final Setting<FieldPath> SUBTYPE =
      Setting.optional(
          "subtype",
          fieldPath(),
          "none: no such folder",
          "The field with a part of the type: folders event_subtype=<subtype> below those of the type.");
  public static final Setting<FieldPath> TIME =
      Setting.optional(
          "time",
          fieldPath(),
          "none: the time of arrival",
          "The field with the time at which the event happened, as ISO 8601 (UTC without an offset) or as a number of seconds, milli-, micro- or nanoseconds since 1970: raw files lie in folders of its day.");
  public static final Setting<Duration> LATE_AFTER =
      Setting.of(
          "late_after",
          Types.duration("1m", "3650d"),
          Duration.ofDays(30),
          "An event that happened longer before its arrival than this is late.");
  public static final Setting<StreamDefinition.OffTime> ON_LATE =
      Setting.of("on_late", offTime(), StreamDefinition.OffTime.ARRIVAL, offTime("late"));
  public static final Setting<Duration> FUTURE_AFTER =
      Setting.of(
          "future_after",
          Types.duration("0s", "365d"),
          Duration.ofHours(1),
          "An event that claims to have happened longer after its arrival than this is of the future.");
  public static final Setting<StreamDefinition.OffTime> ON_FUTURE =
      Setting.of(
          "on_future", offTime(), StreamDefinition.OffTime.ARRIVAL, offTime("of the future"));
  public static final Setting<StreamDefinition.OffTime> NO_TIME =
      Setting.of(
          "no_time",
          offTime(),
          StreamDefinition.OffTime.ARRIVAL,
          offTime("without a time, or with one that cannot be read"));
  public static final Setting<StreamDefinition.Raw> RAW =
      Setting.of(
          "raw",
          Types.choice(StreamDefinition.Raw.class),
          StreamDefinition.Raw.KEEP,
          "Whether events stay in raw. keep: they do. none: they are removed when every table that is made of them has them; such a table cannot be made anew.");
  public static final Setting<Duration> RAW_INTERVAL =
      Setting.of(
          "raw_interval",
          Types.duration("1s", "1d"),
          Duration.ofSeconds(60),
          "How long events are gathered for one file in each folder of raw.");
  public static final Setting<ByteSize> RAW_SIZE =
      Setting.of(
          "raw_size",
          Types.size("1MB", "1GB"),
          ByteSize.parse("64MB"),
          "With so many compressed bytes they are not gathered any longer.");

  /** All of them, in the order of the docs. */
  public static final List<Setting<?>> ALL =
      List.of(
          DESCRIPTION,
          SHARDS,
          RETENTION,
          DEDUP_WINDOW,
          LONGEST_OUTAGE,
          ID,
          PARTITION_KEY,
          NO_ID,
          ON_CONFLICT,
          FRESHNESS,
          SCHEMA,
          TYPE,
          SUBTYPE,
          TIME,
          LATE_AFTER,
          ON_LATE,
          FUTURE_AFTER,
          ON_FUTURE,
          NO_TIME,
          RAW,
          RAW_INTERVAL,
          RAW_SIZE);

  private StreamSettings() {}

  private static ValueType<StreamDefinition.OffTime> offTime() {
    return Types.choice(StreamDefinition.OffTime.class);
  }

  private static String offTime(String which) {
    return "What becomes of an event that is "
        + which
        + ". arrival: it is stored, in the folder of the day of its arrival. reject: it goes to the dead letters.";
  }

  private static ValueType<FieldPath> fieldPath() {
    return Types.scalar(
        FieldPath.LABEL,
        Map.of("type", "string", "pattern", "^(" + FieldPath.PATTERN + ")$"),
        FieldPath::parse);
  }
}
