package tarn.core.lake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;

class LakeFolderTest {
  @TempDir Path dir;

  @Test
  void aNameIsAllThatALakeMustSay() {
    write("lake.yaml", "name: shop");

    LakeDefinition lake = LakeFolder.load(dir).orThrow();

    assertThat(lake.name()).isEqualTo("shop");
    assertThat(lake.prefix()).isEqualTo("shop");
    assertThat(lake.environment()).isEqualTo("dev");
    assertThat(lake.home()).isEqualTo(dir.toAbsolutePath().resolve(".datalake"));
    assertThat(lake.settings().get(LakeSettings.DURABILITY))
        .isEqualTo(LakeSettings.Durability.FSYNC);
    assertThat(lake.settings().get(LakeSettings.LANDING_SETTLE)).isEqualTo(Duration.ofSeconds(2));
    assertThat(lake.settings().find(LakeSettings.ENGINE_MEMORY)).isEmpty();
  }

  @Test
  void theEnvironmentOverridesKeyByKey() {
    write("lake.yaml", "name: shop\nengine:\n  memory: 4GB\n  workers: 3\n");
    write("environments/prod.yaml", "engine:\n  memory: 64GB\nprefix: shop-eu\n");

    LakeDefinition lake = LakeFolder.load(dir, "prod").orThrow();

    assertThat(lake.environment()).isEqualTo("prod");
    assertThat(lake.prefix()).isEqualTo("shop-eu");
    assertThat(lake.settings().get(LakeSettings.ENGINE_MEMORY)).isEqualTo(ByteSize.parse("64GB"));
    assertThat(lake.settings().get(LakeSettings.ENGINE_WORKERS)).isEqualTo(3);
  }

  @Test
  void anUnknownEnvironmentIsAnErrorThatNamesTheNearest() {
    write("lake.yaml", "name: shop");
    write("environments/prod.yaml", "");

    assertThat(problems("prd"))
        .containsExactly(
            "lake.yaml:1:1: there is no environment 'prd': no file environments/prd.yaml; did you mean 'prod'?");
  }

  @Test
  void aTableIsReadWhole() {
    write("lake.yaml", "name: shop\ntable_defaults: {owner: data-team}\n");
    write(
        "tables/orders.yaml",
        """
        from: orders
        description: One row per order.
        columns:
          total: decimal(12, 2)
          ordered_at: timestamp
        recipe:
          - UPPER_CASE: {sourceColumn: country}
          - RENAME:
              sourceColumn: ts
              targetColumn: ordered_at
        quality:
          - IsComplete "order_id"
          - 'ColumnValues "country" in ["DE", "FR"]'
        key: [order_id]
        ordering: updated_at
        merge: copy-on-write
        partition: [month(ordered_at), "bucket(16, customer_id)", country]
        sort: [ordered_at desc, order_id]
        """);

    TableDefinition table = LakeFolder.load(dir).orThrow().tables().get(0);

    assertThat(table.table()).isEqualTo("clean.orders");
    assertThat(table.from()).isEqualTo("raw.orders");
    assertThat(table.owner()).isEqualTo("data-team");
    assertThat(table.columns())
        .containsEntry("total", Types.DecimalType.of(12, 2))
        .containsEntry("ordered_at", Types.TimestampType.withoutZone());
    assertThat(table.recipe())
        .extracting(s -> s.operation().text())
        .containsExactly("UPPER_CASE", "RENAME");
    assertThat(table.recipe().get(1).operation().place())
        .isEqualTo(new Place("tables/orders.yaml", 8, 5));
    assertThat(table.quality())
        .extracting(RuleText::text)
        .containsExactly("IsComplete \"order_id\"", "ColumnValues \"country\" in [\"DE\", \"FR\"]");
    assertThat(table.write()).isEqualTo(TableDefinition.Write.UPSERT);
    assertThat(table.merge()).isEqualTo(TableDefinition.Merge.COPY_ON_WRITE);
    assertThat(table.ordering()).contains("updated_at");
    assertThat(table.partition())
        .containsExactly(
            new PartitionField(PartitionField.Transform.MONTH, 0, "ordered_at"),
            new PartitionField(PartitionField.Transform.BUCKET, 16, "customer_id"),
            new PartitionField(PartitionField.Transform.IDENTITY, 0, "country"));
    assertThat(table.sort())
        .containsExactly(new SortField("ordered_at", true), new SortField("order_id", false));
    assertThat(table.formatVersion()).isEqualTo(3);
  }

