package tarn.duckdb;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.apache.iceberg.expressions.Expressions;
import tarn.core.engine.LoadJob;
import tarn.core.engine.WriteMode;
import tarn.core.engine.plan.Rule;

/**
 * Uniqueness: the first row to land stays. Files with a row to reject are read again record by
 * record, because a rejected record needs its place and bytes. In a table with a key, only rows of
 * different keys are compared.
 */
final class UniqueRules {
  private final WorkerSession session;
  private final LoadJob job;
  private final Consumer<List<Integer>> readAgainSlowly;
  private final Runnable quarantine;

  /**
   * For rows in {@code incoming} and {@code existing}.
   *
   * @param readAgainSlowly replaces the rows of some inputs by ones that know their place
   * @param quarantine moves the rejects to the quarantine
   */
  UniqueRules(
      WorkerSession session,
      LoadJob job,
      Consumer<List<Integer>> readAgainSlowly,
      Runnable quarantine) {
    this.session = session;
    this.job = job;
    this.readAgainSlowly = readAgainSlowly;
    this.quarantine = quarantine;
  }

  /** The rules that have to be looked at: one that includes the table's key is kept by the key. */
  static List<Rule.Unique> of(LoadJob job) {
    return job.rules().stream()
        .filter(r -> r instanceof Rule.Unique)
        .map(r -> (Rule.Unique) r)
        .filter(
            r ->
                !(job.mode() instanceof WriteMode.Upsert upsert)
                    || !Loader.lower(r.columns()).containsAll(Loader.lower(upsert.key())))
        .toList();
  }

  /** How many rows were rejected. */
  long apply() {
    long rejected = 0;
    for (Rule.Unique rule : of(job)) {
      rejected += apply(rule);
    }
    return rejected;
  }

  private long apply(Rule.Unique rule) {
    mark(rule);
    List<Integer> files =
        ints("SELECT DISTINCT __tarn_input FROM repeated WHERE __tarn_at IS NULL ORDER BY 1");
    if (!files.isEmpty()) {
      readAgainSlowly.accept(files);
      mark(rule);
    }
    long rejected = session.value("SELECT count(*) FROM repeated").asLong();
    if (rejected > 0) {
      reject(rule);
      quarantine.run();
    }
    return rejected;
  }

  /** Fills {@code repeated} with the rows of {@code incoming} that must go. */
  private void mark(Rule.Unique rule) {
    String columns = Sql.names(rule.columns());
    String present =
        rule.columns().stream()
            .map(c -> Sql.name(c) + " IS NOT NULL")
            .collect(Collectors.joining(" AND "));
    String existing = "existing";
    if (rule.where() != null) {
      String where = new ExprSql(true).sql(rule.where());
      present += " AND (" + where + ")";
      existing = "(SELECT * FROM existing WHERE " + where + ")";
    }
    String order = "__tarn_input, __tarn_at, rowid";
    String earlier;
    String other = "";
    if (job.mode() instanceof WriteMode.Upsert upsert) {
      String key = "row(" + Sql.names(upsert.key()) + ")";
      earlier =
          "first_value("
              + key
              + ") OVER (PARTITION BY "
              + columns
              + " ORDER BY "
              + order
              + ") <> "
              + key;
      other =
          " AND row("
              + upsert.key().stream().map(c -> "e." + Sql.name(c)).collect(Collectors.joining(", "))
              + ") <> row("
              + upsert.key().stream().map(c -> "i." + Sql.name(c)).collect(Collectors.joining(", "))
              + ")";
    } else {
      earlier = "row_number() OVER (PARTITION BY " + columns + " ORDER BY " + order + ") > 1";
    }
    String same =
        rule.columns().stream()
            .map(c -> "e." + Sql.name(c) + " = i." + Sql.name(c))
            .collect(Collectors.joining(" AND "));
    session.execute(
        "CREATE OR REPLACE TEMP TABLE repeated AS SELECT rowid AS id, __tarn_input, __tarn_at FROM (SELECT rowid, *, "
            + earlier
            + " AS __tarn_again FROM incoming WHERE "
            + present
            + ") i WHERE __tarn_again OR EXISTS (SELECT 1 FROM "
            + existing
            + " e WHERE "
            + same
            + other
            + ")");
  }

  private void reject(Rule.Unique rule) {
    String column = rule.columns().get(0);
    session.execute(
        "INSERT INTO rejects SELECT i.__tarn_input, i.__tarn_line_at, i.__tarn_at, i.__tarn_bytes, "
            + Sql.text(Rule.BREAKS + rule.text())
            + ", "
            + Sql.text(column)
            + ", left(CAST(i."
            + Sql.name(column)
            + " AS VARCHAR), 200) FROM incoming i JOIN repeated r ON i.rowid = r.id");
    session.execute("DELETE FROM incoming WHERE rowid IN (SELECT id FROM repeated)");
  }

  /** The table's rows, as {@code existing}. */
  static String existing(TableSql tables, LoadJob job) {
    return "CREATE OR REPLACE TEMP VIEW existing AS "
        + tables.rows(job.existing().apply(Expressions.alwaysTrue()));
  }

  private List<Integer> ints(String sql) {
    java.util.ArrayList<Integer> values = new java.util.ArrayList<>();
    for (JsonNode row : session.rows(sql)) {
      values.add(row.path(0).asInt());
    }
    return values;
  }
}
