package tarn.cdc;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.iceberg.types.Types;
import tarn.core.change.SourceTable;
import tarn.core.change.SourceTable.SourceColumn;

/**
 * What of tables is copied, and how: the one place that says it, for loads and changes alike.
 * Tables by their full names, columns by theirs, in the exact case.
 *
 * @param texts columns that are texts whatever their type is, {@code schema.table.column}
 * @param columns the columns that are copied, of tables of which not all are
 * @param rows conditions in PostgreSQL's SQL, of tables of which not all rows are copied; they are
 *     the publication's
 */
public record Copied(
    List<String> texts, Map<String, List<String>> columns, Map<String, String> rows) {
  /** All of all tables, with the types that they have. */
  public static final Copied ALL = new Copied(List.of(), Map.of(), Map.of());

  public Copied {
    texts = List.copyOf(texts);
    columns = Map.copyOf(columns);
    rows = Map.copyOf(rows);
  }

  /** The condition of a table's rows, as it is declared. */
  Optional<String> condition(SourceTable table) {
    return Optional.ofNullable(rows.get(table.fullName()));
  }

  /**
   * What of a table is copied. One whose list of columns does not fit it has all of them, and an
   * obstacle: no load fits it.
   *
   * @param filter what the publication has for it
   */
  SourceTable of(SourceTable table, Optional<RowFilter> filter) {
    List<String> list = columns.get(table.fullName());
    String why = list == null ? "" : misfit(table, list);
    List<SourceColumn> chosen =
        table.columns().stream()
            .filter(c -> list == null || !why.isEmpty() || list.contains(c.name()))
            .map(c -> texts.contains(table.fullName() + "." + c.name()) ? text(c) : c)
            .toList();
    List<String> part = new ArrayList<>();
    if (list != null && why.isEmpty()) {
      part.add(names(chosen));
    }
    filter.ifPresent(f -> part.add(f.part()));
    return new SourceTable(
        table.id(),
        table.published(),
        table.schema(),
        table.name(),
        chosen,
        table.obstacle().isEmpty() ? why : table.obstacle(),
        String.join(" ", part));
  }

  private static String misfit(SourceTable table, List<String> list) {
    List<String> there = table.columns().stream().map(SourceColumn::name).toList();
    List<String> unknown = list.stream().filter(c -> !there.contains(c)).toList();
    List<String> missing = table.key().stream().filter(k -> !list.contains(k)).toList();
    return !unknown.isEmpty()
        ? "`columns` names "
            + String.join(", ", unknown)
            + ", which it does not have or which is generated; correct `columns` in the source's file"
        : missing.isEmpty()
            ? ""
            : "its rows are told by "
                + String.join(", ", missing)
                + ", which is not under `columns`; add it there";
  }

  private static String names(List<SourceColumn> columns) {
    return columns.stream()
        .map(c -> Sql.name(c.name()))
        .collect(Collectors.joining(", ", "columns ", ""));
  }

  private static SourceColumn text(SourceColumn column) {
    return new SourceColumn(
        column.name(), column.sourceType(), Types.StringType.get(), column.key(), column.filled());
  }
}
