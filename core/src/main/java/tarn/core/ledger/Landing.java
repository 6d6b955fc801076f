package tarn.core.ledger;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What a source asks the ledger to enter: files that are stored and synced already, and the offset
 * that they move.
 *
 * @param source what lands
 * @param kind {@link Batch#kind}
 * @param partition {@link Batch#partition}
 * @param expected the offset that the caller read before; compared with the ledger's, value and
 *     epoch
 * @param to the offset afterwards
 * @param files at least one, unless there are events
 * @param landedAt now
 * @param events what was read between the offsets, if it is events: they are counted even if no
 *     file comes of them; less than zero for what was counted before and is counted otherwise now
 * @param redriven the file of dead letters that was taken again, if it was one: it is nothing any
 *     more afterwards
 */
public record Landing(
    SourceName source,
    String kind,
    String partition,
    Offset expected,
    String to,
    List<RawFile> files,
    Instant landedAt,
    Optional<EventCounts> events,
    Optional<Redriven> redriven) {

  /** A file of dead letters, and the batch that lists it. */
  public record Redriven(long seq, RawFile file) {}

  /** Of events from the log. */
  public Landing(
      SourceName source,
      String kind,
      String partition,
      Offset expected,
      String to,
      List<RawFile> files,
      Instant landedAt,
      Optional<EventCounts> events) {
    this(source, kind, partition, expected, to, files, landedAt, events, Optional.empty());
  }

  /** Of files as they came. */
  public Landing(
      SourceName source,
      String kind,
      String partition,
      Offset expected,
      String to,
      List<RawFile> files,
      Instant landedAt) {
    this(source, kind, partition, expected, to, files, landedAt, Optional.empty());
  }
}
