package tarn.duckdb;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import tarn.core.engine.Column;
import tarn.core.engine.plan.Expr;
import tarn.core.engine.plan.Rule;
import tarn.core.engine.plan.Step;

/**
 * The slow path's SELECT. A record is rejected for what a row of the table needs, or for what
 * decides whether a filter drops it, and for nothing else: a value that no column of the table
 * comes from may be anything, and a record that some filter drops for certain is dropped, whatever
 * else is wrong with it. That is what the strict path comes to, which computes no value that nobody
 * asks for. (See RATIONALE.md.)
 */
final class TrackedSql {
  private final ExprSql exprs = new ExprSql(true);
  private final RawSql.Raw raw;
  private final List<Step> steps;
  private final List<Rule> rules;
  private final LookupSql lookups;

  /** What can be wrong with a record. */
  private final List<ExprSql.Check> checks = new ArrayList<>();

  /** The checks that each stage makes: first the reading of columns, then each step. */
  private final List<List<Integer>> made = new ArrayList<>();

  /** Which checks each column comes from, after the stages so far. */
  private Map<String, Set<Integer>> origins = new HashMap<>();

  /** The checks on which some filter depends; each has a column of its own. */
  private final Set<Integer> deciding = new TreeSet<>();

  private final Set<Integer> needed = new TreeSet<>();
  private final List<Set<Integer>> filters = new ArrayList<>();
  private final List<String> values = new ArrayList<>();

  /**
   * @param raw the records with their places, what is wrong with each as a whole, and its values
   */
  TrackedSql(
      RawSql.Raw raw, List<Column> columns, List<Step> steps, List<Rule> rules, LookupSql lookups) {
    this.raw = raw;
    this.lookups = lookups;
    this.steps = steps;
    this.rules = rules;
    read(columns);
    for (Step step : steps) {
      follow(step);
    }
    needed.addAll(deciding);
    origins.values().forEach(needed::addAll);
  }

  // ---- what depends on what ----

  private void read(List<Column> columns) {
    List<Integer> all = new ArrayList<>();
    for (Column column : columns) {
      List<ExprSql.Check> own = new ArrayList<>();
      String value =
          raw.typed().contains(column.name()) ? RecipeSql.asIs(column) : value(column, own);
      values.add(value + " AS " + Sql.name(column.name()));
      Set<Integer> ids = numbered(own);
      all.addAll(ids);
      origins.put(column.name(), ids);
    }
    made.add(all);
  }

  private void follow(Step step) {
    List<Integer> all = new ArrayList<>();
    if (step instanceof Step.Project project) {
      Map<String, Set<Integer>> next = new HashMap<>();
      for (Step.Named named : project.columns()) {
        Set<Integer> from = origins(named.value());
        Set<Integer> own = numbered(exprs.checks(named.value()));
        all.addAll(own);
        from.addAll(own);
        next.put(named.name(), from);
      }
      origins = next;
      filters.add(Set.of());
    } else if (step instanceof Step.Filter filter) {
      Set<Integer> from = origins(filter.keep());
      deciding.addAll(from);
      filters.add(from);
    } else if (step instanceof Step.Lookup lookup) {
      all.addAll(follow(lookup));
    }
    made.add(all);
  }

  /** Where nothing can be found, nobody looks at the keys. */
  private Set<Integer> follow(Step.Lookup lookup) {
    Set<Integer> keys = new TreeSet<>();
    Set<Integer> own = new TreeSet<>();
    if (!lookups.isEmpty(lookup)) {
      lookup.columns().forEach(c -> keys.addAll(origins.getOrDefault(c, Set.of())));
      if (lookups.isAmbiguous(lookup)) {
        String first = lookup.columns().get(0);
        own.addAll(
            numbered(
                List.of(
                    new ExprSql.Check(
                        LookupSql.MATCHES + " > 1",
                        first,
                        lookup.ambiguous(),
                        "CAST(l." + Sql.name(first) + " AS VARCHAR)"))));
      }
      needed.addAll(keys);
      needed.addAll(own);
      if (lookup.onlyFound()) {
        deciding.addAll(keys);
      }
    }
    Set<Integer> from = new TreeSet<>(keys);
    from.addAll(own);
    lookup.taken().forEach(taken -> origins.put(taken.name(), from));
    filters.add(lookup.onlyFound() ? keys : Set.of());
    return own;
  }

