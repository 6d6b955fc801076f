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
  public static final List<Setting<?>> ALL = List.of(TABLE, DESCRIPTION, OWNER, PARTITION, SORT);

  private ModelSettings() {}
}
