package tarn.duckdb;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.Charset;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.apache.iceberg.Schema;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tarn.core.engine.LoadResult;
import tarn.core.engine.RawFormat;
import tarn.core.engine.RawInput;
import tarn.core.table.TableName;
import tarn.testkit.EngineFixture;
import tarn.testkit.EngineWorld;

/** Text that is not UTF-8 gives the same rows, and rejects with the file's own bytes. */
class RawEncodingsTest extends EngineFixture {
  private static final Schema SCHEMA =
      new Schema(
          Types.NestedField.optional(1, "id", Types.LongType.get()),
          Types.NestedField.optional(2, "name", Types.StringType.get()));

  @Override
  protected EngineWorld open(Path temp) {
    return DuckDbWorld.open(temp);
  }

  @ParameterizedTest
  @ValueSource(strings = {"UTF-16LE", "UTF-16BE"})
  void utf16IsKnownByItsMark(String encoding) {
    Charset charset = Charset.forName(encoding);
    check(
        "\ufeff",
        charset,
        "é",
        "\ud83d\ude00ü",
        world.readable("x.csv", "\ufeffid,name\n1,a\n".getBytes(charset)).format());
  }

  @Test
  void iso88591IsReadWhenItIsSaid() {
    check(
        "",
        ISO_8859_1,
        "é",
        "ü\u00ad",
        new RawFormat.Csv(',', '"', true, List.of("id", "name"), ISO_8859_1));
  }

  private void check(String mark, Charset charset, String one, String two, RawFormat format) {
    String good = mark + "id,name\n1," + one + "\n";
    RawInput clean = as(format, (good + "2,\"" + two + "\"\n").getBytes(charset));
    assertThat(world.engine().infer(List.of(clean)))
        .extracting(c -> c.name() + " " + c.type())
        .containsExactly("id long", "name string");
    TableName table = world.table(SCHEMA, 2);
    assertThat(load(table, SCHEMA, clean).strictFiles()).isEqualTo(1);
    String[] rows = {"[1,\"" + one + "\"]", "[2,\"" + two + "\"]"};
    assertThat(world.rows(table)).containsExactly(rows);

    String bad = "x" + two + ",bad";
    byte[] bytes = (good + bad + "\n2,\"" + two + "\"\n").getBytes(charset);
    RawInput dirty = as(format, bytes);
    TableName beside = world.table(SCHEMA, 2);
    LoadResult result = load(beside, SCHEMA, dirty);
    conserves(result);
    assertThat(world.rows(beside)).containsExactly(rows);
    assertThat(world.rejects(beside))
        .singleElement()
        .satisfies(
            reject -> {
              assertThat(new String(reject.bytes(), charset)).isEqualTo(bad);
              int at = (int) reject.offset();
              assertThat(Arrays.copyOfRange(bytes, at, at + (int) reject.length()))
                  .isEqualTo(reject.bytes());
              assertThat(reject.line()).isEqualTo(3);
            });
  }

  @Test
  void halfACharacterRejectsItsRecord() {
    byte[] bytes = "\ufeffid,name\n1,a\n2,x\n3,c\n".getBytes(UTF_16LE);
    int at = new String(bytes, UTF_16LE).indexOf('x') * 2;
    bytes[at + 1] = (byte) 0xd8;
    TableName table = world.table(SCHEMA, 2);
    LoadResult result = load(table, SCHEMA, world.readable("x.csv", bytes));
    conserves(result);
    assertThat(world.rows(table)).containsExactly("[1,\"a\"]", "[3,\"c\"]");
    assertThat(world.rejects(table)).singleElement().extracting(r -> r.line()).isEqualTo(3L);
  }

  private RawInput as(RawFormat format, byte[] bytes) {
    RawInput landed = world.readable("x.csv", bytes);
    return new RawInput(
        landed.ledgerSeq(), landed.file(), format, landed.compression(), landed.partitionValues());
  }
}
