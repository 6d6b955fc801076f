package tarn.core.quality;

import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import tarn.core.engine.Column;
import tarn.core.engine.plan.Measure;
import tarn.core.table.TableName;

/**
 * What rules for a whole table are judged by.
 *
 * @param numbers what the engine measured; a measure without a value is missing
 * @param columns of another table
 */
public record Seen(Map<Measure, BigDecimal> numbers, Function<TableName, List<Column>> columns) {

  Optional<BigDecimal> number(Measure measure) {
    return Optional.ofNullable(numbers.get(measure));
  }

  /** A part of a whole; all of it, if there is no whole. */
  Optional<BigDecimal> ratio(Measure part, Measure whole) {
    Optional<BigDecimal> of = number(whole);
    if (of.isEmpty() || of.get().signum() == 0) {
      return Optional.of(BigDecimal.ONE);
    }
    return number(part)
        .map(
            p -> BigDecimal.valueOf(p.doubleValue() / of.get().doubleValue()).stripTrailingZeros());
  }
}
