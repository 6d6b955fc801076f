package tarn.core.lake;

import java.util.List;
import java.util.Map;
import org.apache.iceberg.types.Type;

/** Every key of {@code tables/*.yaml}. */
public final class TableSettings {
  public static final Setting<String> TABLE =
      Setting.optional(
          "table",
          Types.text("table name like clean.orders", "(clean\\.)?" + Types.NAME_PART),
          "clean.<file name>",
          "The table's name in the clean namespace.");
  public static final Setting<String> FROM =
      Setting.required(
          "from",
          Types.text("dataset name like orders or raw.orders", "(raw\\.)?" + Types.NAME_PART),
          "The dataset of the raw zone that the table is made from.");
  public static final Setting<String> DESCRIPTION =
      Setting.of("description", Types.text(), "", "What a row of the table is.");
  public static final Setting<String> OWNER =
      Setting.optional("owner", Types.text(), "table_defaults.owner", "Whom to ask about it.");
  public static final Setting<Map<String, Type.PrimitiveType>> COLUMNS =
      Setting.of(
          "columns",
          Types.mapOf(Types.columnType()),
          Map.of(),
          "Types of columns of the dataset, where what the crawler found should be overruled.");
  public static final Setting<Map<String, String>> CLASSIFICATION =
      Setting.of(
          "classification",
          Types.mapOf(Types.text("word of small letters, digits and _", "[a-z][a-z0-9_]*")),
          Map.of(),
          "What columns hold: email, phone, name, card_number, ip_address, or a word of your own. It overrules what a crawl suggests.");
  public static final Setting<List<StepText>> RECIPE =
      Setting.of(
          "recipe",
          Types.listOf(StepText.type()),
          List.of(),
          "Steps that clean the rows, in order, or {file: recipes/orders.json}, Tarn's or DataBrew's; see recipes.md.");
  public static final Setting<List<RuleText>> QUALITY =
      Setting.of(
          "quality",
          RuleText.rules(),
          List.of(),
          "Rules in AWS Glue's DQDL that the cleaned rows must keep: rows that do not go to quarantine, and rules for the table as a whole hold up the load. See quality.md.");
  public static final Setting<TableDefinition.OnFailure> ON_FAILURE =
      Setting.of(
          "on_failure",
          Types.choice(TableDefinition.OnFailure.class),
          TableDefinition.OnFailure.FAIL,
          "What a rule for the table as a whole does when it is not met. fail: nothing of the load is committed. warn: it is committed, and the run says so.");
  public static final Setting<TableDefinition.OnChange> ON_CHANGE =
      Setting.of(
          "on_change",
          Types.choice(TableDefinition.OnChange.class),
          TableDefinition.OnChange.FORWARD,
          "What a change of this file does to rows that are there. forward: nothing, it holds for rows that come. backfill: the next run makes the table anew from raw, in one commit; see tables.md.");
  public static final Setting<List<String>> KEY =
      Setting.of(
          "key",
          Types.listOf(Types.text()),
          List.of(),
          "The columns that identify a row. A later row with the same key replaces the earlier one.");
  public static final Setting<String> ORDERING =
      Setting.optional(
          "ordering",
          Types.text(),
          "the order of landing",
          "The column that says which of two rows with the same key is newer: the greater value.");
  public static final Setting<TableDefinition.Write> WRITE =
      Setting.optional(
          "write",
          Types.choice(TableDefinition.Write.class),
          "upsert with a key, append without",
          "append: rows are added. upsert: they replace rows with the same key. overwrite: they replace whole partitions that they touch (the whole table if it has none).");
  public static final Setting<TableDefinition.Merge> MERGE =
      Setting.optional(
          "merge",
          Types.choice(TableDefinition.Merge.class),
          "table_defaults.merge",
          "merge-on-read: an upsert marks replaced rows (fast writes). copy-on-write: it rewrites their files (fast reads).");
  public static final Setting<List<PartitionField>> PARTITION =
      Setting.of(
          "partition",
          Types.listOf(partitionField()),
          List.of(),
          "How files are divided: a column, or year, month, day, hour, bucket(n, column), truncate(width, column).");
  public static final Setting<List<SortField>> SORT =
      Setting.of(
          "sort",
          Types.listOf(sortField()),
          List.of(),
          "How rows are ordered inside of a file: column, or column desc.");
  public static final Setting<Long> FORMAT_VERSION =
      Setting.optional(
          "format_version",
          Types.integer(2, 3),
          "table_defaults.format_version",
          "The table's Iceberg format version.");

  /** All of them, in the order of the docs. */
  public static final List<Setting<?>> ALL =
      List.of(
          TABLE,
          FROM,
          DESCRIPTION,
          OWNER,
          COLUMNS,
          CLASSIFICATION,
          RECIPE,
          QUALITY,
          ON_FAILURE,
          ON_CHANGE,
          KEY,
          ORDERING,
          WRITE,
          MERGE,
          PARTITION,
          SORT,
          FORMAT_VERSION);

  private TableSettings() {}

  static ValueType<PartitionField> partitionField() {
    return Types.scalar("partition field", Map.of("type", "string"), PartitionField::parse);
  }

  static ValueType<SortField> sortField() {
    return Types.scalar("sort field", Map.of("type", "string"), SortField::parse);
  }
}
