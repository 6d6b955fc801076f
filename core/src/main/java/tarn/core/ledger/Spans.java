package tarn.core.ledger;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import tarn.core.ledger.Whereabouts.Span;

/**
 * Batches of a ledger, as spans: in order, apart from each other, and at most 100. Of more, those
 * with the least between them are joined, so there may be batches that nobody asked for.
 */
public record Spans(List<Span> spans) {
  /** No batches. */
  public static final Spans NONE = new Spans(List.of());

  private static final int MOST = 100;

  public Spans {
    spans = fewer(joined(spans));
  }

  /** One span; none, if it ends before it begins. */
  public static Spans of(Span span) {
    return new Spans(List.of(span));
  }

  private static List<Span> joined(List<Span> any) {
    List<Span> joined = new ArrayList<>();
    for (Span span : any.stream().sorted(Comparator.comparingLong(Span::first)).toList()) {
      Span before = joined.isEmpty() ? null : joined.get(joined.size() - 1);
      if (before != null && span.first() <= before.last() + 1) {
        joined.set(
            joined.size() - 1, new Span(before.first(), Math.max(before.last(), span.last())));
      } else if (span.first() <= span.last()) {
        joined.add(span);
      }
    }
    return joined;
  }

  private static List<Span> fewer(List<Span> apart) {
    Set<Integer> begin =
        new HashSet<>(
            IntStream.range(1, apart.size())
                .boxed()
                .sorted(
                    Comparator.comparingLong(
                        i -> -(apart.get(i).first() - apart.get(i - 1).last())))
                .limit(MOST - 1)
                .toList());
    List<Span> fewer = new ArrayList<>();
    for (int i = 0; i < apart.size(); i++) {
      if (i == 0 || begin.contains(i)) {
        fewer.add(apart.get(i));
      } else {
        int last = fewer.size() - 1;
        fewer.set(last, new Span(fewer.get(last).first(), apart.get(i).last()));
      }
    }
    return List.copyOf(fewer);
  }

  public boolean isEmpty() {
    return spans.isEmpty();
  }

  /** The first batch; 1 if there is none. */
  public long first() {
    return isEmpty() ? 1 : spans.get(0).first();
  }

  /** The last batch; 0 if there is none. */
  public long last() {
    return isEmpty() ? 0 : spans.get(spans.size() - 1).last();
  }

  /** Whether a batch is one of them. */
  public boolean has(long seq) {
    return spans.stream().anyMatch(span -> span.first() <= seq && seq <= span.last());
  }

  /** Those that are not later than a batch. */
  public Spans upTo(long seq) {
    return with(span -> new Span(span.first(), Math.min(span.last(), seq)));
  }

  /** Each of them made longer, or shorter. */
  public Spans with(UnaryOperator<Span> change) {
    return new Spans(spans.stream().map(change).toList());
  }

  /** {@code 3 to 5, 9 to 9}. */
  @Override
  public String toString() {
    return spans.stream()
        .map(span -> span.first() + " to " + span.last())
        .collect(Collectors.joining(", "));
  }
}
