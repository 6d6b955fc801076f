package tarn.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tarn.api.Column;
import tarn.api.Fields;

class SheetTest {
  private static final List<Column> COLUMNS =
      List.of(new Column("id", "BIGINT"), new Column("name", "VARCHAR"), new Column("x", "DOUBLE"));
  private static final List<List<@Nullable Object>> ROWS =
      List.of(
          Arrays.asList(1L, "a,b", new BigDecimal("1.50")),
          Arrays.asList(1000L, "say \"hi\"\nthere", null),
          Arrays.asList(-3L, "", new BigDecimal("1E+3")),
          Arrays.asList(4L, "日本 ✓", new BigDecimal("0.1")),
          Arrays.asList(5L, "\033[31mred", List.of(1L, new Fields().with("k", "v"))));
  private static final Terminal FILE = new Terminal(false, false, false, 80, false);
  private static final Terminal SCREEN = new Terminal(true, true, true, 20, true);

  @Test
  void aTableIsAlignedAndObeysNoData() {
    assertThat(printed("table", FILE))
        .isEqualTo(
            """
              id  name                         x
            ────  ───────────────  ─────────────
               1  a,b                       1.50
            1000  say "hi"\\nthere           NULL
              -3                            1000
               4  日本 ✓                     0.1
               5  \\u001b[31mred    [1,{"k":"v"}]
            """);
  }

  @Test
  void onAScreenNullIsDimAndLongCellsAreCut() {
    Sheet sheet = sheet("table", SCREEN);
    sheet.columns(COLUMNS.subList(0, 2));
    sheet.rows(List.of(Arrays.asList(null, "x".repeat(30)), Arrays.asList(1L, "日".repeat(15))));
    sheet.end();
    assertThat(out.toString())
        .contains("\033[2mNULL\033[0m  " + "x".repeat(19) + "…\n")
        .contains("   1  " + "日".repeat(9) + "…\n");
  }

  @Test
  void csvIsRfc4180AndTellsNullFromEmpty() {
    assertThat(printed("csv", FILE))
        .isEqualTo(
            "id,name,x\r\n"
                + "1,\"a,b\",1.50\r\n"
                + "1000,\"say \"\"hi\"\"\nthere\",\r\n"
                + "-3,\"\",1000\r\n"
                + "4,日本 ✓,0.1\r\n"
                + "5,\033[31mred,\"[1,{\"\"k\"\":\"\"v\"\"}]\"\r\n");
  }

  @Test
  void jsonIsAnArrayOfObjects() {
    assertThat(printed("json", FILE))
        .isEqualTo(
            """
            [{"id":1,"name":"a,b","x":1.50},
             {"id":1000,"name":"say \\"hi\\"\\nthere","x":null},
             {"id":-3,"name":"","x":1E+3},
             {"id":4,"name":"日本 ✓","x":0.1},
             {"id":5,"name":"\\u001B[31mred","x":[1,{"k":"v"}]}]
            """);
  }

  @Test
  void noRowsAreStillAnAnswer() {
    for (String format : List.of("table", "csv", "json")) {
      Sheet sheet = sheet(format, FILE);
      sheet.columns(List.of(new Column("a", "VARCHAR")));
      sheet.end();
    }
    assertThat(out.toString()).isEqualTo("a\n─\na\r\n[]\n");
  }

  @Test
  void columnsOfOneNameStayApart() {
    Sheet sheet = sheet("json", FILE);
    sheet.columns(List.of(new Column("a", "BIGINT"), new Column("a", "BIGINT")));
    sheet.rows(List.of(Arrays.asList(1L, 2L)));
    sheet.end();
    assertThat(out.toString()).isEqualTo("[{\"a\":1,\"a_2\":2}]\n");
  }

  @Test
  void aLongTableIsPrintedAsItArrives() {
    Sheet sheet = sheet("table", FILE);
    sheet.columns(List.of(new Column("n", "BIGINT")));
    for (long i = 0; i < 2500; i++) {
      sheet.rows(List.of(Arrays.asList(i)));
    }
    assertThat(out.toString().lines()).hasSize(2502);
  }

  private final StringBuilder out = new StringBuilder();

  private Sheet sheet(String format, Terminal terminal) {
    return Sheet.of(format, out, terminal);
  }

  private String printed(String format, Terminal terminal) {
    Sheet sheet = sheet(format, terminal);
    sheet.columns(COLUMNS);
    sheet.rows(ROWS);
    sheet.end();
    return out.toString();
  }
}
