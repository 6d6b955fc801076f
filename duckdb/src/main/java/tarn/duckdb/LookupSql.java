package tarn.duckdb;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import tarn.core.engine.LoadJob;
import tarn.core.engine.plan.Step;

/**
 * Joins with other tables. What a step needs of its table is read once, into a table of the session
 * with one row for each key and the number of rows that had it: joining with it never multiplies
 * rows, and every statement of the load sees the same. (See RATIONALE.md.)
 */
final class LookupSql {
  /** For loads without joins. */
  static final LookupSql NONE = new LookupSql(Map.of());

  /** How many rows of the other table match; null for none. */
  static final String MATCHES = "r.__tarn_rows";

  private static final String FAIL = "error('tarn: a row matches several')";

  /**
   * @param table in the session
   * @param empty whether no row can match
   * @param ambiguous whether some key has several rows
   */
  private record Prepared(String table, boolean empty, boolean ambiguous) {}

  private final Map<Step.Lookup, Prepared> prepared;

  private LookupSql(Map<Step.Lookup, Prepared> prepared) {
    this.prepared = prepared;
  }

  /** Reads the tables that a load joins with. */
  static LookupSql prepare(WorkerSession session, TableSql tables, LoadJob job) {
    Map<Step.Lookup, Prepared> prepared = new HashMap<>();
    for (Step step : job.steps()) {
      if (step instanceof Step.Lookup lookup && !prepared.containsKey(lookup)) {
        String name = "__tarn_lookup_" + prepared.size();
        session.execute(
            "CREATE OR REPLACE TEMP TABLE "
                + name
                + " AS "
                + select(lookup, tables.rows(job.others().apply(lookup.table()))));
        JsonNode counts =
            session
                .rows("SELECT count(*), count(*) FILTER (WHERE __tarn_rows > 1) FROM " + name)
                .path(0);
        prepared.put(
            lookup, new Prepared(name, counts.path(0).asLong() == 0, counts.path(1).asLong() > 0));
      }
    }
    return prepared.isEmpty() ? NONE : new LookupSql(prepared);
  }

  private static String select(Step.Lookup lookup, String rows) {
    List<String> keys = lookup.in().stream().map(Sql::name).toList();
    List<String> columns = new ArrayList<>();
    for (int i = 0; i < keys.size(); i++) {
      columns.add(keys.get(i) + " AS __tarn_k" + i);
    }
    for (int i = 0; i < lookup.taken().size(); i++) {
      columns.add("first(" + Sql.name(lookup.taken().get(i).column()) + ") AS __tarn_v" + i);
    }
    return "SELECT "
        + String.join(", ", columns)
        + ", count(*) AS __tarn_rows FROM ("
        + rows
        + ") WHERE "
        + keys.stream().map(k -> k + " IS NOT NULL").collect(Collectors.joining(" AND "))
        + " GROUP BY "
        + String.join(", ", keys);
  }

  /** Whether a join can change the order of rows. */
  boolean reorders() {
    return prepared.values().stream().anyMatch(p -> !p.empty());
  }

  /** Whether no row can find anything. */
  boolean isEmpty(Step.Lookup lookup) {
    return of(lookup).empty();
  }

  /** Whether a row may find more than one. */
  boolean isAmbiguous(Step.Lookup lookup) {
    return of(lookup).ambiguous();
  }

  private Prepared of(Step.Lookup lookup) {
    return Objects.requireNonNull(prepared.get(lookup), "a join that was not prepared");
  }

  /** The step on empty input. */
  static String shape(Step.Lookup lookup, String from) {
    return "SELECT *" + nulls(lookup) + " FROM (" + from + ")";
  }

  /** The step; fails on a row that it would have to reject. */
  String strict(Step.Lookup lookup, String from) {
    Prepared table = of(lookup);
    if (table.empty()) {
      // Every record has to be read all the same: one may be broken.
      return shape(lookup, from) + (lookup.onlyFound() ? " WHERE random() > 2" : "");
    }
    String guard = table.ambiguous() ? "CASE WHEN " + MATCHES + " > 1 THEN " + FAIL + " ELSE " : "";
    String values =
        IntStream.range(0, lookup.taken().size())
            .mapToObj(
                i ->
                    ", "
                        + (guard.isEmpty() ? value(i) : guard + value(i) + " END")
                        + " AS "
                        + Sql.name(lookup.taken().get(i).name()))
            .collect(Collectors.joining());
    return "SELECT l.*"
        + values
        + " FROM ("
        + from
        + ") l "
        + (lookup.onlyFound() ? "" : "LEFT ")
        + join(lookup)
        + (table.ambiguous()
            ? " WHERE CASE WHEN coalesce(" + MATCHES + ", 1) > 1 THEN " + FAIL + " ELSE true END"
            : "");
  }

  /** {@code JOIN … r ON …}, for rows called {@code l}. */
  String join(Step.Lookup lookup) {
    return "JOIN "
        + of(lookup).table()
        + " r ON "
        + IntStream.range(0, lookup.columns().size())
            .mapToObj(i -> "l." + Sql.name(lookup.columns().get(i)) + " = r.__tarn_k" + i)
            .collect(Collectors.joining(" AND "));
  }

  /** The new columns, each after a comma. */
  String values(Step.Lookup lookup) {
    return of(lookup).empty()
        ? nulls(lookup)
        : IntStream.range(0, lookup.taken().size())
            .mapToObj(i -> ", " + value(i) + " AS " + Sql.name(lookup.taken().get(i).name()))
            .collect(Collectors.joining());
  }

  private static String value(int i) {
    return "r.__tarn_v" + i;
  }

  private static String nulls(Step.Lookup lookup) {
    return lookup.taken().stream()
        .map(
            taken ->
                ", CAST(NULL AS "
                    + SqlTypes.sql(
                        Objects.requireNonNull(taken.type(), "a join without its table's types"))
                    + ") AS "
                    + Sql.name(taken.name()))
        .collect(Collectors.joining());
  }
}
