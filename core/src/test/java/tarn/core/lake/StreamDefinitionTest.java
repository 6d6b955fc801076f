package tarn.core.lake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tarn.core.ledger.SourceName;

class StreamDefinitionTest {
  @TempDir Path dir;

  @BeforeEach
  void aLake() {
    write("lake.yaml", "name: shop");
  }

  @Test
  void anEmptyFileIsAStream() {
    write("streams/clicks.yaml", "");

    StreamDefinition clicks = stream();

    assertThat(clicks.stream()).isEqualTo("clicks");
    assertThat(clicks.shards()).isEqualTo(1);
    assertThat(clicks.retention()).isEqualTo(Duration.ofDays(7));
    assertThat(clicks.dedupWindow()).isEqualTo(Duration.ofHours(24));
    assertThat(clicks.longestOutage()).isEqualTo(Duration.ofHours(24));
    assertThat(clicks.freshness()).isEqualTo(Duration.ofSeconds(2));
    assertThat(clicks.id()).isEmpty();
    assertThat(clicks.noId()).isEqualTo(StreamDefinition.NoId.HASH);
    assertThat(clicks.onConflict()).isEqualTo(StreamDefinition.OnConflict.QUARANTINE);
  }

  @Test
  void everyKeyOfAStreamIsRead() {
    write(
        "streams/clicks.yaml",
        """
        description: One click.
        shards: 4
        retention: 3d
        dedup_window: 2d
        longest_outage: 12h
        id: meta.id
        partition_key: user.account.id
        no_id: hash
        on_conflict: ignore
        freshness: 500ms
        schema: schemas/click.json
        type: kind
        subtype: part.kind
        time: at
        late_after: 5d
        on_late: reject
        future_after: 1m
        on_future: reject
        no_time: reject
        raw: keep
        raw_interval: 5m
        raw_size: 1MB
        """);

    write("schemas/click.json", "{\"required\": [\"kind\"]}");

    StreamDefinition clicks = stream();

    assertThat(clicks.schema()).contains(EventSchema.parse("{\"required\": [\"kind\"]}"));
    assertThat(StreamSettings.ALL).allMatch(clicks.settings()::has);
    assertThat(clicks.description()).isEqualTo("One click.");
    assertThat(clicks.shards()).isEqualTo(4);
    assertThat(clicks.retention()).isEqualTo(Duration.ofDays(3));
    assertThat(clicks.dedupWindow()).isEqualTo(Duration.ofDays(2));
    assertThat(clicks.longestOutage()).isEqualTo(Duration.ofHours(12));
    assertThat(clicks.id()).contains(new FieldPath(List.of("meta", "id")));
    assertThat(clicks.partitionKey()).contains(new FieldPath(List.of("user", "account", "id")));
    assertThat(clicks.noId()).isEqualTo(StreamDefinition.NoId.HASH);
    assertThat(clicks.onConflict()).isEqualTo(StreamDefinition.OnConflict.IGNORE);
    assertThat(clicks.freshness()).isEqualTo(Duration.ofMillis(500));
    assertThat(clicks.type()).contains(new FieldPath(List.of("kind")));
    assertThat(clicks.subtype()).contains(new FieldPath(List.of("part", "kind")));
    assertThat(clicks.time()).contains(new FieldPath(List.of("at")));
    assertThat(clicks.raw()).isEqualTo(StreamDefinition.Raw.KEEP);
  }

  @Test
  void withAnIdAnEventWithoutItIsRejected() {
    write("streams/clicks.yaml", "id: event_id");

    assertThat(stream().noId()).isEqualTo(StreamDefinition.NoId.REJECT);
  }

  @Test
  void streamsComeByNameAlsoBesideADatasetOfTheSameName() {
    write("streams/page.yaml", "");
    write("streams/page-clicks.yaml", "");
    write("datasets/page.yaml", "format: json");

    assertThat(LakeFolder.load(dir).orThrow().streams())
        .extracting(StreamDefinition::stream)
        .containsExactly("page", "page-clicks");
    assertThat(LakeFolder.files(dir)).contains("streams/page-clicks.yaml", "streams/page.yaml");
  }

  @Test
  void everyErrorOfEveryStreamIsReportedAtOnce() {
    write(
        "streams/clicks.yaml",
        """
        shards: 101
        retention: 366d
        dedup_window: 0s
        longest_outage: long
        id: $.event_id
        partition_key: 'a..b'
        no_id: drop
        on_conflict: last
        freshness: 100ms
        frehsness: 1s
        """);
    write("streams/Bad Name.yaml", "");
    write("streams/notes.txt", "hello");
    write("streams/orders.yaml", "- a\n");

    String path =
        " is not a field like event_id or meta.id: up to 16 names with dots between them, without '$.', spaces, quotes, brackets, '*' and '/'";
    assertThat(problems())
        .containsExactly(
            "streams/Bad Name.yaml:1:1: the file's name 'Bad Name' cannot be a stream's: a-z, 0-9, '_' and '-', starting with a letter, at most 63; rename the file",
            "streams/clicks.yaml:1:9: '101' is not a whole number, 1 to 100",
            "streams/clicks.yaml:2:12: '366d' is not a duration, 1h to 365d",
            "streams/clicks.yaml:3:15: '0s' is not a duration, 1s to 30d",
            "streams/clicks.yaml:4:17: 'long' is not a number with ms, s, m, h or d, like 10s or 7d",
            "streams/clicks.yaml:5:5: '$.event_id'" + path,
            "streams/clicks.yaml:6:16: 'a..b'" + path,
            "streams/clicks.yaml:7:8: 'drop' is not one of hash, reject",
            "streams/clicks.yaml:8:14: 'last' is not one of quarantine, ignore",
            "streams/clicks.yaml:9:12: '100ms' is not a duration, 200ms to 15m",
            "streams/clicks.yaml:10:1: unknown key 'frehsness'; did you mean 'freshness'?",
            "streams/notes.txt:1:1: only files ending in .yaml are read from streams/; rename or remove it",
            "streams/orders.yaml:1:1: expected 'key: value' lines in the file, found a list");
  }

