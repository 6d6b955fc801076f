package tarn.core.lake;

import java.time.Duration;
import java.util.Optional;

/**
 * A stream of events, as {@code streams/<name>.yaml} declares it.
 *
 * @param file path relative to the lake folder
 * @param stream its name, which is the file's and that of the source it lands as: {@code clicks}
 * @param settings what it says
 * @param schema that events must fit
 */
public record StreamDefinition(
    String file, String stream, Settings settings, Optional<EventSchema> schema) {

  /** What becomes of an event without id. */
  public enum NoId {
    /** A hash of its bytes is its id. */
    HASH,
    /** It goes to the dead letters. */
    REJECT
  }

  /** What becomes of the later of two events with one id and different content. */
  public enum OnConflict {
    /** It goes to the dead letters. */
    QUARANTINE,
    /** It is only counted. */
    IGNORE
  }

  /** What becomes of an event whose time is not one to file it under. */
  public enum OffTime {
    /** It is filed under the day of its arrival. */
    ARRIVAL,
    /** It goes to the dead letters. */
    REJECT
  }

  /** Whether events stay in raw. */
  public enum Raw {
    KEEP,
    /** Until every table that is made of them has them. */
    NONE
  }

  /** What an event is, in words; empty if nothing is said. */
  public String description() {
    return settings.get(StreamSettings.DESCRIPTION);
  }

  /** Into how many shards the log is divided, 1 to 100. */
  public int shards() {
    return Math.toIntExact(settings.get(StreamSettings.SHARDS));
  }

  /** How long the log keeps an event after its arrival. */
  public Duration retention() {
    return settings.get(StreamSettings.RETENTION);
  }

  /** For how long after its arrival an id is known; never zero. */
  public Duration dedupWindow() {
    return settings.get(StreamSettings.DEDUP_WINDOW);
  }

  /** How long nothing may take events out of the log. */
  public Duration longestOutage() {
    return settings.get(StreamSettings.LONGEST_OUTAGE);
  }

  /** The field with the id; empty: every event is known by its bytes. */
  public Optional<FieldPath> id() {
    return settings.find(StreamSettings.ID);
  }

  /** The field whose value chooses the shard; empty: any. */
  public Optional<FieldPath> partitionKey() {
    return settings.find(StreamSettings.PARTITION_KEY);
  }

  /** What becomes of an event without id; HASH if there is no field for it. */
  public NoId noId() {
    return settings
        .find(StreamSettings.NO_ID)
        .orElseGet(() -> id().isPresent() ? NoId.REJECT : NoId.HASH);
  }

  /** What becomes of an event with the id of another and other content. */
  public OnConflict onConflict() {
    return settings.get(StreamSettings.ON_CONFLICT);
  }

  /** How soon after its arrival an event should be in the ledger. */
  public Duration freshness() {
    return settings.get(StreamSettings.FRESHNESS);
  }

  /** The field with an event's type; empty: events have none. */
  public Optional<FieldPath> type() {
    return settings.find(StreamSettings.TYPE);
  }

  /** The field with a part of an event's type; empty: events have none. */
  public Optional<FieldPath> subtype() {
    return settings.find(StreamSettings.SUBTYPE);
  }

  /** The field with the time at which an event happened; empty: it is that of its arrival. */
  public Optional<FieldPath> time() {
    return settings.find(StreamSettings.TIME);
  }

  /** Whether events stay in raw. */
  public Raw raw() {
    return settings.get(StreamSettings.RAW);
  }

  /** Where a key is written; the beginning of the file if it is not. */
  public Place place(Setting<?> setting) {
    return settings.place(setting).orElse(Place.startOf(file));
  }
}
