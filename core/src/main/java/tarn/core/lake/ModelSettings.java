package tarn.core.lake;

import java.util.List;

/** Every key of the front matter of {@code models/*.sql}. */
public final class ModelSettings {
  public static final Setting<String> TABLE =
      Setting.optional(
          "table",
          Types.text("table name like analytics.revenue", "(analytics\\.)?" + Types.NAME_PART),
          "analytics.<file name>",
          "The table's name in the analytics namespace.");
  public static final Setting<String> DESCRIPTION =
      Setting.of("description", Types.text(), "", "What a row of the table is.");
  public static final Setting<String> OWNER =
      Setting.optional("owner", Types.text(), "table_defaults.owner", "Whom to ask about it.");
  public static final Setting<ModelDefinition.Refresh> REFRESH =
      Setting.of(
          "refresh",
          Types.choice(ModelDefinition.Refresh.class),
          ModelDefinition.Refresh.FULL,
          "full: the table is made anew when what it reads has changed. incremental: only rows that came are run through the query and added, where that gives the same table. See models.md.");
  public static final Setting<List<RuleText>> QUALITY =
      Setting.of(
          "quality",
          RuleText.rules(),
          List.of(),
          "Rules in AWS Glue's DQDL that the whole table must keep, judged before it is committed; no row is put aside. See models.md.");
  public static final Setting<TableDefinition.OnFailure> ON_FAILURE =
      Setting.of(
          "on_failure",
          Types.choice(TableDefinition.OnFailure.class),
          TableDefinition.OnFailure.FAIL,
          "What a rule that is not met does. fail: the table stays as it was. warn: the rows are committed, and the run says so.");
  public static final Setting<List<PartitionField>> PARTITION =
      Setting.of(
          "partition",
          Types.listOf(TableSettings.partitionField()),
          List.of(),
          "How files are divided; as for tables.");
  public static final Setting<List<SortField>> SORT =
      Setting.of(
          "sort",
          Types.listOf(TableSettings.sortField()),
          List.of(),
          "How rows are ordered inside of a file; as for tables.");

  /** All of them, in the order of the docs. */
  public static final List<Setting<?>> ALL =
      List.of(TABLE, DESCRIPTION, OWNER, REFRESH, QUALITY, ON_FAILURE, PARTITION, SORT);

  private ModelSettings() {}
}
