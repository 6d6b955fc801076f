package tarn.core.stream;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import tarn.core.lake.EventSchema;
import tarn.core.lake.FieldPath;
import tarn.core.lake.StreamDefinition;
import tarn.core.lake.StreamSettings;
import tarn.core.ledger.SourceName;

/**
 * What delivery has to know of a stream.
 *
 * @param fields where in an event things are
 * @param schema that events must fit
 * @param hashWithoutId whether an event without an id is known by the hash of its bytes; else it is
 *     a dead letter
 * @param keepConflicts whether an event whose id was delivered with other content is a dead letter;
 *     else it is only counted
 * @param times which times of events are not taken
 * @param window for how long after its arrival an id is known
 * @param retention for how long the log keeps events
 * @param freshness how soon after its arrival an event should be in the ledger
 * @param raw what becomes of its files
 */
public record StreamRules(
    SourceName stream,
    Fields fields,
    Optional<EventSchema> schema,
    boolean hashWithoutId,
    boolean keepConflicts,
    Times times,
    Duration window,
    Duration retention,
    Duration freshness,
    Raw raw) {

  /**
   * The names on the way to fields of an event, outermost first; empty where it has no such field.
   *
   * @param id by which duplicates are found
   * @param type for raw's folders
   * @param subtype for raw's folders
   * @param time when it happened
   */
  public record Fields(
      List<String> id, List<String> type, List<String> subtype, List<String> time) {
    /** Of events that have an id and nothing else that matters. */
    public static Fields of(List<String> id) {
      return new Fields(id, List.of(), List.of(), List.of());
    }
  }

  /**
   * Which times are not taken; where nothing is rejected, the arrival stands for such a time.
   *
   * @param lateAfter how long before its arrival an event may have happened
   * @param futureAfter how long after its arrival an event may claim to have happened
   */
  public record Times(
      Duration lateAfter,
      boolean rejectLate,
      Duration futureAfter,
      boolean rejectFuture,
      boolean rejectWithout) {
    /** As a definition that says nothing of them. */
    public static final Times DEFAULT =
        new Times(Duration.ofDays(30), false, Duration.ofHours(1), false, false);
  }

  /**
   * What becomes of the files of events.
   *
   * @param keep whether they stay when every table has them
   * @param interval how long events are gathered for one file of each folder
   * @param bytes with so many they are not gathered any longer
   */
  public record Raw(boolean keep, Duration interval, long bytes) {
    /** As a definition that says nothing of them. */
    public static final Raw DEFAULT = new Raw(true, Duration.ofSeconds(60), 64L << 20);
  }

  /** As a definition says. */
  public static StreamRules of(StreamDefinition definition) {
    return new StreamRules(
        new SourceName(definition.stream()),
        new Fields(
            names(definition.id()),
            names(definition.type()),
            names(definition.subtype()),
            names(definition.time())),
        definition.schema(),
        definition.noId() == StreamDefinition.NoId.HASH,
        definition.onConflict() == StreamDefinition.OnConflict.QUARANTINE,
        new Times(
            definition.settings().get(StreamSettings.LATE_AFTER),
            isRejected(definition.settings().get(StreamSettings.ON_LATE)),
            definition.settings().get(StreamSettings.FUTURE_AFTER),
            isRejected(definition.settings().get(StreamSettings.ON_FUTURE)),
            isRejected(definition.settings().get(StreamSettings.NO_TIME))),
        definition.dedupWindow(),
        definition.retention(),
        definition.freshness(),
        new Raw(
            definition.raw() == StreamDefinition.Raw.KEEP,
            definition.settings().get(StreamSettings.RAW_INTERVAL),
            definition.settings().get(StreamSettings.RAW_SIZE).bytes()));
  }

  private static boolean isRejected(StreamDefinition.OffTime what) {
    return what == StreamDefinition.OffTime.REJECT;
  }

  private static List<String> names(Optional<FieldPath> path) {
    return path.map(FieldPath::names).orElse(List.of());
  }
}
