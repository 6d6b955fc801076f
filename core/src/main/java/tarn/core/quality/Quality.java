package tarn.core.quality;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import tarn.core.engine.Column;
import tarn.core.engine.plan.ColumnNames;
import tarn.core.engine.plan.Rule;
import tarn.core.lake.Problems;
import tarn.core.lake.RuleText;

/**
 * Compiles quality rules written in AWS Glue's Data Quality Definition Language. Nulls are treated
 * as Glue's documentation of each rule type says.
 */
public final class Quality {
  private static final int MAX_RULES = 500;

  private Quality() {}

  /** Compiles rules over exactly these columns, without reading the SQL in them. */
  public static CompiledRules compile(List<RuleText> texts, List<Column> columns) {
    return compile(texts, columns, RuleSql.UNREAD);
  }

  /** Compiles rules over exactly these columns, as the recipe makes them. */
  public static CompiledRules compile(List<RuleText> texts, List<Column> columns, RuleSql sql) {
    return compile(texts, RuleColumns.of(columns), sql);
  }

  /**
   * Compiles rules for a table that is judged at once, such as a model's: no row can be put aside,
   * so a rule for rows is one for the table, not met if a row fails it.
   */
  public static CompiledRules compileWhole(
      List<RuleText> texts, List<Column> columns, RuleSql sql) {
    return compile(texts, RuleColumns.of(columns), sql, true);
  }

  /**
   * Compiles rules without the data: over the columns that are known of a recipe. Reports
   * everything that is wrong at once.
   */
  public static CompiledRules compile(List<RuleText> texts, ColumnNames columns) {
    return compile(texts, columns, RuleSql.UNREAD);
  }

  /** The same, and the SQL in rules is read. */
  public static CompiledRules compile(List<RuleText> texts, ColumnNames columns, RuleSql sql) {
    return compile(texts, new RuleColumns(columns, Map.of()), sql);
  }

  private static CompiledRules compile(List<RuleText> texts, RuleColumns columns, RuleSql sql) {
    return compile(texts, columns, sql, false);
  }

  private static CompiledRules compile(
      List<RuleText> texts, RuleColumns columns, RuleSql sql, boolean atOnce) {
    Problems problems = new Problems();
    List<Rule> rules = new ArrayList<>();
    List<TableRule> tableRules = new ArrayList<>();
    int count = 0;
    for (RuleText text : texts) {
      try {
        for (RuleParser.Statement rule :
            new RuleParser(text.source().text(), columns, sql).parse()) {
          if (++count > MAX_RULES) {
            throw new SyntaxException(
                new Token(Token.Kind.SYMBOL, rule.text(), 0),
                "a table has at most " + MAX_RULES + " rules",
                "");
          }
          if (atOnce) {
            tableRules.add(new TableRule(rule.text(), rule.rule().kept()));
          } else {
            take(rule, rules, tableRules);
          }
        }
      } catch (SyntaxException e) {
        problems.error(
            text.source().placeOf(e.token().at()), e.token().text(), e.what(), e.suggestion());
      }
    }
    return new CompiledRules(rules, tableRules, problems.sorted());
  }

  private static void take(
      RuleParser.Statement rule, List<Rule> rules, List<TableRule> tableRules) {
    List<Compiled.Part> parts = rule.rule().rows();
    if (parts == null) {
      tableRules.add(new TableRule(rule.text(), rule.rule().whole()));
    } else {
      parts.forEach(part -> rules.add(part.rule(rule.text())));
    }
  }
}