  @Test
  void aTableWithoutAKeyAppendsInFormatTwo() {
    write("lake.yaml", "name: shop");
    write("tables/events.yaml", "from: raw.events\ntable: clean.page_views\n");

    TableDefinition table = LakeFolder.load(dir).orThrow().tables().get(0);

    assertThat(table.table()).isEqualTo("clean.page_views");
    assertThat(table.write()).isEqualTo(TableDefinition.Write.APPEND);
    assertThat(table.formatVersion()).isEqualTo(2);
    assertThat(table.recipe()).isEmpty();
  }

  @Test
  void aModelKeepsTheLineWhereItsSqlBegins() {
    write("lake.yaml", "name: shop");
    write(
        "models/revenue.sql", "---\ndescription: Per month.\npartition: [month]\n---\nSELECT 1\n");
    write("models/plain.sql", "SELECT 2\n");

    List<ModelDefinition> models = LakeFolder.load(dir).orThrow().models();

    assertThat(models)
        .extracting(ModelDefinition::table)
        .containsExactly("analytics.plain", "analytics.revenue");
    assertThat(models).extracting(ModelDefinition::sql).containsExactly("SELECT 2\n", "SELECT 1\n");
    assertThat(models).extracting(ModelDefinition::sqlLine).containsExactly(1, 5);
  }

  @Test
  void everyErrorOfEveryFileIsReportedAtOnce() {
    write(
        "lake.yaml",
        """
        name: My Shop
        durabilty: fsync
        database:
          kind: postgres
          password: hunter2
        engine:
          memory: 4 GB
          threads: 0
        landing: soon
        query: {max_rows: many}
        """);
    write("environments/prod.yaml", "engine:\n\tmemory: 1GB\n");
    write("environments/test.yaml", "environment: other\n");
    write(
        "tables/orders.yaml",
        "fron: orders\nmerge: merge-on-write\npartition: [mnth(a), 'bucket(b)']\n");
    write("tables/customers.yaml", "from: customers\ntable: clean.people\nkey: id\n");
    write("tables/people.yaml", "from: people\ntable: people\nwrite: upsert\n");
    write("tables/Bad-Name.yaml", "from: x\n");
    write("tables/notes.txt", "hello");
    write("models/open.sql", "---\ntable: x\nSELECT 1");
    write("models/empty.sql", "---\ndescripton: x\n---\n  \n");

    assertThat(problems())
        .containsExactly(
            "environments/prod.yaml:2:1: not YAML: found character '\\t(TAB)' that cannot start any token. (Do not use \\t(TAB) for indentation); indent with spaces",
            "environments/test.yaml:1:14: 'environment' belongs into lake.yaml: an environment's file is named after it",
            "lake.yaml:1:7: 'My Shop' is not a name: a-z, 0-9 and '-', at most 40 characters",
            "lake.yaml:2:1: unknown key 'durabilty'; did you mean 'durability'?",
            "lake.yaml:4:9: 'postgres' is not one of sqlite, postgresql; did you mean 'postgresql'?",
            "lake.yaml:5:3: a secret does not belong into the lake folder; name a file with password_file, or an environment variable with password_env",
            "lake.yaml:7:11: '4 GB' is not a number with B, KB, MB, GB or TB, like 128MB",
            "lake.yaml:8:12: '0' is not a whole number, 1 to 1024",
            "lake.yaml:9:10: expected 'key: value' lines in 'landing', found 'soon'",
            "lake.yaml:10:19: 'many' is not a whole number, 1 to 1000000000",
            "models/empty.sql:2:1: unknown key 'descripton'; did you mean 'description'?",
            "models/empty.sql:4:1: there is no SQL: one SELECT is expected",
            "models/open.sql:1:1: the front matter has no end; close it with a line '---' before the SQL",
            "tables/Bad-Name.yaml:1:1: the file's name 'Bad-Name' cannot be a table's: a-z, 0-9 and '_', starting with a letter; rename the file, or write 'table: clean.<name>'",
            "tables/customers.yaml:3:6: expected a list, found 'id'; write [a, b], or one '- ' line per item",
            "tables/notes.txt:1:1: only files ending in .yaml are read from tables/; rename or remove it",
            "tables/orders.yaml:1:1: unknown key 'fron'; did you mean 'from'?",
            "tables/orders.yaml:1:1: 'from' is missing; The dataset of the raw zone that the table is made from.",
            "tables/orders.yaml:2:8: 'merge-on-write' is not one of merge-on-read, copy-on-write; did you mean 'merge-on-read'?",
            "tables/orders.yaml:3:13: 'mnth(a)' is not a partition: a column, or one of identity, year, month, day, hour, bucket, truncate with a column in parentheses; did you mean month?",
            "tables/orders.yaml:3:22: 'bucket(b)' is not a partition: bucket(n, column) with n from 1 to 1000000",
            "tables/people.yaml:2:8: the table clean.people is already declared in tables/customers.yaml",
            "tables/people.yaml:3:8: write: upsert needs a key; write key: [column]");
  }

