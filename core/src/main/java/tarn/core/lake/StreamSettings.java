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
          "Into how many shards the log is divided; the events of one shard keep their order. A higher number adds shards, a lower one takes none away.");
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
          FRESHNESS);

  private StreamSettings() {}

  private static ValueType<FieldPath> fieldPath() {
    return Types.scalar(
        FieldPath.LABEL,
        Map.of("type", "string", "pattern", "^(" + FieldPath.PATTERN + ")$"),
        FieldPath::parse);
  }
}
