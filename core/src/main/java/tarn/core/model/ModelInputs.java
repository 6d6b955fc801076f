package tarn.core.model;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tarn.core.table.TableName;

/**
 * What a model has read, as the property {@link ModelRunner#INPUTS} of its table says it.
 *
 * @param states of each table the snapshot's id, 0 for none; of a dataset what identifies its files
 * @param sql a hash of the model's text
 */
record ModelInputs(SortedMap<TableName, String> states, String sql) {
  ModelInputs {
    states = Collections.unmodifiableSortedMap(new TreeMap<>(states));
  }

  /** Empty if the property is missing or says nothing, as after an undo. */
  static Optional<ModelInputs> read(@Nullable String property) {
    if (property == null || property.isEmpty()) {
      return Optional.empty();
    }
    SortedMap<TableName, String> states = new TreeMap<>();
    String sql = "";
    for (String part : property.split(";")) {
      int equals = part.indexOf('=');
      String value = part.substring(equals + 1);
      if (part.startsWith("sql=")) {
        sql = value;
      } else {
        states.put(TableName.parse(part.substring(0, equals)), value);
      }
    }
    return Optional.of(new ModelInputs(states, sql));
  }

  String text() {
    List<String> parts = new ArrayList<>();
    states.forEach((table, state) -> parts.add(table + "=" + state));
    parts.add("sql=" + sql);
    return String.join(";", parts);
  }
}
