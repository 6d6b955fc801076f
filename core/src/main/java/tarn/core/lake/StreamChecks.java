package tarn.core.lake;

import java.time.Duration;
import java.util.List;
import java.util.Locale;

/** What no single key of a stream can know. */
final class StreamChecks {
  private StreamChecks() {}

  static void check(StreamDefinition stream, Problems problems) {
    retention(stream, problems);
    ids(stream, problems);
    folders(stream, problems);
  }

  private static void retention(StreamDefinition stream, Problems problems) {
    Duration least = stream.dedupWindow().plus(stream.longestOutage());
    if (stream.retention().compareTo(least) < 0) {
      String retention = DurationText.print(stream.retention());
      problems.error(
          written(stream),
          retention,
          "'retention' ("
              + retention
              + ") is shorter than dedup_window ("
              + DurationText.print(stream.dedupWindow())
              + ") and longest_outage ("
              + DurationText.print(stream.longestOutage())
              + ") together",
          "write retention: " + DurationText.print(least) + " or longer, or shorten one of them");
    }
  }

  /** The place of the first of the three that is written: without any of them there is no error. */
  private static Place written(StreamDefinition stream) {
    Settings settings = stream.settings();
    return settings
        .place(StreamSettings.RETENTION)
        .or(() -> settings.place(StreamSettings.DEDUP_WINDOW))
        .or(() -> settings.place(StreamSettings.LONGEST_OUTAGE))
        .orElseGet(() -> Place.startOf(stream.file()));
  }

  private static void ids(StreamDefinition stream, Problems problems) {
    if (stream.id().isPresent()) {
      return;
    }
    if (stream.noId() == StreamDefinition.NoId.REJECT) {
      problems.error(
          stream.place(StreamSettings.NO_ID),
          "reject",
          "no_id: reject refuses events without id, but no field has the id: it would refuse all",
          "write id: <field>, or remove no_id");
    }
    if (stream.settings().has(StreamSettings.ON_CONFLICT)) {
      problems.error(
          stream.place(StreamSettings.ON_CONFLICT),
          "",
          "'on_conflict' is about events with one id and different content, but no field has the id",
          "write id: <field>, or remove on_conflict");
    }
  }

  private static void folders(StreamDefinition stream, Problems problems) {
    if (stream.subtype().isPresent() && stream.type().isEmpty()) {
      problems.error(
          stream.place(StreamSettings.SUBTYPE),
          "",
          "'subtype' is a part of the type, but no field has the type",
          "write type: <field>, or remove subtype");
    }
    if (stream.time().isEmpty()) {
      for (Setting<?> about :
          List.of(
              StreamSettings.LATE_AFTER,
              StreamSettings.ON_LATE,
              StreamSettings.FUTURE_AFTER,
              StreamSettings.ON_FUTURE,
              StreamSettings.NO_TIME)) {
        if (stream.settings().has(about)) {
          problems.error(
              stream.place(about),
              "",
              "'" + about.key() + "' is about the times of events, but no field has the time",
              "write time: <field>, or remove " + about.key());
        }
      }
    }
  }

  /** What a stream and the tables that are made of it cannot know alone. */
  static void check(StreamDefinition stream, List<TableDefinition> tables, Problems problems) {
    List<TableDefinition> own = tables.stream().filter(t -> isOf(t, stream)).toList();
    if (stream.raw() == StreamDefinition.Raw.NONE) {
      raw(stream, own, problems);
    }
    boolean divided = stream.type().isPresent() || stream.time().isPresent();
    for (TableDefinition table : own) {
      if (divided
          && table.write() == TableDefinition.Write.UPSERT
          && table.ordering().isEmpty()
          && stream.raw() == StreamDefinition.Raw.KEEP) {
        problems.add(
            Problem.warning(
                Place.startOf(table.file()),
                "",
                table.table()
                    + " keeps the row of each key that landed last, but the stream "
                    + stream.stream()
                    + " keeps its events by type and day: made anew from raw, the table may keep another one",
                "write ordering: <column>"));
      }
    }
  }

  private static void raw(StreamDefinition stream, List<TableDefinition> own, Problems problems) {
    if (own.isEmpty()) {
      problems.error(
          stream.place(StreamSettings.RAW),
          "none",
          "raw: none keeps events until every table has them, but no table is made of them",
          "write tables/" + stream.stream() + ".yaml with 'from: " + stream.stream() + "'");
    } else {
      problems.add(
          Problem.warning(
              stream.place(StreamSettings.RAW),
              "none",
              "events are removed from raw when "
                  + String.join(", ", own.stream().map(TableDefinition::table).toList())
                  + " has them: no backfill and no replay, and no other table can be made of them later",
              "if that may be needed, remove raw: none"));
    }
  }

  private static boolean isOf(TableDefinition table, StreamDefinition stream) {
    String from = table.from().toLowerCase(Locale.ROOT);
    return (from.startsWith("raw.") ? from.substring("raw.".length()) : from)
        .replace('-', '_')
        .equals(stream.stream().replace('-', '_'));
  }
}