  private Set<Integer> numbered(List<ExprSql.Check> more) {
    Set<Integer> ids = new TreeSet<>();
    for (ExprSql.Check check : more) {
      ids.add(checks.size());
      checks.add(check);
    }
    return ids;
  }

  private Set<Integer> origins(Expr expr) {
    Set<Integer> from = new TreeSet<>();
    if (expr instanceof Expr.Column column) {
      from.addAll(origins.getOrDefault(column.name(), Set.of()));
    } else if (expr instanceof Expr.Call call) {
      call.arguments().forEach(argument -> from.addAll(origins(argument)));
    } else if (expr instanceof Expr.Cast cast) {
      from.addAll(origins(cast.value()));
    } else if (expr instanceof Expr.Reshape reshape) {
      from.addAll(origins(reshape.value()));
    } else if (expr instanceof Expr.Fits fits) {
      from.addAll(origins(fits.value()));
    }
    return from;
  }

  // ---- the SELECT ----

  /** The statement. */
  String sql() {
    List<String> columns = values.isEmpty() ? List.of(RecipeSql.NOTHING) : values;
    String sql =
        "SELECT "
            + RecipeSql.PLACE
            + ", "
            + RawSql.BROKEN
            + ", CASE WHEN "
            + RawSql.BROKEN
            + " IS NOT NULL THEN "
            + reject(RawSql.BROKEN, "NULL", "NULL")
            + whens(merged(0))
            + " END AS "
            + RecipeSql.REJECT
            + own(0)
            + ", "
            + String.join(", ", columns)
            + " FROM ("
            + raw.sql()
            + ")";
    for (int i = 0; i < steps.size(); i++) {
      sql = step(i, sql);
    }
    return "SELECT * EXCLUDE ("
        + RawSql.BROKEN
        + carriedNames(steps.size())
        + ") REPLACE ("
        + rejected()
        + " AS "
        + RecipeSql.REJECT
        + ") FROM ("
        + sql
        + ")";
  }

  private String step(int i, String from) {
    if (steps.get(i) instanceof Step.Lookup lookup) {
      return lookup(i, lookup, from);
    }
    if (steps.get(i) instanceof Step.Filter filter) {
      return "SELECT * FROM ("
          + from
          + ") WHERE "
          + RawSql.BROKEN
          + " IS NOT NULL OR ("
          + exprs.sql(filter.keep())
          + ")"
          + undecided(i);
    }
    String whens = whens(merged(i + 1));
    String carried =
        whens.isEmpty() ? RecipeSql.REJECT : carried(whens) + " AS " + RecipeSql.REJECT;
    return "SELECT "
        + RecipeSql.PLACE
        + ", "
        + RawSql.BROKEN
        + ", "
        + carried
        + carriedNames(i)
        + own(i + 1)
        + ", "
        + RecipeSql.projection((Step.Project) steps.get(i), exprs)
        + " FROM ("
        + from
        + ")";
  }

  private static String carried(String whens) {
    return "CASE WHEN "
        + RecipeSql.REJECT
        + " IS NOT NULL THEN "
        + RecipeSql.REJECT
        + whens
        + " END";
  }

  /** A row stays of which a filter could not tell whether it drops it. */
  private String undecided(int step) {
    StringBuilder undecided = new StringBuilder();
    filters
        .get(step)
        .forEach(id -> undecided.append(" OR ").append(name(id)).append(" IS NOT NULL"));
    return undecided.toString();
  }

