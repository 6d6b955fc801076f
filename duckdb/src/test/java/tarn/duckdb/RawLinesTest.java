package tarn.duckdb;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.apache.iceberg.Schema;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.Test;
import tarn.core.engine.LoadResult;
import tarn.core.engine.RawFormat;
import tarn.core.engine.RawInput;
import tarn.core.table.TableName;
import tarn.testkit.EngineFixture;
import tarn.testkit.EngineWorld;

/** Web-server logs: detected, typed, and lines that do not match in quarantine. */
class RawLinesTest extends EngineFixture {
  private static final String LOG =
      "192.0.2.7 - frank [10/Oct/2025:13:55:36 -0700] \"GET /a HTTP/1.1\" 200 2326 \"-\" \"curl/8\"\n"
          + "host.example.org - - [10/Oct/2025:13:55:37 -0700] \"POST /b?c=\\\"d HTTP/1.0\" 404 - \"http://x/\" \"-\"\r\n"
          + "\n"
          + "2001:db8::1 - - [10/Oct/2025:13:55:38 -0700] \"\\x16\\x03\" 400 0 \"-\" \"-\"\n";
  private static final Schema SCHEMA =
      new Schema(
          Types.NestedField.optional(1, "clientip", Types.StringType.get()),
          Types.NestedField.optional(2, "request", Types.StringType.get()),
          Types.NestedField.optional(3, "rawrequest", Types.StringType.get()),
          Types.NestedField.optional(4, "response", Types.IntegerType.get()),
          Types.NestedField.optional(5, "bytes", Types.LongType.get()));
  private static final String[] ROWS = {
    "[\"192.0.2.7\",\"/a\",null,200,2326]",
    "[\"2001:db8::1\",null,\"\\\\x16\\\\x03\",400,0]",
    "[\"host.example.org\",\"/b?c=\\\\\\\"d\",null,404,null]"
  };

  @Override
  protected EngineWorld open(Path temp) {
    return DuckDbWorld.open(temp);
  }

  @Test
  void aCombinedLogIsTyped() {
    RawInput input = log(LOG.replace("\r", "")); // ends of lines of two kinds are read slowly
    assertThat(((RawFormat.Lines) input.format()).name()).isEqualTo("combined-log");
    assertThat(world.engine().infer(List.of(input)))
        .extracting(c -> c.name() + " " + c.type())
        .containsExactly(
            "clientip string",
            "ident string",
            "auth string",
            "timestamp string",
            "verb string",
            "request string",
            "httpversion double",
            "rawrequest string",
            "response int",
            "bytes long",
            "referrer string",
            "agent string");
    TableName table = world.table(SCHEMA, 2);
    LoadResult result = load(table, SCHEMA, input);
    assertThat(result.strictFiles()).isEqualTo(1);
    assertThat(result.read()).isEqualTo(3);
    assertThat(world.rows(table)).containsExactly(ROWS);
  }

  @Test
  void aCommonLogIsOneToo() {
    RawInput input = log(LOG.replaceAll(" \"[^\"]*\" \"[^\"]*\"(\r?\n)", "$1"));
    assertThat(((RawFormat.Lines) input.format()).name()).isEqualTo("common-log");
  }

  @Test
  void linesThatDoNotMatchAreQuarantinedWithTheirBytes() {
    RawInput input =
        world.readable(
            "x.log", (LOG + "no log\u0001 line\n" + LOG + "caf\u00e9\n").getBytes(ISO_8859_1));
    assertThat(world.engine().infer(List.of(input))).hasSize(12);
    TableName table = world.table(SCHEMA, 2);
    LoadResult result = load(table, SCHEMA, input);
    conserves(result);
    assertThat(result.stored()).isEqualTo(6);
    assertThat(world.query("SELECT DISTINCT * FROM t ORDER BY ALL", table))
        .extracting(Object::toString)
        .containsExactlyInAnyOrder(ROWS);
    assertThat(world.rejects(table))
        .extracting(r -> r.line() + " " + r.reason() + ": " + new String(r.bytes(), ISO_8859_1))
        .containsExactly(
            "5 the line does not match the pattern: no log\u0001 line", "10 not UTF-8: caf\u00e9");
  }

  private RawInput log(String text) {
    return world.readable("x.log", text.getBytes(UTF_8));
  }
}
