package tarn.core.quality;

import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import tarn.core.engine.plan.Measure;
import tarn.core.table.TableName;

/** A rule for a table as a whole, judged before a load is committed. */
public final class TableRule {
  private final String text;
  private final Check check;

  TableRule(String text, Check check) {
    this.text = text;
    this.check = check;
  }

  /** The rule as its author wrote it, in one line. */
  public String text() {
    return text;
  }

  /** What the engine has to measure for it, each once. */
  public List<Measure> measures() {
    return check.measures().distinct().toList();
  }

  /** Other tables that it looks at. */
  public Set<TableName> reads() {
    return check.reads().collect(Collectors.toSet());
  }

  /** Whether the rule is met. */
  public Outcome judge(Seen seen) {
    Check.Verdict verdict = check.judge(seen);
    return new Outcome(text, verdict.passed(), verdict.seen());
  }
}