  @Test
  void aStreamThatContradictsItselfIsRefused() {
    write("streams/a.yaml", "retention: 30h\nlongest_outage: 12h\n");
    write("streams/b.yaml", "dedup_window: 144h\nlongest_outage: 25h\n");
    write("streams/c.yaml", "no_id: reject\non_conflict: ignore\n");

    assertThat(problems())
        .containsExactly(
            "streams/a.yaml:1:12: 'retention' (30h) is shorter than dedup_window (1d) and longest_outage (12h) together; write retention: 36h or longer, or shorten one of them",
            "streams/b.yaml:1:15: 'retention' (7d) is shorter than dedup_window (6d) and longest_outage (25h) together; write retention: 169h or longer, or shorten one of them",
            "streams/c.yaml:1:8: no_id: reject refuses events without id, but no field has the id: it would refuse all; write id: <field>, or remove no_id",
            "streams/c.yaml:2:14: 'on_conflict' is about events with one id and different content, but no field has the id; write id: <field>, or remove on_conflict");
  }

  @Test
  void foldersAndTimesThatCannotBeAreRefused() {
    write("streams/a.yaml", "subtype: kind\nno_time: reject\nlate_after: 1d\n");
    write("streams/b.yaml", "raw: none\n");

    assertThat(problems())
        .containsExactly(
            "streams/a.yaml:1:10: 'subtype' is a part of the type, but no field has the type; write type: <field>, or remove subtype",
            "streams/a.yaml:2:10: 'no_time' is about the times of events, but no field has the time; write time: <field>, or remove no_time",
            "streams/a.yaml:3:13: 'late_after' is about the times of events, but no field has the time; write time: <field>, or remove late_after",
            "streams/b.yaml:1:6: raw: none keeps events until every table has them, but no table is made of them; write tables/b.yaml with 'from: b'");
  }

  @Test
  void aSchemaThatIsNoneIsRefused() {
    write("streams/a.yaml", "schema: schemas/none.json\n");
    write("streams/b.yaml", "schema: schemas/b.json\n");
    write("streams/c.yaml", "schema: schemas/c.json\n");
    write("streams/d.yaml", "schema: /etc/passwd\n");
    write("streams/e.yaml", "schema: schemas/e.json\n");
    write("schemas/b.json", "{\"type\": \"objekt\"}");
    write("schemas/c.json", "{\"type\": ");
    write("schemas/e.json", "{\"$ref\": \"file:///etc/passwd\"}");

    assertThat(problems())
        .containsExactly(
            "schemas/b.json:1:1: it is no JSON Schema: /type: does not have a value in the enumeration [\"array\", \"boolean\", \"integer\", \"null\", \"number\", \"object\", \"string\"]",
            "schemas/c.json:1:1: it is no JSON Schema: it is not JSON: Unexpected end-of-input within/between Object entries",
            "schemas/e.json:1:1: it is no JSON Schema: java.io.FileNotFoundException: file:///etc/passwd",
            "streams/a.yaml:1:9: there is no file schemas/none.json in the lake folder",
            "streams/d.yaml:1:9: '/etc/passwd' is not a file like schemas/clicks.json");
    assertThat(LakeFolder.files(dir)).contains("schemas/b.json");
  }

  @Test
  void whatIsGivenUpIsTold() {
    write("streams/a-b.yaml", "raw: none\n");
    write("streams/c.yaml", "time: at\n");
    write("tables/x.yaml", "from: raw.a_b\n");
    write("tables/y.yaml", "from: c\nkey: [id]\n");

    assertThat(problems())
        .containsExactly(
            "streams/a-b.yaml:1:6: warning: events are removed from raw when clean.x has them: no backfill and no replay, and no other table can be made of them later; if that may be needed, remove raw: none",
            "tables/y.yaml:1:1: warning: clean.y keeps the row of each key that landed last, but the stream c keeps its events by type and day: made anew from raw, the table may keep another one; write ordering: <column>");
  }

  @Test
  void aRetentionOfExactlyBothIsEnough() {
    write("streams/a.yaml", "retention: 36h\nlongest_outage: 12h\n");

    assertThat(problems()).isEmpty();
  }

