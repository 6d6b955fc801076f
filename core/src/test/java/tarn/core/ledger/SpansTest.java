package tarn.core.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import tarn.core.ledger.Whereabouts.Span;

class SpansTest {

  @Test
  void whatTouchesIsOne() {
    Spans spans =
        new Spans(List.of(new Span(9, 9), new Span(4, 6), new Span(1, 3), new Span(5, 7)));
    assertThat(spans).hasToString("1 to 7, 9 to 9");
    assertThat(spans.has(7)).isTrue();
    assertThat(spans.has(8)).isFalse();
    assertThat(spans.first()).isEqualTo(1);
    assertThat(spans.last()).isEqualTo(9);
    assertThat(spans.upTo(2)).hasToString("1 to 2");
    assertThat(spans.upTo(0)).isEqualTo(Spans.NONE);
    assertThat(Spans.of(new Span(1, 0))).isEqualTo(Spans.NONE);
  }

  @Test
  void ofMoreThanAHundredThoseNearestAreJoinedAndNoneIsLeftOut() {
    List<Span> many =
        LongStream.range(0, 1_000)
            .mapToObj(i -> new Span(i * 10 + i / 500, i * 10 + i / 500))
            .toList();
    Spans spans = new Spans(many);
    assertThat(spans.spans()).hasSize(100);
    assertThat(many).allMatch(span -> spans.has(span.first()));
    assertThat(spans.has(4_995)).as("the widest gap stays").isFalse();
    assertThat(spans.first()).isZero();
    assertThat(spans.last()).isEqualTo(9_991);
  }
}
