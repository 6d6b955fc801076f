package tarn.duckdb;

import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.iceberg.types.Type;
import tarn.core.engine.Column;
import tarn.core.engine.plan.Rule;
import tarn.core.engine.plan.Step;

/** A recipe and its rules around a SELECT of raw records; the slow path is {@link TrackedSql}. */
final class RecipeSql {
  /**
   * On the slow path: why a record is rejected, a struct of reason, column and value; null if it is
   * not.
   */
  static final String REJECT = "__tarn_reject";

  static final String PLACE =
      RawSql.INPUT + ", " + RawSql.LINE + ", " + RawSql.OFFSET + ", " + RawSql.LENGTH;

  /** The one column of a dataset of which no record could be read yet. */
  static final String NOTHING = "__tarn_nothing";

  /** The number of a record among those that a statement reads. */
  static final String ROW = "__tarn_row";

  private RecipeSql() {}

  /** The same records with {@link #ROW}. */
  static RawSql.Raw numbered(RawSql.Raw raw) {
    return new RawSql.Raw(
        "SELECT *, row_number() OVER () AS " + ROW + " FROM (" + raw.sql() + ")", raw.typed());
  }

  /** Records as they are; fails on the first that does not fit. */
  static String strict(RawSql.Raw raw, List<Column> columns) {
    return strict(raw, columns, List.of(), List.of(), LookupSql.NONE, "");
  }

  /**
   * Fails on the first record that does not fit or breaks a rule.
   *
   * @param kept columns that go along as they are; empty for none
   */
  static String strict(
      RawSql.Raw raw,
      List<Column> columns,
      List<Step> steps,
      List<Rule> rules,
      LookupSql lookups,
      String kept) {
    ExprSql exprs = new ExprSql(false);
    String first = kept.isEmpty() ? "" : kept + ", ";
    String sql =
        "SELECT "
            + (columns.isEmpty() ? "" : first)
            + typed(columns, raw.typed(), exprs)
            + " FROM ("
            + raw.sql()
            + ")";
    for (Step step : steps) {
      if (step instanceof Step.Project project) {
        sql = "SELECT " + first + projection(project, exprs) + " FROM (" + sql + ")";
      } else if (step instanceof Step.Filter filter) {
        sql = "SELECT * FROM (" + sql + ") WHERE " + exprs.sql(filter.keep());
      } else if (step instanceof Step.Lookup lookup) {
        sql = lookups.strict(lookup, sql);
      }
    }
    String valid =
        rules.stream()
            .filter(r -> r instanceof Rule.Each)
            .map(r -> "coalesce(" + exprs.sql(((Rule.Each) r).valid()) + ", false)")
            .collect(Collectors.joining(" AND "));
    return valid.isEmpty()
        ? sql
        : "SELECT * FROM ("
            + sql
            + ") WHERE CASE WHEN "
            + valid
            + " THEN true ELSE error('tarn: a rule is broken') END";
  }

  /** The recipe on an empty input, for finding out its columns. */
  static String shape(List<Column> columns, List<Step> steps) {
    String empty =
        "SELECT "
            + (columns.isEmpty()
                ? "1 AS " + NOTHING
                : columns.stream()
                    .map(
                        c ->
                            "CAST(NULL AS " + SqlTypes.sql(c.type()) + ") AS " + Sql.name(c.name()))
                    .collect(Collectors.joining(", ")));
    ExprSql exprs = new ExprSql(true);
    for (Step step : steps) {
      if (step instanceof Step.Project project) {
        empty = "SELECT " + projection(project, exprs) + " FROM (" + empty + ")";
      } else if (step instanceof Step.Lookup lookup) {
        empty = LookupSql.shape(lookup, empty);
      }
    }
    return empty;
  }

  private static String typed(List<Column> columns, Set<String> already, ExprSql exprs) {
    if (columns.isEmpty()) {
      return "*";
    }
    return columns.stream()
        .map(
            c ->
                (already.contains(c.name()) ? asIs(c) : strictValue(c, exprs))
                    + " AS "
                    + Sql.name(c.name()))
        .collect(Collectors.joining(", "));
  }

  static String asIs(Column column) {
    return "CAST(" + Sql.name(column.name()) + " AS " + SqlTypes.sql(column.type()) + ")";
  }

  private static String strictValue(Column column, ExprSql exprs) {
    String name = Sql.name(column.name());
    if (column.type().typeId() == Type.TypeID.DOUBLE) {
      return "CASE WHEN isinf(CAST("
          + name
          + " AS DOUBLE)) THEN error('tarn: a number is too large') ELSE CAST("
          + name
          + " AS DOUBLE) END";
    } else if (RawSql.readNatively(column.type())) {
      return "CAST(" + name + " AS " + SqlTypes.sql(column.type()) + ")";
    }
    return exprs.cast(name, column.type().asPrimitiveType(), null);
  }

  static String projection(Step.Project project, ExprSql exprs) {
    return project.columns().stream()
        .map(c -> exprs.sql(c.value()) + " AS " + Sql.name(c.name()))
        .collect(Collectors.joining(", "));
  }
}