  @Test
  void theFirstErrorIsTheFailureAndTheOthersAreCounted() {
    write("lake.yaml", "nam: shop\nhom: x\n");

    assertThatThrownBy(() -> LakeFolder.load(dir).orThrow())
        .isInstanceOfSatisfying(
            TarnException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.DEFINITION_INVALID))
        .hasMessage(
            "lake.yaml:1:1: unknown key 'nam'; did you mean 'name'? (and 2 more: `datalake validate` lists them all)");
  }

  @Test
  void aFolderWithoutALakeSaysHowToMakeOne() {
    assertThat(problems())
        .singleElement()
        .asString()
        .contains("there is no lake.yaml in")
        .endsWith("`datalake init` makes one");
  }

  @Test
  void aUrlThatMayHaveASecretIsNeverRepeated() {
    write(
        "lake.yaml",
        """
        name: shop
        database:
          kind: postgresql
          url: jdbc:postgresql://h/db?user=a&password=hunter2
        storage: {kind: s3, endpoint: "http://a:hunter2@host"}
        """);
    write("environments/dev.yaml", "database: {url: postgres.hunter2}");

    assertThat(LakeFolder.load(dir).problems().toString()).doesNotContain("hunter2");
    assertThat(problems())
        .satisfiesExactly(
            p -> assertThat(p).contains("this is not a PostgreSQL URL"),
            p -> assertThat(p).contains("this URL has a password"),
            p -> assertThat(p).contains("this URL has a password"));
  }

  @Test
  void noProblemRepeatsASecretWrittenByMistake() {
    write("lake.yaml", "name: shop\nstorage:\n  secret_key: hunter2\n  access_key: hunter2\n");

    assertThat(LakeFolder.load(dir).problems().toString()).doesNotContain("hunter2");
    assertThat(problems()).hasSize(2);
  }

  @Test
  void settingsThatContradictEachOtherAreErrors() {
    write(
        "lake.yaml",
        """
        name: a-name-that-is-forty-characters-long-xxxx
        environment: an-environment-with-a-long-name
        database: {url: "jdbc:postgresql://h/db", password_file: p, password_env: P}
        storage: {endpoint: "http://localhost:9000", access_key_env: K}
        maintenance: {small_file_size: 256MB}
        """);
    write("environments/an-environment-with-a-long-name.yaml", "");

    assertThat(LakeFolder.load(dir).problems())
        .extracting(Problem::message)
        .satisfiesExactly(
            m -> assertThat(m).contains("at most 40 characters"),
            m -> assertThat(m).contains("'database.url' is for kind postgresql"),
            m ->
                assertThat(m)
                    .contains("'database.password_file' and 'database.password_env' exclude"),
            m -> assertThat(m).contains("'storage.endpoint' is for kind s3"),
            m -> assertThat(m).contains("go together"),
            m -> assertThat(m).contains("is larger than target_file_size"));
  }

  @Test
  void bucketNamesMustNotBeTooLong() {
    write("lake.yaml", "name: " + "a".repeat(40) + "\nenvironment: " + "b".repeat(20));
    write("environments/" + "b".repeat(20) + ".yaml", "");

    assertThat(problems()).singleElement().asString().contains("is longer than 63 characters");
  }

  @Test
  void aMisspelledFolderIsAWarningAndTheLakeWorks() throws IOException {
    write("lake.yaml", "name: shop");
    Files.createDirectory(dir.resolve("table"));

    LakeFolder folder = LakeFolder.load(dir);

    assertThat(folder.problems())
        .extracting(Problem::toString)
        .containsExactly(
            "table:1:1: warning: the folder table/ is not read; did you mean 'tables'?");
    assertThat(folder.definition()).isPresent();
  }

  @Test
  void aFileThatIsNotUtf8NamesTheLine() throws IOException {
    write("lake.yaml", "name: shop");
    Files.createDirectory(dir.resolve("tables"));
    Files.write(
        dir.resolve("tables/x.yaml"),
        "from: x\nowner: J\u00e4ger\n".getBytes(StandardCharsets.ISO_8859_1));

    assertThat(problems())
        .containsExactly("tables/x.yaml:2:1: the file is not UTF-8; save it as UTF-8");
  }

  private List<String> problems() {
    return LakeFolder.load(dir).problems().stream().map(Problem::toString).toList();
  }

  private List<String> problems(String environment) {
    return LakeFolder.load(dir, environment).problems().stream().map(Problem::toString).toList();
  }

  private void write(String file, String text) {
    try {
      Files.createDirectories(dir.resolve(file).getParent());
      Files.writeString(dir.resolve(file), text);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
