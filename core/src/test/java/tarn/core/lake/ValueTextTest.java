package tarn.core.lake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.From;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.AlphaChars;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.StringLength;

class ValueTextTest {

  @Property(tries = 300, seed = "7")
  void everyDurationReadsAsItPrints(
      @ForAll @LongRange(min = 0, max = 10_000_000_000L) long millis) {
    Duration duration = Duration.ofMillis(millis);
    assertThat(DurationText.parse(DurationText.print(duration))).isEqualTo(duration);
  }

  @Property(tries = 300, seed = "7")
  void everySizeReadsAsItPrints(
      @ForAll @LongRange(min = 0, max = 999_999_999_999_999L) long bytes) {
    ByteSize size = new ByteSize(bytes);
    assertThat(ByteSize.parse(size.toString())).isEqualTo(size);
  }

  @Property(tries = 100, seed = "7")
  void wholeUnitsPrintShort(@ForAll @LongRange(min = 1, max = 1023) long number) {
    assertThat(ByteSize.parse(number + "GiB")).hasToString(number + "GB");
  }

  @Property(tries = 300, seed = "7")
  void everyPartitionFieldReadsAsItPrints(@ForAll @From("partitionFields") PartitionField field) {
    assertThat(PartitionField.parse(field.toString())).isEqualTo(field);
  }

  @Property(tries = 300, seed = "7")
  void oneSlipOfTheFingerIsUnderstood(
      @ForAll @AlphaChars @StringLength(min = 3, max = 20) String name,
      @ForAll @LongRange(min = 0, max = 19) long at) {
    int slip = (int) at % name.length();
    String typed = name.substring(0, slip) + name.substring(slip + 1);
    assertThat(Nearest.to(typed, List.of(name))).contains(name);
  }

  @Property(tries = 300, seed = "7")
  void editsAreAMeasure(
      @ForAll @AlphaChars @StringLength(max = 8) String a,
      @ForAll @AlphaChars @StringLength(max = 8) String b) {
    assertThat(Nearest.edits(a, a)).isZero();
    assertThat(Nearest.edits(a, b)).isEqualTo(Nearest.edits(b, a));
    assertThat(Nearest.edits(a, b))
        .isBetween(Math.abs(a.length() - b.length()), Math.max(a.length(), b.length()));
  }

  @Example
  void swappedLettersAreOneEdit() {
    assertThat(Nearest.edits("from", "form")).isEqualTo(1);
    assertThat(Nearest.to("tabel", List.of("table", "from"))).contains("table");
  }

  @Example
  void whatIsFarFromEverythingIsNotGuessed() {
    assertThat(Nearest.to("zzz", List.of("table", "from"))).isEmpty();
    assertThat(Nearest.suggestion("zzz", List.of("table", "from"))).isEqualTo("known: from, table");
  }

  @Example
  void sizesAndDurationsHaveUnits() {
    assertThat(ByteSize.parse("128MB").bytes()).isEqualTo(134_217_728);
    assertThatThrownBy(() -> ByteSize.parse("128")).hasMessageContaining("like 128MB");
    assertThatThrownBy(() -> ByteSize.parse("1iB")).hasMessageContaining("like 128MB");
    assertThatThrownBy(() -> ByteSize.parse("999999999999999TB"))
        .isInstanceOf(ArithmeticException.class);
    assertThat(DurationText.parse("7d")).isEqualTo(Duration.ofDays(7));
    assertThatThrownBy(() -> DurationText.parse("7 days")).hasMessageContaining("like 10s");
  }

  @Example
  void columnTypesAreIcebergs() {
    assertThat(ColumnTypes.parse("decimal(38,0)")).isPresent();
    assertThat(ColumnTypes.parse("decimal(39,0)")).isEmpty();
    assertThat(ColumnTypes.parse("decimal(3,4)")).isEmpty();
    assertThat(ColumnTypes.parse("varchar")).isEmpty();
  }

  @Provide
  Arbitrary<PartitionField> partitionFields() {
    Arbitrary<String> columns =
        Arbitraries.strings().withCharRange('a', 'z').withChars('_').ofMinLength(1).ofMaxLength(9);
    return Arbitraries.of(PartitionField.Transform.class)
        .flatMap(
            transform ->
                columns.map(
                    column ->
                        switch (transform) {
                          case BUCKET, TRUNCATE ->
                              new PartitionField(transform, column.length(), column);
                          default -> new PartitionField(transform, 0, column);
                        }));
  }
}