  private String lookup(int i, Step.Lookup lookup, String from) {
    String whens = whens(merged(i + 1));
    boolean empty = lookups.isEmpty(lookup);
    String found = empty ? "false" : LookupSql.MATCHES + " IS NOT NULL";
    return "SELECT l.*"
        + (whens.isEmpty() ? "" : " REPLACE (" + carried(whens) + " AS " + RecipeSql.REJECT + ")")
        + own(i + 1)
        + lookups.values(lookup)
        + " FROM ("
        + from
        + ") l"
        + (empty ? "" : " LEFT " + lookups.join(lookup))
        + (lookup.onlyFound()
            ? " WHERE " + RawSql.BROKEN + " IS NOT NULL OR " + found + undecided(i)
            : "");
  }

  /** The checks of a stage that no filter asks about: the first that fails is the reason. */
  private List<ExprSql.Check> merged(int stage) {
    return made.get(stage).stream()
        .filter(id -> needed.contains(id) && !deciding.contains(id))
        .map(checks::get)
        .toList();
  }

  /** A stage's checks that filters ask about, each as a column. */
  private String own(int stage) {
    StringBuilder columns = new StringBuilder();
    for (int id : made.get(stage)) {
      if (deciding.contains(id)) {
        columns
            .append(", CASE")
            .append(whens(List.of(checks.get(id))))
            .append(" END AS ")
            .append(name(id));
      }
    }
    return columns.toString();
  }

  /** Those of all stages before a step. */
  private String carriedNames(int step) {
    StringBuilder names = new StringBuilder();
    for (int stage = 0; stage <= step; stage++) {
      made.get(stage).stream()
          .filter(deciding::contains)
          .forEach(id -> names.append(", ").append(name(id)));
    }
    return names.toString();
  }

  private static String name(int id) {
    return "__tarn_bad_" + id;
  }

  private String rejected() {
    StringBuilder sql =
        new StringBuilder("CASE WHEN ")
            .append(RecipeSql.REJECT)
            .append(" IS NOT NULL THEN ")
            .append(RecipeSql.REJECT);
    deciding.forEach(
        id -> sql.append(" WHEN ").append(name(id)).append(" IS NOT NULL THEN ").append(name(id)));
    for (Rule rule : rules) {
      if (rule instanceof Rule.Each each) {
        sql.append(" WHEN NOT coalesce(")
            .append(exprs.sql(each.valid()))
            .append(", false) THEN ")
            .append(
                reject(
                    Sql.text(Rule.BREAKS + each.text()),
                    Sql.text(each.column()),
                    "left(CAST(" + Sql.name(each.column()) + " AS VARCHAR), 200)"));
      }
    }
    return sql.append(" END").toString();
  }

  private String value(Column column, List<ExprSql.Check> own) {
    String name = Sql.name(column.name());
    if (column.type().isPrimitiveType()) {
      Expr cast =
          new Expr.Cast(
              Expr.column(column.name()), column.type().asPrimitiveType(), column.name(), null);
      own.addAll(exprs.checks(cast));
      return exprs.sql(cast);
    }
    String json = "CAST(" + name + " AS JSON)";
    own.add(
        new ExprSql.Check(
            NestedSql.failed(json, column.type()),
            column.name(),
            "not a nested value of its type",
            "CAST(" + name + " AS VARCHAR)"));
    return NestedSql.value(json, column.type());
  }

  private static String whens(List<ExprSql.Check> checks) {
    StringBuilder whens = new StringBuilder();
    for (ExprSql.Check check : checks) {
      whens
          .append(" WHEN ")
          .append(check.failed())
          .append(" THEN ")
          .append(
              reject(
                  Sql.text(check.reason()),
                  Sql.text(check.column()),
                  "left(" + check.value() + ", 200)"));
    }
    return whens.toString();
  }

  private static String reject(String reason, String column, String value) {
    return "{reason: "
        + reason
        + "::VARCHAR, col: "
        + column
        + "::VARCHAR, val: "
        + value
        + "::VARCHAR}";
  }
}
