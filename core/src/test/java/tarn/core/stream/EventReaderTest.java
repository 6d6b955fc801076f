package tarn.core.stream;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tarn.core.event.LogRecord;
import tarn.core.lake.EventSchema;
import tarn.core.ledger.SourceName;

class EventReaderTest {
  private final EventReader byId = reader(List.of("meta", "id"), false);
  private final EventReader byBytes = reader(List.of(), true);

  @Test
  void anIdIsItsTextWhereverItStands() {
    EventReader.Read.Good first = good(byId, "{\"meta\":{\"id\":\"7\"},\"a\":1}");
    assertThat(
            good(
                    byId,
                    "{\"id\":\"8\",\"a\":[{\"meta\":{\"id\":\"9\"}}],\"meta\":{\"b\":{},\"id\":7}}")
                .id())
        .isEqualTo(first.id())
        .hasSize(16);
    assertThat(good(byId, "{\"meta\":{\"id\":\"8\"},\"a\":1}").id()).isNotEqualTo(first.id());
  }

  @Test
  void otherBytesAreAnotherContent() {
    EventReader.Read.Good first = good(byId, "{\"meta\":{\"id\":\"7\"},\"a\":1}");
    assertThat(good(byId, "{\"meta\":{\"id\":\"7\"},\"a\":1}").payload())
        .isEqualTo(first.payload());
    assertThat(good(byId, "{\"meta\":{\"id\":\"7\"},\"a\":2}").payload())
        .isNotEqualTo(first.payload());
  }

