package tarn.api;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a database is followed.
 *
 * @param source its name
 * @param condition {@code starting}, {@code loading}, {@code running}, {@code failing}, {@code
 *     elsewhere} or {@code lost}
 * @param problem what went wrong last, or what is being loaded; empty if there is nothing to say
 * @param copies tables of the lake that are kept equal to tables of the database
 * @param left tables of the database that are not copied, each with its reason
 * @param nulled columns with values that are null in the copy because its type cannot hold them,
 *     and how many since the server follows
 * @param lsn up to where its changes are in the ledger; empty before the first
 * @param lagBytes of its log that are not in the ledger; null if it does not answer
 * @param landedAt when something of it was last landed by this server; null if never
 */
public record FollowedSource(
    String source,
    String condition,
    String problem,
    long copies,
    List<String> left,
    List<String> nulled,
    String lsn,
    @Nullable Long lagBytes,
    @Nullable Instant landedAt)
    implements Message {

  @Override
  public Fields fields() {
    return new Fields()
        .with("source", source)
        .with("condition", condition)
        .with("problem", problem)
        .with("copies", copies)
        .with("left", left)
        .with("nulled", nulled)
        .with("lsn", lsn)
        .with("lag_bytes", lagBytes)
        .with("landed_at", landedAt);
  }

  public static FollowedSource from(Fields fields) {
    return new FollowedSource(
        fields.text("source"),
        fields.text("condition"),
        fields.text("problem"),
        fields.number("copies"),
        fields.texts("left"),
        fields.texts("nulled"),
        fields.text("lsn"),
        fields.numberOrNull("lag_bytes"),
        fields.timeOrNull("landed_at"));
  }
}
