package tarn.core.quality;

import static tarn.core.engine.plan.Expr.call;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tarn.core.engine.plan.Expr;
import tarn.core.engine.plan.Fn;
import tarn.core.engine.plan.Measure;
import tarn.core.engine.plan.Rule;

/**
 * A rule, or several joined, in its two forms.
 *
 * @param rows what the engine checks row by row; null if it can only be judged for the whole table
 * @param whole what it says about the whole table
 */
record Compiled(@Nullable List<Part> rows, Check whole) {

  /** A piece of a rule for rows. */
  sealed interface Part {
    Rule rule(String text);

    /** That no row of a table fails it. */
    Check kept();
  }

  record Each(String column, Expr valid) implements Part {
    @Override
    public Rule rule(String text) {
      return new Rule.Each(text, column, valid);
    }

    @Override
    public Check kept() {
      return Numbers.noneLeft(Numbers.rows(null), Numbers.rows(valid));
    }
  }

  record Unique(List<String> columns, @Nullable Expr where) implements Part {
    @Override
    public Rule rule(String text) {
      return new Rule.Unique(text, columns, where);
    }

    @Override
    public Check kept() {
      return Numbers.noneLeft(
          Numbers.of(Measure.Kind.PRESENT, columns, where),
          Numbers.of(Measure.Kind.DISTINCT, columns, where));
    }
  }

  /** For a table that is judged at once: no row fails what can be checked row by row. */
  Check kept() {
    if (rows == null) {
      return whole;
    }
    List<Check> checks = rows.stream().map(Part::kept).toList();
    return checks.size() == 1 ? checks.get(0) : new Check.Joined(true, checks);
  }

  /** Rules joined by {@code and}: all pieces hold. */
  static Compiled all(List<Compiled> parts) {
    List<Part> rows = new ArrayList<>();
    boolean byRow = true;
    for (Compiled part : parts) {
      byRow &= part.rows != null;
      rows.addAll(part.rows == null ? List.of() : part.rows);
    }
    return new Compiled(byRow ? rows : null, joined(true, parts));
  }

  /** Rules joined by {@code or}: row by row, if each looks at no more than the row. */
  static Compiled any(List<Compiled> parts) {
    List<Expr> ways = new ArrayList<>();
    String column = "";
    for (Compiled part : parts) {
      Optional<Each> one = part.each();
      if (one.isEmpty()) {
        return new Compiled(null, joined(false, parts));
      }
      column = column.isEmpty() ? one.get().column() : column;
      ways.add(call(Fn.COALESCE, one.get().valid(), Expr.literal(false)));
    }
    Expr any = ways.stream().reduce((a, b) -> call(Fn.OR, a, b)).orElseThrow();
    return new Compiled(List.of(new Each(column, any)), joined(false, parts));
  }

  private Optional<Each> each() {
    if (rows == null || rows.stream().anyMatch(p -> p instanceof Unique)) {
      return Optional.empty();
    }
    return rows.stream()
        .map(p -> (Each) p)
        .reduce(
            (a, b) ->
                new Each(
                    a.column(),
                    call(
                        Fn.AND,
                        call(Fn.COALESCE, a.valid(), Expr.literal(false)),
                        call(Fn.COALESCE, b.valid(), Expr.literal(false)))));
  }

  private static Check joined(boolean all, List<Compiled> parts) {
    return new Check.Joined(all, parts.stream().map(Compiled::whole).toList());
  }

  // ---- one rule ----

  /**
   * Of one rule's draft.
   *
   * @param threshold which part of the rows must pass; null for all
   */
  static Compiled of(
      String name, Draft draft, @Nullable Expr where, @Nullable NumberCondition threshold) {
    if (draft instanceof Draft.Rows rows) {
      return ofRows(name, rows, where, threshold);
    } else if (draft instanceof Draft.Keys keys) {
      return ofKeys(name, keys, where);
    }
    return new Compiled(null, ((Draft.Whole) draft).check().apply(where));
  }

  private static Compiled ofRows(
      String name, Draft.Rows draft, @Nullable Expr where, @Nullable NumberCondition threshold) {
    Measure all = Numbers.rows(where);
    Expr both = where == null ? draft.valid() : call(Fn.AND, where, draft.valid());
    Measure passing = Numbers.rows(both);
    if (threshold != null) {
      return new Compiled(
          null, Numbers.check(name, threshold, seen -> seen.ratio(passing, all), all, passing));
    }
    Expr valid =
        where == null
            ? draft.valid()
            : call(
                Fn.IF,
                where,
                call(Fn.COALESCE, draft.valid(), Expr.literal(false)),
                Expr.literal(true));
    return new Compiled(
        List.of(new Each(draft.column(), valid)), Numbers.noneLeft(name, all, passing));
  }

  private static Compiled ofKeys(String name, Draft.Keys draft, @Nullable Expr where) {
    List<Compiled> parts = new ArrayList<>();
    for (String column : draft.complete()) {
      parts.add(ofRows(name, new Draft.Rows(column, Numbers.notNull(column)), where, null));
    }
    Measure present = Numbers.of(Measure.Kind.PRESENT, draft.unique(), where);
    Measure distinct = Numbers.of(Measure.Kind.DISTINCT, draft.unique(), where);
    parts.add(
        new Compiled(
            List.of(new Unique(draft.unique(), where)), Numbers.noneLeft(name, present, distinct)));
    return parts.size() == 1 ? parts.get(0) : all(parts);
  }
}
