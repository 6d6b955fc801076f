package tarn.core.lake;

import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** What no single key of a source can know. */
final class SourceChecks {
  private static final Pattern ONE = Pattern.compile("[^.*]+\\.[^.*]+");

  private SourceChecks() {}

  static void check(
      List<SourceDefinition> sources, List<StreamDefinition> streams, Problems problems) {
    Map<String, String> names = new HashMap<>();
    streams.forEach(stream -> names.put(stream.stream(), stream.file()));
    for (SourceDefinition source : sources) {
      String other = names.get(source.source());
      if (other != null) {
        problems.error(
            Place.startOf(source.file()),
            source.source(),
            "a stream has the name '" + source.source() + "' already, in " + other,
            "rename one of the files: both land under their name");
      }
      if (source.tls() == SourceDefinition.Tls.DISABLE
          && source.settings().has(SourceSettings.CA_FILE)) {
        problems.error(
            source.settings().place(SourceSettings.CA_FILE).orElseThrow(),
            "",
            "'connection.ca_file' names certificates, but the connection is not encrypted",
            "write connection.tls: verify-full, or remove ca_file");
      }
      about(source, SourceSettings.COLUMNS, source.columns().keySet(), problems);
      about(source, SourceSettings.ROWS, source.rows().keySet(), problems);
      about(source, SourceSettings.COPIES, source.copies().keySet(), problems);
      if (source.settings().has(SourceSettings.TABLES) && source.tables().isEmpty()) {
        problems.error(
            source.settings().place(SourceSettings.TABLES).orElseThrow(),
            "tables",
            "no table is named",
            "name some, as schema.table or schema.*");
      }
      unfollowed(source, problems);
      source
          .columns()
          .forEach(
              (table, list) ->
                  list.stream()
                      .filter(c -> Collections.frequency(list, c) > 1)
                      .distinct()
                      .forEach(
                          c ->
                              problems.error(
                                  place(source, SourceSettings.COLUMNS, table),
                                  c,
                                  "column " + c + " of " + table + " is named twice",
                                  "name it once")));
      source.columns().entrySet().stream()
          .filter(list -> list.getValue().isEmpty())
          .forEach(
              list ->
                  problems.error(
                      place(source, SourceSettings.COLUMNS, list.getKey()),
                      list.getKey(),
                      "no column of " + list.getKey() + " is to be copied",
                      "name some, or leave the table out of 'tables'"));
    }
  }

  /** What is said of single tables is said of tables that are followed. */
  private static void about(
      SourceDefinition source, Setting<?> setting, Set<String> tables, Problems problems) {
    for (String table : tables) {
      boolean isOne = ONE.matcher(table).matches();
      if (!isOne || !isFollowed(source, table)) {
        problems.error(
            place(source, setting, table),
            table,
            isOne
                ? "'" + setting.key() + "' names " + table + ", which 'tables' does not"
                : "'" + table + "' is not the full name of one table, like public.orders",
            isOne ? "add it to 'tables', or correct its name" : "write schema.table, without *");
      }
    }
  }

  /** Lists of columns and tables have one place in their file. */
  private static void unfollowed(SourceDefinition source, Problems problems) {
    for (String column : source.texts()) {
      String table = column.substring(0, column.lastIndexOf('.'));
      if (!isFollowed(source, table)) {
        unfollowed(
            source, SourceSettings.TEXTS, column, "whose table 'tables' does not name", problems);
      }
    }
    for (String table : source.appendOnly()) {
      String schema = table.substring(0, table.indexOf('.') + 1);
      if (!isFollowed(source, table)
          && !(table.endsWith(".*")
              && source.tables().stream().anyMatch(t -> t.startsWith(schema)))) {
        unfollowed(source, SourceSettings.APPEND_ONLY, table, "which 'tables' does not", problems);
      }
    }
  }

  private static void unfollowed(
      SourceDefinition source, Setting<?> setting, String value, String how, Problems problems) {
    problems.error(
        source.settings().place(setting).orElseThrow(),
        value,
        "'" + setting.key() + "' names " + value + ", " + how,
        "add its table to 'tables', or correct its name");
  }

  private static boolean isFollowed(SourceDefinition source, String table) {
    String schema = table.substring(0, table.indexOf('.') + 1);
    return source.tables().contains(table) || source.tables().contains(schema + "*");
  }

  private static Place place(SourceDefinition source, Setting<?> setting, String key) {
    return source.settings().place(setting, key).orElse(Place.startOf(source.file()));
  }
}
