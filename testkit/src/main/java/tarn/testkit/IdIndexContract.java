package tarn.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tarn.core.stream.IdIndex;
import tarn.core.stream.IdIndex.Entry;
import tarn.core.stream.IdIndex.Seen;

/** What every {@link IdIndex} keeps. A test extends this and opens one. */
public abstract class IdIndexContract {
  private static final Instant NOON = Instant.parse("2026-03-01T12:00:00.123Z");

  protected IdIndex index;

  /** Opens an index with nothing in it. */
  protected abstract IdIndex open();

  @BeforeEach
  void openIndex() {
    index = open();
  }

  @AfterEach
  void closeIndex() {
    index.close();
  }

  @Test
  void anEmptyIndexKnowsNothing() {
    assertThat(index.upTo()).isZero();
    assertThat(index.find(ids(0, 3))).containsExactly(null, null, null);
    assertThat(index.find(List.of())).isEmpty();
  }

  @Test
  void whatIsAddedIsFoundInTheOrderOfTheQuestion() {
    index.add(7, entries(0, 1000, NOON));
    assertThat(index.upTo()).isEqualTo(7);
    assertThat(index.find(List.of(id(999), id(1000), id(0), id(999))))
        .containsExactly(new Seen(NOON, 999), null, new Seen(NOON, 0), new Seen(NOON, 999));
  }

  @Test
  void aSecondEntryReplacesTheFirst() {
    index.add(1, entries(0, 2, NOON));
    index.add(3, List.of(new Entry(id(1), new Seen(NOON.plusSeconds(9), -5))));
    assertThat(index.find(ids(0, 2)))
        .containsExactly(new Seen(NOON, 0), new Seen(NOON.plusSeconds(9), -5));
    assertThat(index.upTo()).isEqualTo(3);
  }

  @Test
  void aBatchWithoutIdsCounts() {
    index.add(4, List.of());
    assertThat(index.upTo()).isEqualTo(4);
  }

  @Test
  void anEarlierBatchIsRefusedAndNothingOfItIsThere() {
    index.add(4, List.of());
    assertThatThrownBy(() -> index.add(4, entries(0, 1, NOON)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(index.find(ids(0, 1))).containsExactly((Seen) null);
  }

  @Test
  void whatArrivedSinceIsNeverForgotten() {
    index.add(1, entries(0, 500, NOON));
    index.add(2, entries(500, 1000, NOON.plusSeconds(1)));
    index.forget(NOON.plusSeconds(1));
    assertThat(index.find(ids(500, 1000))).doesNotContainNull();
    assertThat(index.upTo()).isEqualTo(2);
    index.forget(NOON.plusSeconds(1));
    assertThat(index.find(ids(0, 500))).as("it has had its time").containsOnlyNulls();
  }

  @Test
  void idsDifferInEachOfTheirBytes() {
    List<byte[]> ids =
        IntStream.range(0, 16)
            .mapToObj(
                i -> {
                  byte[] id = new byte[16];
                  id[i] = 1;
                  return id;
                })
            .toList();
    index.add(1, List.of(new Entry(ids.get(3), new Seen(NOON, 1))));
    assertThat(index.find(ids).stream().filter(seen -> seen != null)).hasSize(1);
  }

  /** Entries of ids by number, whose hash is the number. */
  protected static List<Entry> entries(long from, long to, Instant arrived) {
    return LongStream.range(from, to)
        .mapToObj(number -> new Entry(id(number), new Seen(arrived, number)))
        .toList();
  }

  /** Ids by number. */
  protected static List<byte[]> ids(long from, long to) {
    return LongStream.range(from, to).mapToObj(IdIndexContract::id).toList();
  }

  /** An id by its number, spread over all ids as hashes are. */
  protected static byte[] id(long number) {
    return ByteBuffer.allocate(16).putLong(number * 0x9E3779B97F4A7C15L).putLong(~number).array();
  }
}
