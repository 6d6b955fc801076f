package tarn.core.quality;

import java.util.ArrayList;
import java.util.List;
import tarn.core.engine.plan.ColumnNames;
import tarn.core.engine.plan.Rule;
import tarn.core.lake.Problems;
import tarn.core.lake.RuleText;

/**
 * Compiles quality rules written in AWS Glue's Data Quality Definition Language. The first width:
 * IsComplete, IsUnique, IsPrimaryKey, ColumnValues, ColumnLength. Nulls are treated as Glue's
 * documentation of each rule type says.
 */
public final class Quality {
  private static final int MAX_RULES = 500;

  private Quality() {}

  /**
   * Compiles rules over the recipe's output; reports everything that is wrong at once. Pass the
   * columns of a recipe checked without its data to check the rules without it too.
   */
  public static CompiledRules compile(List<RuleText> texts, ColumnNames columns) {
    Problems problems = new Problems();
    List<Rule> rules = new ArrayList<>();
    if (texts.size() > MAX_RULES) {
      RuleText first = texts.get(MAX_RULES);
      problems.error(
          first.source().place(), first.text(), "a table has at most " + MAX_RULES + " rules");
      return new CompiledRules(List.of(), problems.sorted());
    }
    for (RuleText text : texts) {
      try {
        rules.addAll(new RuleParser(text.source().text(), columns).parse());
      } catch (SyntaxException e) {
        problems.error(
            text.source().placeOf(e.token().at()), e.token().text(), e.what(), e.suggestion());
      }
    }
    return new CompiledRules(rules, problems.sorted());
  }

  /** Compiles rules over exactly these columns. */
  public static CompiledRules compile(List<RuleText> texts, List<String> columns) {
    return compile(texts, ColumnNames.of(columns));
  }
}
