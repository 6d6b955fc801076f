package tarn.core.lake;

import java.time.Duration;
import java.util.List;

/** Every setting of {@code lake.yaml} and {@code environments/*.yaml}. */
public final class LakeSettings {
  private static final String BROKER = "([A-Za-z0-9._-]+|\\[[0-9A-Fa-f:]+\\]):[0-9]{1,5}";

  /** How much survives a power loss. */
  public enum Durability {
    FSYNC,
    NONE
  }

  /** Which database keeps catalog, ledger and state. */
  public enum DatabaseKind {
    SQLITE,
    POSTGRESQL
  }

  /** Where the zones are. */
  public enum StorageKind {
    LOCAL,
    S3
  }

  /** Which log keeps the events of streams. */
  public enum LogKind {
    LOCAL,
    KAFKA
  }

  /** How e-mail goes to the server that takes it. */
  public enum SmtpTls {
    STARTTLS,
    TLS,
    NONE
  }

  public static final Setting<String> NAME =
      Setting.required(
          "name",
          Types.text("name: a-z, 0-9 and '-', at most 40 characters", Types.BUCKET_PART),
          "The lake's name.");
  public static final Setting<String> PREFIX =
      Setting.optional(
          "prefix",
          Types.text("prefix: a-z, 0-9 and '-', at most 40 characters", Types.BUCKET_PART),
          "the lake's name",
          "First part of the bucket names <prefix>-<zone>-<environment>.");
  public static final Setting<String> ENVIRONMENT =
      Setting.of(
          "environment",
          Types.text("name: a-z, 0-9 and '-', at most 40 characters", Types.BUCKET_PART),
          "dev",
          "The environment that holds if a command names none; its file is environments/<environment>.yaml.");
  public static final Setting<String> HOME =
      Setting.of(
          "home",
          Types.text(),
          ".datalake",
          "Where state lives (zones, catalog, logs); relative to the lake folder. Not meant for version control.");
  public static final Setting<Durability> DURABILITY =
      Setting.of(
          "durability",
          Types.choice(Durability.class),
          Durability.FSYNC,
          "fsync: what was acknowledged survives a power loss. none: it survives a crash of the process only; for tests and throwaway lakes.");

  public static final Setting<DatabaseKind> DATABASE_KIND =
      Setting.of(
          "database.kind",
          Types.choice(DatabaseKind.class),
          DatabaseKind.SQLITE,
          "Which database keeps catalog, ledger and state. sqlite is a file in the lake's home.");
  public static final Setting<String> DATABASE_URL =
      Setting.optional(
          "database.url",
          Types.url(
              "PostgreSQL URL like jdbc:postgresql://host:5432/database", "jdbc:postgresql:.+"),
          "",
          "The PostgreSQL database; required with kind: postgresql.");
  public static final Setting<String> DATABASE_USER =
      Setting.optional("database.user", Types.text(), "", "The PostgreSQL user.");
  public static final Setting<String> DATABASE_PASSWORD_FILE =
      Setting.optional(
          "database.password_file",
          Types.text(),
          "",
          "A file whose first line is the password; relative to the lake folder.");
  public static final Setting<String> DATABASE_PASSWORD_ENV =
      Setting.optional(
          "database.password_env",
          Types.text("name of an environment variable", "[A-Za-z_][A-Za-z0-9_]*"),
          "",
          "An environment variable that has the password.");
  public static final Setting<String> DATABASE_SCHEMA =
      Setting.of(
          "database.schema",
          Types.text(
              "schema name: a-z, 0-9 and '_', starting with a letter", "[a-z][a-z0-9_]{0,62}"),
          "tarn",
          "The PostgreSQL schema that holds Tarn's tables.");

