package tarn.api;

import java.util.List;

/**
 * What one lifecycle rule did, or would do.
 *
 * @param rule its zone and prefix, {@code raw landing/weblogs/}; {@code removed} for what files had
 *     left behind
 * @param archived files that went to the archive zone
 * @param archivedBytes their sizes in raw
 * @param expired files that are gone for good
 * @param expiredBytes their sizes
 * @param waiting files that are old enough and still needed
 * @param removed objects that nobody needs any more
 * @param removedBytes their sizes
 * @param notes what a person should know, one line each
 */
public record LifecycleWork(
    String rule,
    long archived,
    long archivedBytes,
    long expired,
    long expiredBytes,
    long waiting,
    long removed,
    long removedBytes,
    List<String> notes)
    implements Message {

  @Override
  public Fields fields() {
    return new Fields()
        .with("rule", rule)
        .with("archived", archived)
        .with("archived_bytes", archivedBytes)
        .with("expired", expired)
        .with("expired_bytes", expiredBytes)
        .with("waiting", waiting)
        .with("removed", removed)
        .with("removed_bytes", removedBytes)
        .with("notes", notes);
  }

  public static LifecycleWork from(Fields fields) {
    return new LifecycleWork(
        fields.text("rule"),
        fields.number("archived"),
        fields.number("archived_bytes"),
        fields.number("expired"),
        fields.number("expired_bytes"),
        fields.number("waiting"),
        fields.number("removed"),
        fields.number("removed_bytes"),
        fields.texts("notes"));
  }
}
