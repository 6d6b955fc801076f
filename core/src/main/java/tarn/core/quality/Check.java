package tarn.core.quality;

import java.math.BigDecimal;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tarn.core.engine.plan.Measure;
import tarn.core.table.TableName;

/** What the rows of a whole table must meet. */
sealed interface Check {

  /** What the engine has to measure for it. */
  Stream<Measure> measures();

  /** Other tables that it looks at. */
  Stream<TableName> reads();

  Verdict judge(Seen seen);

  record Verdict(boolean passed, String seen) {}

  /**
   * One number and a condition; without a number it is not met.
   *
   * @param name of the number, for reports
   * @param others tables whose columns it looks at, beside those that it measures
   * @param none what is said without a number
   */
  record OfNumber(
      String name,
      List<Measure> needs,
      Set<TableName> others,
      Function<Seen, Optional<BigDecimal>> number,
      NumberCondition condition,
      String none)
      implements Check {

    @Override
    public Stream<Measure> measures() {
      return needs.stream();
    }

    @Override
    public Stream<TableName> reads() {
      return Stream.concat(others.stream(), needs.stream().flatMap(OfNumber::table));
    }

    private static Stream<TableName> table(Measure measure) {
      if (measure instanceof Measure.Found found) {
        return Stream.of(found.table());
      } else if (measure instanceof Measure.Matched matched) {
        return Stream.of(matched.table());
      } else if (measure instanceof Measure.Asked asked) {
        return asked.sources().stream().map(Measure.Source::table);
      }
      return Stream.ofNullable(((Measure.OfRows) measure).table());
    }

    @Override
    public Verdict judge(Seen seen) {
      return number
          .apply(seen)
          .map(
              n ->
                  new Verdict(
                      condition.holds(n), name + " " + n.stripTrailingZeros().toPlainString()))
          .orElseGet(() -> new Verdict(false, name + " " + none));
    }
  }

  /**
   * Rules joined by {@code and} or {@code or}.
   *
   * @param all whether all of them have to be met, or one
   */
  record Joined(boolean all, List<Check> parts) implements Check {

    @Override
    public Stream<Measure> measures() {
      return parts.stream().flatMap(Check::measures);
    }

    @Override
    public Stream<TableName> reads() {
      return parts.stream().flatMap(Check::reads);
    }

    @Override
    public Verdict judge(Seen seen) {
      List<Verdict> verdicts = parts.stream().map(p -> p.judge(seen)).toList();
      return new Verdict(
          all
              ? verdicts.stream().allMatch(Verdict::passed)
              : verdicts.stream().anyMatch(Verdict::passed),
          verdicts.stream().map(Verdict::seen).collect(Collectors.joining(", ")));
    }
  }
}