  public static final Setting<StorageKind> STORAGE_KIND =
      Setting.of(
          "storage.kind",
          Types.choice(StorageKind.class),
          StorageKind.LOCAL,
          "Where the zones are: folders in the lake's home, or buckets behind the S3 API.");
  public static final Setting<String> STORAGE_ENDPOINT =
      Setting.optional(
          "storage.endpoint",
          Types.url("URL like https://host:9000", "https?://.+"),
          "AWS's own",
          "The S3 API's address.");
  public static final Setting<String> STORAGE_REGION =
      Setting.of(
          "storage.region",
          Types.text("region like eu-central-1", "[a-z0-9-]{2,40}"),
          "us-east-1",
          "The buckets' region.");
  public static final Setting<String> STORAGE_ACCESS_KEY_ENV =
      Setting.optional(
          "storage.access_key_env",
          Types.text("name of an environment variable", "[A-Za-z_][A-Za-z0-9_]*"),
          "",
          "An environment variable that has the access key's id.");
  public static final Setting<String> STORAGE_SECRET_KEY_ENV =
      Setting.optional(
          "storage.secret_key_env",
          Types.text("name of an environment variable", "[A-Za-z_][A-Za-z0-9_]*"),
          "",
          "An environment variable that has the secret access key.");
  public static final Setting<String> STORAGE_CREDENTIALS_FILE =
      Setting.optional(
          "storage.credentials_file",
          Types.text(),
          "the AWS SDK's own search",
          "A file in the AWS CLI's credentials format, profile [default]; relative to the lake folder.");
  public static final Setting<ByteSize> STORAGE_CACHE =
      Setting.of(
          "storage.cache",
          Types.size("64MB", "100TB"),
          ByteSize.parse("10GB"),
          "How much disk the local copies of S3 objects may take.");

  public static final Setting<ByteSize> ENGINE_MEMORY =
      Setting.optional(
          "engine.memory",
          Types.size("256MB", "16TB"),
          "half of the machine's memory",
          "What all engine workers together may use.");
  public static final Setting<Long> ENGINE_THREADS =
      Setting.optional(
          "engine.threads",
          Types.integer(1, 1024),
          "the machine's cores",
          "Threads of one engine worker.");
  public static final Setting<Long> ENGINE_WORKERS =
      Setting.of(
          "engine.workers",
          Types.integer(1, 64),
          2L,
          "How many engine workers run at once; further work waits.");
  public static final Setting<ByteSize> ENGINE_SPILL =
      Setting.of(
          "engine.spill",
          Types.size("0B", "100TB"),
          ByteSize.parse("50GB"),
          "How much disk all engine workers together may use when memory is short.");
  public static final Setting<Duration> ENGINE_QUERY_TIMEOUT =
      Setting.of(
          "engine.query_timeout",
          Types.duration("1s", "1d"),
          Duration.ofMinutes(5),
          "After this long a query is ended.");
  public static final Setting<Duration> ENGINE_LOAD_TIMEOUT =
      Setting.of(
          "engine.load_timeout",
          Types.duration("1s", "7d"),
          Duration.ofHours(6),
          "After this long a load, a model or a compaction is ended.");

  public static final Setting<Long> QUERY_MAX_ROWS =
      Setting.of(
          "query.max_rows",
          Types.integer(1, 1_000_000_000),
          1_000_000L,
          "The most rows a query returns; a longer result is cut, and says so.");
  public static final Setting<ByteSize> QUERY_MAX_BYTES =
      Setting.of(
          "query.max_bytes",
          Types.size("1KB", "1TB"),
          ByteSize.parse("256MB"),
          "The most bytes a query returns; a larger result is cut, and says so.");

  public static final Setting<Duration> LANDING_SETTLE =
      Setting.of(
          "landing.settle",
          Types.duration("0s", "1h"),
          Duration.ofSeconds(2),
          "A file copied into the landing folder by hand is taken once it has not changed for this long.");

