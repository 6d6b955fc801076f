package tarn.core.source;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import tarn.core.change.Lsn;
import tarn.core.change.Moment;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;

/**
 * What the ledger keeps of a table's initial load, as the offset of the table's own partition:
 * JSON.
 *
 * @param table its full name in the source
 * @param moment of which the rows are
 * @param key the columns by which its rows are told
 * @param after the ledger's last batch before it: changes that the load has not are in later ones
 */
record Loaded(String table, Moment moment, List<String> key, long after) {
  private static final String PARTITION = "load:";
  private static final ObjectMapper JSON = new ObjectMapper();

  Loaded {
    key = List.copyOf(key);
  }

  /** The partition of the source in which a table's loads are. */
  static String partition(String table) {
    return PARTITION + table;
  }

  /** The table of such a partition. */
  static String table(String partition) {
    return partition.substring(PARTITION.length());
  }

  static Loaded parse(String table, String text) {
    try {
      JsonNode json = JSON.readTree(text);
      List<String> key = new ArrayList<>();
      json.path("key").forEach(column -> key.add(column.asText()));
      return new Loaded(
          table,
          new Moment(json.path("snapshot").asText(), Lsn.parse(json.path("log").asText())),
          key,
          json.path("after").asLong());
    } catch (JsonProcessingException e) {
      throw new TarnException(
          ErrorCode.CATALOG_CORRUPT,
          "the ledger's offset of the load of " + table + " is damaged",
          e);
    }
  }

  String text() {
    ObjectNode json =
        JSON.createObjectNode()
            .put("snapshot", moment.snapshot())
            .put("log", moment.log().toString())
            .put("after", after);
    key.forEach(json.putArray("key")::add);
    return json.toString();
  }
}
