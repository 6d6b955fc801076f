package tarn.duckdb;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Type.TypeID;
import tarn.core.engine.plan.Measure;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.table.TableName;

/** Counts the rows of one table that another has too. */
final class MatchSql {
  private static final Set<TypeID> NUMBERS =
      Set.of(TypeID.INTEGER, TypeID.LONG, TypeID.FLOAT, TypeID.DOUBLE, TypeID.DECIMAL);

  private final WorkerSession session;
  private final TableName table;
  private final Measure.Matched matched;

  /**
   * @param table whose rule asks, for messages
   */
  MatchSql(WorkerSession session, TableName table, Measure.Matched matched) {
    this.session = session;
    this.table = table;
    this.matched = matched;
  }

  /** A SELECT of the number, or of null, over two views. */
  String count(String mine, String theirs) {
    Map<String, Type> here = types(mine);
    Map<String, Type> there = types(theirs);
    List<String> same = new ArrayList<>();
    matched.key().forEach(pair -> same.add(equal(pair, here, there, " = ")));
    matched.values().forEach(pair -> same.add(equal(pair, here, there, " IS NOT DISTINCT FROM ")));
    return "SELECT CASE WHEN "
        + isKey(mine, matched.key().stream().map(Measure.Pair::mine).toList())
        + " AND "
        + isKey(theirs, matched.key().stream().map(Measure.Pair::theirs).toList())
        + " THEN (SELECT count(*) FROM "
        + mine
        + " a JOIN "
        + theirs
        + " o ON "
        + String.join(" AND ", same)
        + ") END";
  }

  /** Whether each row of a view has a key, and each its own. */
  private static String isKey(String view, List<String> columns) {
    List<String> present = columns.stream().map(c -> Sql.name(c) + " IS NOT NULL").toList();
    return "(SELECT count(*) = count(DISTINCT row("
        + Sql.names(columns)
        + ")) FILTER (WHERE "
        + String.join(" AND ", present)
        + ") FROM "
        + view
        + ")";
  }

  /** Values of different kinds are compared as texts: a cast of the one to the other may fail. */
  private String equal(
      Measure.Pair pair, Map<String, Type> here, Map<String, Type> there, String operator) {
    String mine = "a." + Sql.name(pair.mine());
    String theirs = "o." + Sql.name(pair.theirs());
    return isComparable(type(here, pair.mine(), table), type(there, pair.theirs(), matched.table()))
        ? mine + operator + theirs
        : "CAST(" + mine + " AS VARCHAR)" + operator + "CAST(" + theirs + " AS VARCHAR)";
  }

  private static boolean isComparable(Type a, Type b) {
    boolean numbers = NUMBERS.contains(a.typeId()) && NUMBERS.contains(b.typeId());
    return numbers || a.isPrimitiveType() && SqlTypes.sql(a).equals(SqlTypes.sql(b));
  }

  private Map<String, Type> types(String view) {
    Map<String, Type> types = new HashMap<>();
    session
        .columns("SELECT * FROM " + view)
        .forEach(column -> types.put(column.name().toLowerCase(Locale.ROOT), column.type()));
    return types;
  }

  private Type type(Map<String, Type> types, String column, TableName of) {
    Type type = types.get(column.toLowerCase(Locale.ROOT));
    if (type == null) {
      throw new TarnException(
          ErrorCode.DEFINITION_INVALID,
          "a rule of "
              + table
              + ": DatasetMatch compares '"
              + column
              + "', and "
              + of
              + " has no such column: name the columns to compare");
    }
    return type;
  }
}