  public static final Setting<LogKind> LOG_KIND =
      Setting.of(
          "log.kind",
          Types.choice(LogKind.class),
          LogKind.LOCAL,
          "Which log keeps the events of streams until they are in the lake: one in the lake's home that the server runs, or a Kafka cluster of your own.");
  public static final Setting<String> LOG_BOOTSTRAP =
      Setting.optional(
          "log.bootstrap",
          Types.url(
              "list of Kafka brokers like host:9092 or host1:9092,host2:9092",
              BROKER + "(," + BROKER + ")*"),
          "",
          "Brokers of the Kafka cluster, from which the others are learned; required with kind: kafka.");
  public static final Setting<String> LOG_USER =
      Setting.optional("log.user", Types.text(), "", "The Kafka user (SASL/SCRAM).");
  public static final Setting<String> LOG_PASSWORD_FILE =
      Setting.optional(
          "log.password_file",
          Types.text(),
          "",
          "A file whose first line is the Kafka user's password; relative to the lake folder.");
  public static final Setting<String> LOG_PASSWORD_ENV =
      Setting.optional(
          "log.password_env",
          Types.text("name of an environment variable", "[A-Za-z_][A-Za-z0-9_]*"),
          "",
          "An environment variable that has the Kafka user's password.");
  public static final Setting<Long> LOG_PORT =
      Setting.of(
          "log.port",
          Types.integer(0, 65_535),
          0L,
          "The port on 127.0.0.1 where Kafka's clients find the lake's own log; 0 for any free one.");
  public static final Setting<String> LOG_PREFIX =
      Setting.of(
          "log.prefix",
          Types.text(
              "prefix of topic names: letters, digits, '.', '_' and '-', at most 100 characters",
              "[A-Za-z0-9][A-Za-z0-9._-]{0,99}"),
          "tarn.",
          "What the names of the streams' topics begin with. Lakes and environments that share a Kafka cluster need different ones.");

  public static final Setting<Boolean> GATEWAY_ENABLED =
      Setting.optional(
          "gateway.enabled",
          Types.flag(),
          "once the lake has a stream, or somebody asks with `datalake env`",
          "Whether AWS's services (Kinesis, Firehose) are offered on a port of this machine, to those who have the lake's access key.");
  public static final Setting<Long> GATEWAY_PORT =
      Setting.of(
          "gateway.port",
          Types.integer(0, 65_535),
          4566L,
          "The port of AWS's services on 127.0.0.1. If it is taken, and with 0, any free one: `datalake env` and `datalake status` tell it.");
  public static final Setting<String> GATEWAY_REGION =
      Setting.of(
          "gateway.region",
          Types.text("region like eu-central-1", "[a-z]{2}(-[a-z]+)+-[0-9]{1,2}"),
          "us-east-1",
          "The region that the lake's ARNs name.");

  public static final Setting<String> SMTP_HOST =
      Setting.optional(
          "smtp.host",
          Types.text("host name or address", "[A-Za-z0-9][A-Za-z0-9.:_-]{0,252}"),
          "none",
          "The server that takes e-mail, for pipelines whose `notify` has addresses.");
  public static final Setting<Long> SMTP_PORT =
      Setting.of("smtp.port", Types.integer(1, 65_535), 587L, "Its port.");
  public static final Setting<SmtpTls> SMTP_TLS =
      Setting.of(
          "smtp.tls",
          Types.choice(SmtpTls.class),
          SmtpTls.STARTTLS,
          "starttls: encrypted after the first words (port 587). tls: encrypted from the beginning (port 465). none: not at all, for a server on this machine. The server's certificate is checked, its name too.");
  public static final Setting<String> SMTP_USER =
      Setting.optional("smtp.user", Types.text(), "none: no login", "The user.");
  public static final Setting<String> SMTP_PASSWORD =
      Setting.optional(
          "smtp.password",
          Types.secret(),
          "none",
          "Where the user's password is: env:<environment variable of the server>, file:<path, relative to the lake folder; its first line counts> or aws-secretsmanager:<name or ARN>, with #<key> for another entry of a JSON object than password. Never the password itself.");
  public static final Setting<String> SMTP_FROM =
      Setting.of(
          "smtp.from",
          Types.text("e-mail address", "[^\\s@,;<>\"]+@[A-Za-z0-9][A-Za-z0-9.-]*"),
          "tarn@localhost",
          "The address that e-mail comes from.");