  @Test
  void aValueThatIsNotUnderstoodIsNotCalledMissingToo() {
    write("streams/a.yaml", "id: a b\nno_id: reject\n");

    assertThat(problems()).singleElement().asString().contains("'a b' is not a field");
  }

  @Test
  void aMisspelledFolderIsSuggested() {
    write("stream/clicks.yaml", "");

    assertThat(problems())
        .containsExactly(
            "stream:1:1: warning: the folder stream/ is not read; did you mean 'streams'?");
  }

  @ParameterizedTest
  @ValueSource(strings = {"a", "a_b-c9"})
  void everyNameOfAStreamIsThatOfASource(String name) {
    write("streams/" + name + ".yaml", "");

    assertThat(stream().stream()).isEqualTo(new SourceName(name).toString());
    assertNoStream("9" + name);
    assertNoStream(name + "x".repeat(63));
  }

  private void assertNoStream(String name) {
    write("streams/" + name + ".yaml", "");

    assertThat(problems().toString()).contains("'" + name + "' cannot be a stream's");
    assertThatThrownBy(() -> new SourceName(name)).hasMessageContaining(name);
  }

  @Test
  void theLogIsLocalUnlessItIsAClusterByOneSettingAndCredentials() {
    assertThat(LakeFolder.load(dir).orThrow().settings().get(LakeSettings.LOG_KIND))
        .isEqualTo(LakeSettings.LogKind.LOCAL);
    write(
        "lake.yaml",
        """
        name: shop
        log:
          kind: kafka
          bootstrap: "broker-1.example:9092,[::1]:9093"
          user: lake
          password_file: kafka.secret
        """);

    Settings settings = LakeFolder.load(dir).orThrow().settings();

    assertThat(settings.get(LakeSettings.LOG_KIND)).isEqualTo(LakeSettings.LogKind.KAFKA);
    assertThat(settings.find(LakeSettings.LOG_BOOTSTRAP))
        .contains("broker-1.example:9092,[::1]:9093");
    assertThat(settings.get(LakeSettings.LOG_PREFIX)).isEqualTo("tarn.");
  }

  @Test
  void settingsOfTheLogThatContradictEachOtherAreErrors() {
    write(
        "lake.yaml",
        """
        name: shop
        log: {bootstrap: "h:1", user: u, password_file: f, password_env: P, prefix: x}
        """);
    assertThat(problems())
        .containsExactly(
            "lake.yaml:2:18: 'log.bootstrap' is for kind kafka, but the kind is local; write kind: kafka, or remove it",
            "lake.yaml:2:31: 'log.user' is for kind kafka, but the kind is local; write kind: kafka, or remove it",
            "lake.yaml:2:49: 'log.password_file' is for kind kafka, but the kind is local; write kind: kafka, or remove it",
            "lake.yaml:2:66: 'log.password_file' and 'log.password_env' exclude each other",
            "lake.yaml:2:66: 'log.password_env' is for kind kafka, but the kind is local; write kind: kafka, or remove it",
            "lake.yaml:2:77: 'log.prefix' is for kind kafka, but the kind is local; write kind: kafka, or remove it");

    write("lake.yaml", "name: shop\nlog: {kind: kafka, password_env: P}\n");
    assertThat(problems())
        .containsExactly(
            "lake.yaml:2:13: 'log.bootstrap' is missing: kind kafka needs it; write bootstrap: host:9092",
            "lake.yaml:2:34: 'log.user' is missing: there is a password; write user: <name>, or remove the password");

    write("lake.yaml", "name: shop\nlog: {kind: kafka, bootstrap: localhost, user: u}\n");
    assertThat(problems())
        .containsExactly(
            "lake.yaml:2:31: this is not a list of Kafka brokers like host:9092 or host1:9092,host2:9092",
            "lake.yaml:2:48: the password of 'log.user' is missing; name a file with password_file, or an environment variable with password_env");
  }

  @Test
  void thePasswordOfTheLogIsRefusedAndNeverRepeated() {
    write(
        "lake.yaml",
        "name: shop\nlog: {kind: kafka, bootstrap: 'kafka://u:hunter2@h:9092', password: hunter2}\n");
    write("streams/clicks.yaml", "password: hunter2");

    assertThat(LakeFolder.load(dir).problems().toString()).doesNotContain("hunter2");
    assertThat(problems())
        .containsExactly(
            "lake.yaml:2:31: a secret does not belong into the lake folder: this URL has a password; name a file or an environment variable that has it, with the settings beside this one",
            "lake.yaml:2:59: a secret does not belong into the lake folder; name a file with password_file, or an environment variable with password_env",
            "streams/clicks.yaml:1:1: a secret does not belong into the lake folder; name a file with password_file, or an environment variable with password_env");
  }

  private StreamDefinition stream() {
    return LakeFolder.load(dir).orThrow().streams().get(0);
  }

  private List<String> problems() {
    return LakeFolder.load(dir).problems().stream().map(Problem::toString).toList();
  }

  private void write(String file, String text) {
    try {
      Files.createDirectories(dir.resolve(file).getParent());
      Files.writeString(dir.resolve(file), text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
