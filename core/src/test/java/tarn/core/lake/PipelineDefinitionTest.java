package tarn.core.lake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneId;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PipelineDefinitionTest {
  @TempDir private Path dir;

  @BeforeEach
  void aLake() {
    write("lake.yaml", "name: shop\nsmtp:\n  host: mail.example.com\n");
    write(
        "sources/shop.yaml",
        "connection: {host: localhost, database: shop, user: tarn, password: env:P}\ntables: [public.*]\n");
    write("models/sales.sql", "SELECT 1 AS n");
    write("pipelines/load.yaml", "type: jdbc_load\nsource: shop\n");
  }

  @Test
  void aPipelineOfASourceNeedsNoMore() {
    PipelineDefinition load = pipeline("load");

    assertThat(load.type()).isEqualTo(PipelineDefinition.Type.JDBC_LOAD);
    assertThat(load.source()).contains("shop");
    assertThat(load.tables().takes("public.orders")).isTrue();
    assertThat(load.schedule()).isEmpty();
    assertThat(load.enabled()).isTrue();
    assertThat(load.timeout()).contains(Duration.ofDays(1));
    assertThat(load.retries()).isZero();
  }

  @Test
  void everyKeyIsRead() {
    write(
        "pipelines/p.yaml",
        """
        description: All of it.
        type: incremental
        source: shop
        tables:
          public.orders:
          public.log: {enabled: false}
        schedule: cron(0 2 * * ? *)
        time_zone: Europe/Berlin
        after: load
        enabled: false
        timeout: 2h
        retries: 3
        notify:
          - webhook: env:ALERTS
          - email: someone@example.com
        """);

    PipelineDefinition p = pipeline("p");

    assertThat(p.schedule()).contains(Schedule.parse("cron(0 2 * * ? *)"));
    assertThat(p.timeZone()).isEqualTo(ZoneId.of("Europe/Berlin"));
    assertThat(p.after()).contains("load");
    assertThat(p.enabled()).isFalse();
    assertThat(p.timeout()).contains(Duration.ofHours(2));
    assertThat(p.retries()).isEqualTo(3);
    assertThat(p.tables().takes("public.orders")).isTrue();
    assertThat(p.tables().takes("public.log")).isFalse();
    assertThat(p.tables().takes("public.other")).isFalse();
    assertThat(p.recipients())
        .containsExactly(
            new Recipient(Recipient.Kind.WEBHOOK, "env:ALERTS"),
            new Recipient(Recipient.Kind.EMAIL, "someone@example.com"));
  }

  @Test
  void onlyTablesThatAreOffLeaveAllOthersOn() {
    write(
        "pipelines/p.yaml",
        "type: seed\nsource: shop\ntables: {public.log: {enabled: false}, audit.*: {enabled: false}, audit.users: {enabled: true}}\n");
    TableChoice some = pipeline("p").tables();
    assertThat(some.takes("audit.users")).isTrue();
    assertThat(some.takes("audit.trail")).isFalse();
    assertThat(some.takes("public.orders")).as("others are named").isFalse();

    write("pipelines/p.yaml", "type: seed\nsource: shop\ntables: {public.log: {enabled: false}}\n");
    TableChoice others = pipeline("p").tables();
    assertThat(others.takes("public.log")).isFalse();
    assertThat(others.takes("public.orders")).isTrue();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "source: shop|'type' is missing",
        "type: weekly|'weekly' is not one of jdbc_load, seed, incremental, continuous, custom",
        "type: seed|'source' is missing",
        "{type: seed, source: shopp}|unknown source 'shopp'; did you mean 'shop'?",
        "{type: seed, source: shop, models: [sales]}|'models' is for type: custom",
        "{type: continuous, source: shop, tables: [public.a]}|follows all tables of its source",
        "{type: custom}|has either 'models' or 'command'",
        "{type: custom, models: [sales], command: [a]}|has either 'models' or 'command'",
        "{type: custom, models: [sale]}|unknown model 'analytics.sale'; did you mean 'analytics.sales'?",
        "{type: custom, source: shop, command: [a]}|'source' is for pipelines on a source",
        "{type: custom, models: [sales], environment: [A]}|'environment' is for a command",
        "{type: custom, command: [a], schedule: daily}|'daily' is not a schedule like rate(2 hours)",
        "{type: custom, command: [a], schedule: cron(0 2 * * *)}|has six fields",
        "{type: custom, command: [a], time_zone: Europe/Berlin}|is about cron(...)",
        "{type: custom, command: [a], time_zone: Mars}|'Mars' is not a time zone",
        "{type: custom, command: [a], after: laod}|unknown pipeline 'laod'; did you mean 'load'?",
        "{type: custom, command: [a], next_pipeline: nope}|unknown pipeline 'nope'",
        "{type: custom, command: [a], after: p}|in a circle: p → p",
        "{type: custom, command: [a], notify: [{webhook: 'http://example.com/'}]}|this is not a webhook",
        "{type: custom, command: [a], notify: [{webhook: 'https://u:geheim@example.com/'}]}|this is not a webhook",
        "{type: custom, command: [a], notify: [{email: nobody}]}|'nobody' is not an e-mail address",
        "{type: custom, command: [a], notify: [{sms: 1}]}|unknown key 'sms'",
        "{type: custom, command: [a], retries: 21}|'21' is not a whole number, 0 to 20",
      })
  void whatCannotBeIsTold(String text, String problem) {
    write("pipelines/p.yaml", text);
    assertThat(LakeFolder.load(dir).problems())
        .filteredOn(p -> p.file().equals("pipelines/p.yaml"))
        .extracting(Problem::toString)
        .anyMatch(told -> told.contains(problem))
        .noneMatch(told -> told.contains("geheim"));
  }

  @Test
  void circlesAreToldWithTheirNames() {
    write("pipelines/a.yaml", "type: custom\ncommand: [x]\nafter: c\n");
    write("pipelines/b.yaml", "type: custom\ncommand: [x]\nafter: a\nnext_pipeline: c\n");
    write("pipelines/c.yaml", "type: custom\ncommand: [x]\n");
    assertThat(LakeFolder.load(dir).problems())
        .extracting(Problem::message)
        .containsExactly("pipelines start each other in a circle: a → b → c → a");
  }

  @Test
  void mailNeedsAServer() {
    write("lake.yaml", "name: shop\n");
    write("pipelines/p.yaml", "{type: custom, command: [a], notify: [{email: a@example.com}]}");
    assertThat(LakeFolder.load(dir).problems())
        .extracting(Problem::suggestion)
        .containsExactly("write smtp.host in lake.yaml");
    write("lake.yaml", "name: shop\nsmtp: {host: localhost, user: a, password: geheim}\n");
    assertThat(LakeFolder.load(dir).problems())
        .extracting(Problem::message)
        .anyMatch(told -> told.contains("reference to a secret"));
    write("lake.yaml", "name: shop\nsmtp: {host: h, user: a, password: env:P, tls: none}\n");
    assertThat(LakeFolder.load(dir).problems())
        .extracting(Problem::message)
        .containsExactly("a password is not sent to a server without encryption");
  }

  @Test
  void aCommandSetsWhatItMay() {
    PipelineDefinition load = pipeline("load");
    assertThat(load.with("retries", "3").retries()).isEqualTo(3);
    assertThat(load.with("tables.public.log.enabled", "false").tables().takes("public.log"))
        .isFalse();
    assertThat(load.with("timeout", "90s").timeout()).contains(Duration.ofSeconds(90));
    assertThatThrownBy(() -> load.with("retries", "many"))
        .hasMessage("'many' is not a whole number, 0 to 20");
    assertThatThrownBy(() -> load.with("type", "custom"))
        .hasMessageStartingWith("'type' cannot be set by command");
  }

  @Test
  void anotherTextIsAnotherVersion() {
    String before = pipeline("load").fingerprint();
    assertThat(pipeline("load").fingerprint()).isEqualTo(before);
    write("pipelines/load.yaml", "type: jdbc_load\nsource: shop\nretries: 1\n");
    assertThat(pipeline("load").fingerprint()).isNotEqualTo(before);
  }

  private PipelineDefinition pipeline(String name) {
    LakeFolder read = LakeFolder.load(dir);
    assertThat(read.problems()).isEmpty();
    List<PipelineDefinition> all = read.orThrow().pipelines();
    return all.stream().filter(p -> p.pipeline().equals(name)).findFirst().orElseThrow();
  }

  private void write(String file, String text) {
    try {
      Path path = dir.resolve(file);
      Files.createDirectories(path.getParent());
      Files.writeString(path, text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