  public static final Setting<Duration> MAINTENANCE_SNAPSHOT_RETENTION =
      Setting.of(
          "maintenance.snapshot_retention",
          Types.duration("0s", "3650d"),
          Duration.ofDays(7),
          "How far back time travel reaches: older snapshots are expired.");
  public static final Setting<Long> MAINTENANCE_MIN_SNAPSHOTS =
      Setting.of(
          "maintenance.min_snapshots",
          Types.integer(1, 10_000),
          5L,
          "So many snapshots are kept however old they are.");
  public static final Setting<Duration> MAINTENANCE_ORPHAN_GRACE =
      Setting.of(
          "maintenance.orphan_grace",
          Types.duration("1m", "3650d"),
          Duration.ofDays(3),
          "Files that no snapshot lists are removed when they are this old. Longer than the longest load or foreign reader.");
  public static final Setting<ByteSize> MAINTENANCE_TARGET_FILE_SIZE =
      Setting.of(
          "maintenance.target_file_size",
          Types.size("1MB", "4GB"),
          ByteSize.parse("128MB"),
          "The size of data files that loads and compaction aim at.");
  public static final Setting<ByteSize> MAINTENANCE_SMALL_FILE_SIZE =
      Setting.of(
          "maintenance.small_file_size",
          Types.size("0B", "4GB"),
          ByteSize.parse("32MB"),
          "Compaction rewrites files smaller than this, if a partition has several.");

  public static final Setting<List<LifecycleRule>> LIFECYCLE =
      Setting.optional(
          "lifecycle",
          Types.listOf(new LifecycleRuleType()),
          "objects in temp expire after 7 days",
          "What becomes of files as they grow old: when raw files are archived, and when files expire. A list of rules, each with zone (raw, archive or temp), prefix, transition: {after, storage_class} and expire: {after}.");

  public static final Setting<TableDefinition.Merge> TABLE_MERGE =
      Setting.of(
          "table_defaults.merge",
          Types.choice(TableDefinition.Merge.class),
          TableDefinition.Merge.MERGE_ON_READ,
          "How upserts rewrite, for tables that do not say.");
  public static final Setting<Long> TABLE_FORMAT_VERSION =
      Setting.optional(
          "table_defaults.format_version",
          Types.integer(2, 3),
          "2 for tables without a key, 3 for tables with one",
          "The Iceberg format version of new tables that do not say. Athena cannot read 3.");
  public static final Setting<String> TABLE_OWNER =
      Setting.of(
          "table_defaults.owner", Types.text(), "", "Whom to ask about tables that do not say.");

  /** All of them, in the order of the docs. */
  public static final List<Setting<?>> ALL =
      List.of(
          NAME,
          PREFIX,
          ENVIRONMENT,
          HOME,
          DURABILITY,
          DATABASE_KIND,
          DATABASE_URL,
          DATABASE_USER,
          DATABASE_PASSWORD_FILE,
          DATABASE_PASSWORD_ENV,
          DATABASE_SCHEMA,
          STORAGE_KIND,
          STORAGE_ENDPOINT,
          STORAGE_REGION,
          STORAGE_ACCESS_KEY_ENV,
          STORAGE_SECRET_KEY_ENV,
          STORAGE_CREDENTIALS_FILE,
          STORAGE_CACHE,
          ENGINE_MEMORY,
          ENGINE_THREADS,
          ENGINE_WORKERS,
          ENGINE_SPILL,
          ENGINE_QUERY_TIMEOUT,
          ENGINE_LOAD_TIMEOUT,
          QUERY_MAX_ROWS,
          QUERY_MAX_BYTES,
          LANDING_SETTLE,
          LOG_KIND,
          LOG_BOOTSTRAP,
          LOG_USER,
          LOG_PASSWORD_FILE,
          LOG_PASSWORD_ENV,
          LOG_PORT,
          LOG_PREFIX,
          GATEWAY_ENABLED,
          GATEWAY_PORT,
          GATEWAY_REGION,
          SMTP_HOST,
          SMTP_PORT,
          SMTP_TLS,
          SMTP_USER,
          SMTP_PASSWORD,
          SMTP_FROM,
          MAINTENANCE_SNAPSHOT_RETENTION,
          MAINTENANCE_MIN_SNAPSHOTS,
          MAINTENANCE_ORPHAN_GRACE,
          MAINTENANCE_TARGET_FILE_SIZE,
          MAINTENANCE_SMALL_FILE_SIZE,
          LIFECYCLE,
          TABLE_MERGE,
          TABLE_FORMAT_VERSION,
          TABLE_OWNER);

  private LakeSettings() {}
}
