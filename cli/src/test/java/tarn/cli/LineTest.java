package tarn.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LineTest {
  @Test
  void optionsMayStandAnywhere() {
    Line line = parse("--lake x -o csv query --max-rows=5 a --timeout 3 -q");
    assertThat(line.command().name()).isEqualTo("query");
    assertThat(line.arguments()).containsExactly("a");
    assertThat(line.option("--lake")).isEqualTo("x");
    assertThat(line.option("--output")).isEqualTo("csv");
    assertThat(line.number("--max-rows", 0)).isEqualTo(5);
    assertThat(line.number("--timeout", 0)).isEqualTo(3);
    assertThat(line.has("--quiet")).isTrue();
    assertThat(parse("--output=json tables").command().name()).isEqualTo("tables");
  }

  @Test
  void afterTwoDashesEverythingIsAnArgument() {
    assertThat(parse("query -- --a").arguments()).containsExactly("--a");
    assertThat(parse("query -").arguments()).containsExactly("-");
  }

  @Test
  void nothingMeansHelp() {
    assertThat(Line.parse(List.of()).command().name()).isEqualTo("help");
    assertThat(parse("--version").command().name()).isEqualTo("version");
    assertThat(parse("--help").has("--help")).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "qurey x,unknown command 'qurey'; did you mean 'query'?",
    "query --max-row 1 x,has no option --max-row; did you mean --max-rows?",
    "query a b,does not take 'b'",
    "tables x,does not take 'x'",
    "query --file,--file needs a value: -f",
    "crawl --limit 3,crawl has no option --limit"
  })
  void whatIsWrongIsNamedWithTheNearest(String typed, String message) {
    assertThatThrownBy(() -> parse(typed))
        .isInstanceOfSatisfying(CommandFailed.class, e -> assertThat(e.exitCode()).isEqualTo(2))
        .hasMessageContaining(message);
  }

  @Test
  void aNumberIsANumber() {
    assertThatThrownBy(() -> parse("quarantine --limit -3").number("--limit", 0))
        .hasMessageContaining("--limit is '-3'");
    assertThatThrownBy(() -> parse("quarantine --limit x").number("--limit", 0))
        .hasMessageContaining("--limit is 'x'");
  }

  private static Line parse(String typed) {
    return Line.parse(List.of(typed.split(" ")));
  }
}
