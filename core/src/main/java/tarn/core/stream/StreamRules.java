package tarn.core.stream;

import java.time.Duration;
import java.util.List;
import tarn.core.lake.FieldPath;
import tarn.core.lake.StreamDefinition;
import tarn.core.ledger.SourceName;

/**
 * What delivery has to know of a stream.
 *
 * @param id the names on the way to an event's id, outermost first; empty if events have none
 * @param hashWithoutId whether an event without an id is known by the hash of its bytes; else it is
 *     a dead letter
 * @param keepConflicts whether an event whose id was delivered with other content is a dead letter;
 *     else it is only counted
 * @param window for how long after its arrival an id is known
 * @param retention for how long the log keeps events
 * @param freshness how soon after its arrival an event should be in the ledger
 */
public record StreamRules(
    SourceName stream,
    List<String> id,
    boolean hashWithoutId,
    boolean keepConflicts,
    Duration window,
    Duration retention,
    Duration freshness) {

  /** As a definition says. */
  public static StreamRules of(StreamDefinition definition) {
    return new StreamRules(
        new SourceName(definition.stream()),
        definition.id().map(FieldPath::names).orElse(List.of()),
        definition.noId() == StreamDefinition.NoId.HASH,
        definition.onConflict() == StreamDefinition.OnConflict.QUARANTINE,
        definition.dedupWindow(),
        definition.retention(),
        definition.freshness());
  }
}
