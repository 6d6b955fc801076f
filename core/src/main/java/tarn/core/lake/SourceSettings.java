package tarn.core.lake;

import java.time.Duration;
import java.util.List;
import java.util.Map;

/** Every key of {@code sources/*.yaml}. */
public final class SourceSettings {
  private static final String NAME = "[a-z][a-z0-9_]{0,62}";

  public static final Setting<String> DESCRIPTION =
      Setting.of("description", Types.text(), "", "What the database is.");
  public static final Setting<String> HOST =
      Setting.required(
          "connection.host",
          Types.text("host name or address", "[A-Za-z0-9][A-Za-z0-9.:_-]{0,252}"),
          "Where the PostgreSQL server is.");
  public static final Setting<Long> PORT =
      Setting.of("connection.port", Types.integer(1, 65_535), 5432L, "Its port.");
  public static final Setting<String> DATABASE =
      Setting.required("connection.database", Types.text(), "The database in it.");
  public static final Setting<String> USER =
      Setting.required(
          "connection.user",
          Types.text(),
          "The user that reads it: it needs LOGIN, REPLICATION and SELECT on the tables.");
  public static final Setting<String> PASSWORD =
      Setting.required(
          "connection.password",
          Types.secret(),
          "Where the password is: env:<environment variable of the server>, file:<path, relative to the lake folder; its first line counts> or aws-secretsmanager:<name or ARN>, with #<key> for another entry of a JSON object than password. Never the password itself.");
  public static final Setting<SourceDefinition.Tls> TLS =
      Setting.optional(
          "connection.tls",
          Types.choice(SourceDefinition.Tls.class),
          "disable on this machine, verify-full elsewhere",
          "disable: no encryption. require: encrypted, whoever answers. verify-full: encrypted, and the server's certificate is checked, its name too.");
  public static final Setting<String> CA_FILE =
      Setting.optional(
          "connection.ca_file",
          Types.text(),
          "those that Java trusts",
          "A file with the certificates that are trusted (PEM), relative to the lake folder.");
  public static final Setting<List<String>> TABLES =
      Setting.required(
          "tables",
          Types.listOf(Types.text("table like public.orders or public.*", "[^.*]+\\.([^.*]+|\\*)")),
          "Which tables, as schema.table; schema.* stands for all of a schema.");
  public static final Setting<String> PREFIX =
      Setting.of(
          "prefix",
          Types.text("beginning of table names: a-z, 0-9 and '_'", "([a-z][a-z0-9_]{0,31})?"),
          "",
          "What the names of the copies begin with: clean.<prefix><table>, or clean.<prefix><schema>_<table> for tables of another schema than public.");
  public static final Setting<SourceDefinition.Overflow> OVERFLOW =
      Setting.of(
          "overflow",
          Types.choice(SourceDefinition.Overflow.class),
          SourceDefinition.Overflow.NULLS,
          "What becomes of values that the lake's type cannot hold, such as a date infinity or a numeric NaN. nulls: they are null in the copy, their text is in raw, and they are counted. fail: the source stops there and says where. In a key they always stop it.");
  public static final Setting<List<String>> TEXTS =
      Setting.of(
          "texts",
          Types.listOf(
              Types.text("column like public.orders.valid_until", "[^.*]+\\.[^*]+\\.[^.*]+")),
          List.of(),
          "Columns that are copied as texts, as PostgreSQL writes them, whatever their type: as schema.table.column. Nothing overflows there.");
  public static final Setting<Map<String, List<String>>> COLUMNS =
      Setting.of(
          "columns",
          Types.mapOf(Types.listOf(Types.text())),
          Map.of(),
          "Tables of which some columns are copied: public.orders: [id, total]. Those by which rows are told must be among them. Another list loads the table anew.");
  public static final Setting<Map<String, String>> ROWS =
      Setting.of(
          "rows",
          Types.mapOf(Types.text("condition in PostgreSQL's SQL, without ;", "[^;]+")),
          Map.of(),
          "Tables of which some rows are copied, those that meet a condition in PostgreSQL's SQL: public.orders: status <> 'draft'. Needs PostgreSQL 15 or newer. Another condition loads the table anew.");
  public static final Setting<Map<String, String>> COPIES =
      Setting.of(
          "copies",
          Types.mapOf(
              Types.text(
                  "table name like clean.orders or analytics.orders",
                  "(clean|analytics)\\." + Types.NAME_PART)),
          Map.of(),
          "Tables whose copies have names of their own: public.orders: clean.web_orders. Other copies are named by rule; see prefix.");
  public static final Setting<String> SLOT =
      Setting.optional(
          "slot",
          Types.text("name of a replication slot: a-z, 0-9 and '_'", NAME),
          "tarn_<lake>_<source>",
          "The replication slot that keeps changes for this lake. No other lake may use it.");
  public static final Setting<String> PUBLICATION =
      Setting.optional(
          "publication",
          Types.text("name of a publication: a-z, 0-9 and '_'", NAME),
          "tarn_<lake>_<source>",
          "The publication of the tables. It is made unless it is there.");
  public static final Setting<Duration> FRESHNESS =
      Setting.of(
          "freshness",
          Types.duration("200ms", "1h"),
          Duration.ofSeconds(2),
          "How soon after its commit a change should be in the ledger. Sooner means more and smaller files.");

  public static final Setting<List<String>> APPEND_ONLY =
      Setting.optional(
          "append_only",
          Types.listOf(Types.text("table like public.log or public.*", "[^.*]+\\.([^.*]+|\\*)")),
          "none",
          "Tables without a key to which rows are only added: their inserts are followed, updates and deletes are not.");
  public static final Setting<SourceDefinition.Lost> ON_LOST =
      Setting.of(
          "on_lost",
          Types.choice(SourceDefinition.Lost.class),
          SourceDefinition.Lost.STOP,
          "What happens when changes are lost: the replication slot is gone or was invalidated, or a standby without all changes took the database's place. stop: nothing, until someone says so. reload: all tables are loaded anew; rows that were deleted meanwhile go.");
  public static final Setting<ByteSize> LOAD_SPLIT =
      Setting.of(
          "load_split",
          Types.size("1KB", "1TB"),
          ByteSize.parse("4GB"),
          "Tables that are larger are loaded in parts of about this size, by key. A load that is cut goes on after the last whole part.");
  public static final Setting<SourceDefinition.Follow> FOLLOW =
      Setting.of(
          "follow",
          Types.choice(SourceDefinition.Follow.class),
          SourceDefinition.Follow.ALWAYS,
          "always: the server follows the database for as long as it runs. pipeline: only while a pipeline of it runs.");

  /** All of them, in the order of the docs. */
  public static final List<Setting<?>> ALL =
      List.of(
          DESCRIPTION,
          HOST,
          PORT,
          DATABASE,
          USER,
          PASSWORD,
          TLS,
          CA_FILE,
          TABLES,
          PREFIX,
          OVERFLOW,
          TEXTS,
          COLUMNS,
          ROWS,
          COPIES,
          SLOT,
          PUBLICATION,
          FRESHNESS,
          APPEND_ONLY,
          ON_LOST,
          LOAD_SPLIT,
          FOLLOW);

  private SourceSettings() {}
}
