package tarn.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tarn.api.Column;

class PictureTest {
  private static final Column ID = new Column("customer_id", "BIGINT");
  private static final Column NAME = new Column("name", "VARCHAR");
  private static final Column COUNT = new Column("orders", "BIGINT");
  private static final Column MONEY = new Column("revenue", "DECIMAL(18,2)");
  private static final Column DAY = new Column("day", "DATE");

  @Test
  void aBarIsAsLongAsItsNumberIsBesideTheGreatest() {
    Picture picture =
        new Picture(
            List.of(NAME, MONEY),
            List.of(row("a", money("8")), row("b", money("3.5")), row("c", money("0")), nothing()));
    assertThat(picture.bars(4, 8)).containsExactly("████████", "███▌", "", "");
    assertThat(picture.measured()).isEqualTo("revenue");
  }

  @Test
  void whatIsMoreThanNothingIsSeen() {
    Picture picture =
        new Picture(List.of(NAME, COUNT), List.of(row("a", 1_000_000L), row("b", 1L)));
    assertThat(picture.bars(2, 20).get(1)).isEqualTo("▏");
  }

  @Test
  void moneyIsDrawnBeforeCountsAndNumbersThatSayWhichNever() {
    assertThat(new Picture(List.of(ID, COUNT, MONEY), List.of()).measured()).isEqualTo("revenue");
    assertThat(new Picture(List.of(ID, COUNT), List.of()).measured()).isEqualTo("orders");
    assertThat(new Picture(List.of(ID, NAME), List.of()).measured()).isEmpty();
  }

  @Test
  void whatIsBelowZeroIsPale() {
    Picture debts =
        new Picture(List.of(NAME, MONEY), List.of(row("a", money("-4")), row("b", money("2"))));
    assertThat(debts.bars(2, 8)).containsExactly("░░░░░░░░", "████");
  }

  @Test
  void nothingIsDrawnWithoutRoomOrOfOneRow() {
    Picture good =
        new Picture(List.of(NAME, MONEY), List.of(row("a", money("1")), row("b", money("2"))));
    assertThat(good.bars(2, 4)).isEmpty();
    assertThat(good.bars(1, 20)).isEmpty();
    assertThat(good.bars(2, 5)).hasSize(2);
  }

  @Test
  void aTimeThatGoesOnMakesATrendOfEveryNumber() {
    Picture picture = new Picture(List.of(DAY, COUNT, MONEY), days(8, 1));
    assertThat(picture.trends(80))
        .containsExactly("orders   ▁▂▃▄▅▆▇█  1 to 8", "revenue  ▅▅▅▅▅▅▅▅  7.50 to 7.50");
  }

  @Test
  void whereThereIsNoRoomNeighboursShareAColumn() {
    List<String> trends = new Picture(List.of(DAY, COUNT, MONEY), days(28, 1)).trends(40);
    assertThat(trends).allSatisfy(line -> assertThat(line.length()).isLessThanOrEqualTo(40));
    assertThat(trends.get(0)).contains("▁").contains("█").endsWith("1 to 28");
  }

  @Test
  void daysThatComeTwiceOrNotInOrderAreNoTrend() {
    assertThat(new Picture(List.of(DAY, COUNT, MONEY), days(8, 2)).trends(80)).isEmpty();
    assertThat(new Picture(List.of(NAME, COUNT, MONEY), days(8, 1)).trends(80)).isEmpty();
    assertThat(new Picture(List.of(DAY, COUNT, MONEY), days(7, 1)).trends(80)).isEmpty();
  }

  private static List<List<@Nullable Object>> days(int count, int perDay) {
    List<List<@Nullable Object>> rows = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      rows.add(row(String.format("2025-10-%02d", 1 + i / perDay), (long) i + 1, money("7.50")));
    }
    return rows;
  }

  private static BigDecimal money(String text) {
    return new BigDecimal(text);
  }

  private static List<@Nullable Object> nothing() {
    return row("d", null);
  }

  private static List<@Nullable Object> row(@Nullable Object... values) {
    return Arrays.asList(values);
  }
}
