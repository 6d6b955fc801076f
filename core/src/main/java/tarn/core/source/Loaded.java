package tarn.core.source;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.TypeUtil;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;
import tarn.core.change.Lsn;
import tarn.core.change.Moment;
import tarn.core.change.SourceTable;
import tarn.core.change.Transaction;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;

/**
 * What the ledger keeps of a table's initial load, as the offset of the table's own partition:
 * JSON.
 *
 * @param table its full name in the source
 * @param id the table's own, as another may get its name; 0 if it is not known
 * @param published tells what handed its changes over; 0 if it is not known
 * @param moment of which the rows are; those of a large table are of this one or later ones
 * @param key the columns by which its rows are told
 * @param columns the types of its columns, by name, in order
 * @param after the ledger's last batch before it: changes that the load has not are in later ones
 * @param settled a place in the log after all moments of its rows; zero if all are of {@code
 *     moment}
 * @param upTo the texts of the highest key that is in it, while rows of higher keys are missing;
 *     empty once it is whole
 * @param part what of the table it is; empty for all
 */
record Loaded(
    String table,
    long id,
    long published,
    Moment moment,
    List<String> key,
    Map<String, String> columns,
    long after,
    Lsn settled,
    List<String> upTo,
    String part) {
  private static final String PARTITION = "load:";
  private static final ObjectMapper JSON = new ObjectMapper();

  Loaded {
    key = List.copyOf(key);
    upTo = List.copyOf(upTo);
    columns = Collections.unmodifiableMap(new LinkedHashMap<>(columns));
  }

  /** A whole one. */
  static Loaded of(SourceTable table, Moment moment, long after) {
    Map<String, String> columns = new LinkedHashMap<>();
    table.columns().forEach(c -> columns.put(c.name(), c.type().toString()));
    return new Loaded(
        table.fullName(),
        table.id(),
        table.published(),
        moment,
        table.key(),
        columns,
        after,
        Lsn.ZERO,
        List.of(),
        table.part());
  }

  /**
   * The same with more rows.
   *
   * @param last the highest key that is in it now; empty if it is whole
   * @param at of which these are
   */
  Loaded with(List<String> last, Moment at) {
    Lsn now = at.equals(moment) || at.log().compareTo(settled) < 0 ? settled : at.log();
    return new Loaded(table, id, published, moment, key, columns, after, now, last, part);
  }

  boolean isWhole() {
    return upTo.isEmpty();
  }

  /** Whether both are parts of one load. */
  boolean isOf(Loaded other) {
    return table.equals(other.table)
        && id == other.id
        && moment.equals(other.moment)
        && after == other.after
        && part.equals(other.part);
  }

  /**
   * Whether changes of the table as it is at another time can be applied to the rows of this load:
   * it is the same table, published all the time, its key and what of it is copied are the same,
   * and its columns are there, of the same types or wider ones; none that was added has a value in
   * the rows of the load.
   */
  boolean fits(SourceTable now) {
    Map<String, Type> types = new HashMap<>();
    now.columns().forEach(c -> types.put(c.name(), c.type()));
    return isSame(id, now.id())
        && isSame(published, now.published())
        && key.equals(now.key())
        && part.equals(now.part())
        && now.columns().stream().noneMatch(c -> c.filled() && !columns.containsKey(c.name()))
        && columns.entrySet().stream()
            .allMatch(c -> isSameOrWider(c.getValue(), types.get(c.getKey())));
  }

  private static boolean isSame(long then, long now) {
    return then == now || then == 0 || now == 0;
  }

  private static boolean isSameOrWider(String then, @Nullable Type now) {
    return now != null
        && (now.toString().equals(then)
            || now.isPrimitiveType()
                && TypeUtil.isPromotionAllowed(
                    Types.fromPrimitiveString(then), now.asPrimitiveType()));
  }

  /** Whether all of its rows are as the log up to a place made them. */
  boolean isWithin(Lsn end) {
    return moment.log().compareTo(end) <= 0 && settled.compareTo(end) <= 0;
  }

  /** Whether a transaction's changes are in the rows of the load. */
  boolean sees(Transaction transaction) {
    return moment.sees(transaction);
  }

  /** The partition of the source in which a table's loads are. */
  static String partition(String table) {
    return PARTITION + table;
  }

  /** Whether it is such a partition. */
  static boolean isPartition(String partition) {
    return partition.startsWith(PARTITION);
  }

  /** The table of such a partition. */
  static String table(String partition) {
    return partition.substring(PARTITION.length());
  }

  static Loaded parse(String table, String text) {
    try {
      JsonNode json = JSON.readTree(text);
      Map<String, String> columns = new LinkedHashMap<>();
      json.path("columns")
          .properties()
          .forEach(column -> columns.put(column.getKey(), column.getValue().asText()));
      return new Loaded(
          table,
          json.path("id").asLong(),
          json.path("published").asLong(),
          new Moment(json.path("snapshot").asText(), Lsn.parse(json.path("log").asText())),
          texts(json.path("key")),
          columns,
          json.path("after").asLong(),
          Lsn.parse(json.path("settled").asText(Lsn.ZERO.toString())),
          texts(json.path("upTo")),
          json.path("part").asText(""));
    } catch (JsonProcessingException e) {
      throw new TarnException(
          ErrorCode.CATALOG_CORRUPT,
          "the ledger's offset of the load of " + table + " is damaged",
          e);
    }
  }

  private static List<String> texts(JsonNode array) {
    List<String> texts = new ArrayList<>();
    array.forEach(text -> texts.add(text.asText()));
    return texts;
  }

  String text() {
    ObjectNode json =
        JSON.createObjectNode()
            .put("id", id)
            .put("snapshot", moment.snapshot())
            .put("log", moment.log().toString())
            .put("after", after);
    if (published != 0) {
      json.put("published", published);
    }
    key.forEach(json.putArray("key")::add);
    if (!settled.equals(Lsn.ZERO)) {
      json.put("settled", settled.toString());
    }
    if (!isWhole()) {
      upTo.forEach(json.putArray("upTo")::add);
    }
    if (!part.isEmpty()) {
      json.put("part", part);
    }
    ObjectNode types = json.putObject("columns");
    columns.forEach(types::put);
    return json.toString();
  }
}
