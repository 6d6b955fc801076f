package tarn.duckdb;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import tarn.core.engine.Classified;
import tarn.core.engine.Column;
import tarn.core.engine.RawInput;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;

/** What the values of texts and whole numbers look like, counted by the engine. */
final class ColumnKinds {
  private static final int MAX_COLUMNS = 300;
  private static final int MAX_ROWS = 20_000;

  /** A longer text is of no kind; looking for one would take the square of its length. */
  private static final int MAX_LENGTH = 300;

  /** Names are words; only the column's own name tells them from others. */
  private static final Pattern NAMED_NAME =
      Pattern.compile(
          "(.*[_ ])?(first|last|full|given|family|middle|sur|customer|user|contact|person|display|holder)[_ ]?name");

  private static final String CARD = "regexp_replace(v, '[ -]', '', 'g')";
  private static final String OCTET = "(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])";

  private static final Map<String, String> KINDS = new LinkedHashMap<>();

  static {
    KINDS.put(
        "email",
        "regexp_full_match(v, '[A-Za-z0-9._%+''-]+@[A-Za-z0-9-]+([.][A-Za-z0-9-]+)*[.][A-Za-z]{2,}')");
    KINDS.put(
        "phone",
        "regexp_full_match(v, '([+]|00|0|[(])[0-9][0-9 ()./-]{5,18}[0-9]|[0-9]{3}[-.][0-9]{3}[-.][0-9]{4}')"
            + " AND NOT regexp_full_match(v, '[0-9]*[.]?[0-9]*|[0-9]{1,4}[./-][0-9]{1,2}[./-][0-9]{1,4}|([0-9]{1,3}[.]){3}[0-9]{1,3}')");
    KINDS.put(
        "card_number",
        "regexp_full_match(v, '[2-6][0-9]{3}[ -]?[0-9]{4}[ -]?[0-9]{4}[ -]?[0-9]{1,4}([ -]?[0-9]{1,3})?|3[47][0-9]{2}[ -]?[0-9]{6}[ -]?[0-9]{5}')"
            + " AND list_sum(list_transform(string_split("
            + CARD
            + ", ''), lambda c, i: CASE WHEN (length("
            + CARD
            + ") - i) % 2 = 0 THEN TRY_CAST(c AS INTEGER) ELSE (TRY_CAST(c AS INTEGER) * 2) // 10 + (TRY_CAST(c AS INTEGER) * 2) % 10 END)) % 10 = 0");
    KINDS.put(
        "ip_address",
        "regexp_full_match(v, '("
            + OCTET
            + "[.]){3}"
            + OCTET
            + "|([0-9A-Fa-f]{1,4}:){7}[0-9A-Fa-f]{1,4}')"
            + " OR (contains(v, '::') AND regexp_full_match(v, '([0-9A-Fa-f]{0,4}:){2,7}[0-9A-Fa-f]{0,4}'))");
    KINDS.put("name", "regexp_full_match(v, '[\\p{L}][\\p{L}''.-]*( [\\p{L}][\\p{L}''.-]*){0,4}')");
  }

  private final WorkerSession session;

  ColumnKinds(WorkerSession session) {
    this.session = session;
  }

  /**
   * The kind of most values of each column, from the first records; files whose records cannot all
   * be read tell nothing.
   *
   * @param inputs of one format and compression
   */
  List<Classified> of(List<RawInput> inputs, List<String> paths, List<Column> columns) {
    List<Column> texts =
        columns.stream()
            .filter(c -> !inputs.get(0).partitionValues().containsKey(c.name()))
            .filter(c -> isPlain(c.type()))
            .limit(MAX_COLUMNS)
            .map(c -> c.as(Types.StringType.get()))
            .toList();
    if (texts.isEmpty()) {
      return List.of();
    }
    try {
      String rows = RawSql.strict(session, inputs, paths, texts, false).sql();
      return read(texts, session.rows(counts(texts, rows)).path(0));
    } catch (TarnException e) {
      if (e.code() != ErrorCode.DATA_INVALID) {
        throw e;
      }
      int half = inputs.size() / 2;
      return half == 0 ? List.of() : of(inputs.subList(0, half), paths.subList(0, half), columns);
    }
  }

  private static boolean isPlain(Type type) {
    return type.typeId() == Type.TypeID.STRING || type.typeId() == Type.TypeID.LONG;
  }

  private static String counts(List<Column> columns, String rows) {
    List<String> answers = new ArrayList<>();
    List<String> values = new ArrayList<>();
    for (int i = 0; i < columns.size(); i++) {
      String v = "v" + i;
      String text = "trim(CAST(" + Sql.name(columns.get(i).name()) + " AS VARCHAR))";
      values.add(text + " <> '' AS there" + i);
      values.add(
          "CASE WHEN strlen("
              + text
              + ") <= "
              + MAX_LENGTH
              + " THEN nullif("
              + text
              + ", '') END AS "
              + v);
      answers.add("count(*) FILTER (WHERE there" + i + ")");
      for (Map.Entry<String, String> kind : kinds(columns.get(i)).entrySet()) {
        String matches = kind.getValue().replaceAll("\\bv\\b", v);
        answers.add("count(*) FILTER (WHERE " + v + " IS NOT NULL AND (" + matches + "))");
      }
    }
    return "SELECT "
        + String.join(", ", answers)
        + " FROM (SELECT "
        + String.join(", ", values)
        + " FROM (SELECT * FROM ("
        + rows
        + ") LIMIT "
        + MAX_ROWS
        + "))";
  }

  private static Map<String, String> kinds(Column column) {
    Map<String, String> kinds = new LinkedHashMap<>(KINDS);
    if (!NAMED_NAME.matcher(column.name().toLowerCase(Locale.ROOT)).matches()) {
      kinds.remove("name");
    }
    return kinds;
  }

  private static List<Classified> read(List<Column> columns, JsonNode counts) {
    List<Classified> found = new ArrayList<>();
    int at = 0;
    for (Column column : columns) {
      long values = counts.path(at++).asLong();
      Classified best = new Classified(column.name(), "", 0, values);
      for (String kind : kinds(column).keySet()) {
        long matches = counts.path(at++).asLong();
        if (matches > best.matches()) {
          best = new Classified(column.name(), kind, matches, values);
        }
      }
      found.add(best);
    }
    return found;
  }
}
