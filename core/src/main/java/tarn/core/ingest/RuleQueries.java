package tarn.core.ingest;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import tarn.core.engine.Crashes;
import tarn.core.engine.Engine;
import tarn.core.engine.plan.Measure;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.quality.RuleSql;
import tarn.core.query.At;
import tarn.core.query.CatalogNames;
import tarn.core.query.Resolved;
import tarn.core.query.SqlText;
import tarn.core.query.SqlTree;
import tarn.core.query.Statement;
import tarn.core.query.VolatileUse;
import tarn.core.table.TableName;

/**
 * The SQL in rules, through the same gates as every query: one SELECT, of nodes and functions that
 * are known, over clean tables, that gives the same each time.
 */
public final class RuleQueries implements RuleSql {
  private static final Duration READING = Duration.ofSeconds(30);
  private static final String PRIMARY = "primary";

  private final Engine engine;
  private final TableName own;
  private final CatalogNames names;

  /**
   * For the rules of one table.
   *
   * @param known the lake's tables; of these only clean ones may be read
   */
  public RuleQueries(Engine engine, TableName own, Collection<TableName> known) {
    this.engine = engine;
    this.own = own;
    Set<TableName> clean = new TreeSet<>(Set.of(own));
    known.stream().filter(t -> t.namespace().equals("clean")).forEach(clean::add);
    this.names = new CatalogNames(clean);
  }

  @Override
  public Measure.Asked read(String sql) {
    if (!(SqlText.read(SqlText.replaced(sql, PRIMARY, own.toString()))
        instanceof Statement.Select select)) {
      throw new TarnException(ErrorCode.SQL_REFUSED, "a rule asks with one SELECT");
    }
    SqlTree tree =
        SqlTree.read(
            Crashes.survive("a rule of " + own, () -> engine.parse(select.sql(), READING)));
    List<VolatileUse> uses = tree.volatileFunctions();
    if (!uses.isEmpty()) {
      throw new TarnException(
          ErrorCode.SQL_REFUSED,
          "the query uses "
              + String.join(", ", uses.stream().map(VolatileUse::toString).toList())
              + ", which differs each time: a table that depends on it cannot be rebuilt");
    }
    Resolved resolved = tree.resolve(names);
    for (Resolved.View view : resolved.views()) {
      if (!(view.at() instanceof At.Latest)) {
        throw new TarnException(
            ErrorCode.SQL_REFUSED, "a rule sees tables as they are: take AT away");
      }
    }
    return new Measure.Asked(
        resolved.text(engine, READING),
        resolved.views().stream().map(v -> new Measure.Source(v.name(), v.table())).toList());
  }
}
