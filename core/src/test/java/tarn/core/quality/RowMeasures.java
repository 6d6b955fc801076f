package tarn.core.quality;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tarn.core.engine.plan.Measure;
import tarn.core.engine.plan.Row;

/** Measures rows in memory, slowly and plainly. */
final class RowMeasures {
  private RowMeasures() {}

  static Map<Measure, BigDecimal> of(List<Measure> measures, List<Row> rows) {
    Map<Measure, BigDecimal> numbers = new HashMap<>();
    for (Measure measure : measures) {
      Double number = number((Measure.OfRows) measure, rows);
      if (number != null && !number.isNaN()) {
        numbers.put(measure, BigDecimal.valueOf(number));
      }
    }
    return numbers;
  }

  private static @Nullable Double number(Measure.OfRows measure, List<Row> all) {
    List<Row> rows =
        all.stream()
            .filter(r -> measure.where() == null || Boolean.TRUE.equals(r.eval(measure.where())))
            .filter(r -> measure.columns().stream().allMatch(c -> r.get(c) != null))
            .toList();
    Map<List<Object>, Integer> counts = new HashMap<>();
    for (Row row : rows) {
      List<Object> key = new ArrayList<>();
      measure.columns().forEach(c -> key.add(Objects.requireNonNull(row.get(c))));
      counts.merge(key, 1, Integer::sum);
    }
    return switch (measure.kind()) {
      case ROWS, PRESENT -> (double) rows.size();
      case DISTINCT -> (double) counts.size();
      case SINGLE -> (double) counts.values().stream().filter(n -> n == 1).count();
      case SUM -> values(measure, 0, rows).stream().mapToDouble(v -> v).sum();
      case MEAN -> rows.isEmpty() ? null : mean(values(measure, 0, rows));
      case DEVIATION ->
          rows.isEmpty()
              ? null
              : Math.sqrt(covariance(values(measure, 0, rows), values(measure, 0, rows)));
      case ENTROPY ->
          rows.isEmpty()
              ? null
              : counts.values().stream()
                  .mapToDouble(n -> (double) n / rows.size())
                  .map(p -> -p * Math.log(p) / Math.log(2))
                  .sum();
      case CORRELATION -> correlation(values(measure, 0, rows), values(measure, 1, rows));
    };
  }

  private static double correlation(List<Double> xs, List<Double> ys) {
    return covariance(xs, ys) / Math.sqrt(covariance(xs, xs) * covariance(ys, ys));
  }

  private static double covariance(List<Double> xs, List<Double> ys) {
    double meanX = mean(xs);
    double meanY = mean(ys);
    double sum = 0;
    for (int i = 0; i < xs.size(); i++) {
      sum += (xs.get(i) - meanX) * (ys.get(i) - meanY);
    }
    return sum / xs.size();
  }

  private static double mean(List<Double> values) {
    return values.stream().mapToDouble(v -> v).average().orElseThrow();
  }

  private static List<Double> values(Measure.OfRows measure, int column, List<Row> rows) {
    String name = measure.columns().get(column);
    return rows.stream()
        .map(r -> ((Number) Objects.requireNonNull(r.get(name))).doubleValue())
        .toList();
  }
}