  @Test
  void withoutAnIdTheBytesAreTheId() {
    assertThat(good(byBytes, "{\"a\":1}").id()).isEqualTo(good(byBytes, "{\"a\":1}").id());
    assertThat(good(byBytes, "{\"a\":1}").id()).isNotEqualTo(good(byBytes, "{\"a\":2}").id());
    assertThat(good(reader(List.of("id"), true), "{\"a\":1}").id())
        .isEqualTo(good(byBytes, "{\"a\":1}").id());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "''|it is empty",
        "'  '|it is empty",
        "{\"meta\":{\"id\":1}|it is not JSON",
        "{\"meta\":{\"id\":1}} {}|something follows",
        "{\"meta\":{\"id\":1}}x|it is not JSON",
        "[{\"meta\":{\"id\":1}}]|no object",
        "17|no object",
        "{\"meta\":{\"id\":1},\"a\":1,\"a\":2}|Duplicate field",
        "{\"meta\":{\"id\":1},\"b\":{\"a\":1,\"a\":2}}|Duplicate field",
        "{\"meta\":{\"id\":1},\"b\":[{\"a\":1},[{\"a\":1,\"c\":{\"a\":1},\"a\":2}]]}|Duplicate field 'a'",
        "{\"meta\":{\"id\":1,\"id\":1}}|Duplicate field 'id'",
        "{\"meta\":{\"id\":1},\"a\":1,\"b\":1,\"c\":1,\"d\":1,\"e\":1,\"f\":1,\"g\":1,\"h\":1,\"i\":1,\"j\":1,\"k\":1,\"l\":1,\"m\":1,\"c\":1}|Duplicate field 'c'",
        "{\"meta\":{\"id\":1},\"a\":1,\"b\":1,\"c\":1,\"d\":1,\"e\":1,\"f\":1,\"g\":1,\"h\":1,\"i\":1,\"j\":1,\"k\":1,\"l\":1,\"m\":1,\"m\":1}|Duplicate field 'm'",
        "{\"meta\":{\"id\":1},\"a\":NaN}|it is not JSON",
        "{\"meta\":{\"id\":1},\"a\":01}|it is not JSON",
        "{\"meta\":{\"id\":1},\"a\":'x'}|it is not JSON",
        "{\"meta\":{\"id\":null}}|it has no id: 'meta.id' is missing or null",
        "{\"meta\":{\"id\":\"\"}}|it has no id",
        "{\"meta\":{\"id\":[1]}}|it has no id",
        "{\"meta\":7,\"id\":1}|it has no id",
        "{}|it has no id"
      })
  void whatIsNoEventIsToldWhy(String text, String reason) {
    assertThat(bad(text.getBytes(StandardCharsets.UTF_8))).contains(reason);
  }

  @Test
  void textThatIsNotUtf8IsToldWhere() {
    assertThat(bad("{\"a\":\"\u00e4\"}".getBytes(StandardCharsets.ISO_8859_1)))
        .contains("not UTF-8: byte 6");
    assertThat(bad("{}".getBytes(StandardCharsets.UTF_16LE))).contains("UTF-16");
    assertThat(bad("\ufeff{}".getBytes(StandardCharsets.UTF_8))).contains("byte order mark");
    byte[] late =
        ("{\"a\":\"" + "x".repeat(20_000) + "\u00e4\"}").getBytes(StandardCharsets.ISO_8859_1);
    assertThat(bad(late)).contains("not UTF-8: byte 20006");
  }

  @Test
  void nestingIsBounded() {
    String deep = "{\"meta\":{\"id\":1},\"a\":" + "[".repeat(10_000) + "]".repeat(10_000) + "}";
    assertThat(bad(deep.getBytes(StandardCharsets.UTF_8))).contains("depth");
    String allowed = "{\"meta\":{\"id\":1},\"a\":" + "[".repeat(99) + "]".repeat(99) + "}";
    assertThat(good(byId, allowed).id()).hasSize(16);
  }

  @Test
  void largeNumbersAreTheTablesBusiness() {
    assertThat(good(byId, "{\"meta\":{\"id\":9223372036854775808},\"a\":1e400}").id()).hasSize(16);
  }

  @Test
  void whatDoesNotFitItsSchemaIsToldWhere() {
    EventSchema schema =
        EventSchema.parse(
            "{\"properties\":{\"a\":{\"type\":\"number\",\"multipleOf\":0.1}},\"required\":[\"a\"]}");
    EventReader reader = reader(List.of("id"), false, Optional.of(schema));
    assertThat(good(reader, "{\"id\":1,\"a\":2.5}").id()).hasSize(16);
    assertThat(bad(reader, "{\"id\":1,\"a\":\"2\"}"))
        .isEqualTo("it does not fit its schema: /a: string found, number expected");
    assertThat(bad(reader, "{\"id\":1}")).contains("required property 'a' not found");
    assertThat(bad(reader, "{\"id\":1,\"a\":1e400}")).contains("schema");
  }

  private static String bad(EventReader reader, String text) {
    return ((EventReader.Read.Bad) reader.read(record(text.getBytes(StandardCharsets.UTF_8))))
        .reason();
  }

  private static LogRecord record(byte[] bytes) {
    return new LogRecord(0, 0, Instant.EPOCH, bytes);
  }

  private static EventReader reader(List<String> id, boolean hashWithoutId) {
    return reader(id, hashWithoutId, Optional.empty());
  }

  private static EventReader reader(
      List<String> id, boolean hashWithoutId, Optional<EventSchema> schema) {
    return new EventReader(
        new StreamRules(
            new SourceName("clicks"),
            StreamRules.Fields.of(id),
            schema,
            hashWithoutId,
            true,
            StreamRules.Times.DEFAULT,
            Duration.ofHours(1),
            Duration.ofDays(1),
            Duration.ofSeconds(1),
            StreamRules.Raw.DEFAULT));
  }

  private static EventReader.Read.Good good(EventReader reader, String text) {
    EventReader.Read read = reader.read(record(text.getBytes(StandardCharsets.UTF_8)));
    assertThat(read).as(text).isInstanceOf(EventReader.Read.Good.class);
    return (EventReader.Read.Good) read;
  }

  private String bad(byte[] bytes) {
    EventReader.Read read = byId.read(record(bytes));
    assertThat(read).isInstanceOf(EventReader.Read.Bad.class);
    return ((EventReader.Read.Bad) read).reason();
  }
}
