package tarn.core.stream;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The folder of raw that an event belongs to, by Hive's convention: {@code
 * event_type=view/event_subtype=page/year=2026/month=11/day=21}, the first two where the stream has
 * such fields, the day in UTC. For use by one thread.
 */
final class EventFolder {
  /** Hive's name for a value that is missing. */
  static final String MISSING = "__HIVE_DEFAULT_PARTITION__";

  /** Stands for types that cannot have folders of their own. */
  static final String OTHER = "__OTHER__";

  /** The keys of the folders of types and subtypes. */
  static final String TYPE = "event_type";

  static final String SUBTYPE = "event_subtype";

  /** A longer value has no folder of its own: paths have their limits. */
  private static final int LONGEST_BYTES = 200;

  private static final int REMEMBERED = 4_096;

  /** The characters that Hive escapes in the names of partitions. */
  private static final String ESCAPED = "\"#%'*/:=?\\{}[]^";

  private final StreamRules.Fields fields;
  private final StreamRules.Times times;
  private final Map<Key, String> known =
      new LinkedHashMap<>(64, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, String> eldest) {
          return size() > REMEMBERED;
        }
      };

  EventFolder(StreamRules.Fields fields, StreamRules.Times times) {
    this.fields = fields;
    this.times = times;
  }

  private record Key(@Nullable String type, @Nullable String subtype, long day) {}

  /** A folder, or why there is none. */
  record Found(String folder, String problem) {}

  /**
   * Where an event belongs.
   *
   * @param time as the event has it; null if it has none
   */
  Found of(
      @Nullable String type, @Nullable String subtype, @Nullable String time, Instant arrived) {
    Instant day = arrived;
    if (!fields.time().isEmpty()) {
      Optional<Instant> happened = time == null ? Optional.empty() : EventTime.parse(time);
      boolean fits = happened.filter(at -> isInTime(at, arrived)).isPresent();
      if (!fits && isRejected(happened, arrived)) {
        return new Found("", happened.map(at -> problem(at, arrived)).orElse(unreadable(time)));
      }
      day = fits ? happened.orElse(arrived) : arrived;
    }
    Key key = new Key(type, subtype, Math.floorDiv(day.getEpochSecond(), 86_400L));
    return new Found(known.computeIfAbsent(key, this::text), "");
  }

  private boolean isInTime(Instant happened, Instant arrived) {
    return !happened.isBefore(arrived.minus(times.lateAfter()))
        && !happened.isAfter(arrived.plus(times.futureAfter()));
  }

  private static String problem(Instant happened, Instant arrived) {
    String times = ": it happened at " + happened + " and arrived at " + arrived;
    return (happened.isBefore(arrived) ? "it is late" : "it is of the future") + times;
  }

  private static String unreadable(@Nullable String time) {
    return time == null ? "it has no time" : "its time cannot be read: '" + cut(time) + "'";
  }

  private static String cut(String text) {
    return text.length() > 64 ? text.substring(0, 64) + "…" : text;
  }

  private boolean isRejected(Optional<Instant> happened, Instant arrived) {
    return happened
        .map(at -> at.isBefore(arrived) ? times.rejectLate() : times.rejectFuture())
        .orElse(times.rejectWithout());
  }

  private String text(Key key) {
    StringBuilder folder = new StringBuilder();
    if (!fields.type().isEmpty()) {
      folder.append(TYPE).append('=').append(escaped(key.type())).append('/');
    }
    if (!fields.subtype().isEmpty()) {
      folder.append(SUBTYPE).append('=').append(escaped(key.subtype())).append('/');
    }
    return folder.append(day(key.day())).toString();
  }

  private static String day(long epochDay) {
    LocalDate day = LocalDate.ofEpochDay(epochDay);
    return String.format(
        Locale.ROOT,
        "year=%04d/month=%02d/day=%02d",
        day.getYear(),
        day.getMonthValue(),
        day.getDayOfMonth());
  }

  /** The folder of the day of an instant, alone. */
  static String day(Instant at) {
    return day(at.atOffset(ZoneOffset.UTC).toLocalDate().toEpochDay());
  }

  /** The folder that stands for others of the same day. */
  static String other(String folder) {
    StringBuilder other = new StringBuilder();
    for (String part : folder.split("/")) {
      String name = part.substring(0, part.indexOf('='));
      boolean type = name.equals(TYPE) || name.equals(SUBTYPE);
      other.append(other.isEmpty() ? "" : "/").append(type ? name + "=" + OTHER : part);
    }
    return other.toString();
  }

  /** A value as the name of a folder has it. */
  static String escaped(@Nullable String value) {
    if (value == null || value.isEmpty()) {
      return MISSING;
    }
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c < 0x20 || c == 0x7f || ESCAPED.indexOf(c) >= 0) {
        text.append(String.format(Locale.ROOT, "%%%02X", (int) c));
      } else {
        text.append(Character.isSurrogate(c) ? '_' : c);
      }
    }
    boolean fits = text.toString().getBytes(StandardCharsets.UTF_8).length <= LONGEST_BYTES;
    return fits ? text.toString() : OTHER;
  }
}
