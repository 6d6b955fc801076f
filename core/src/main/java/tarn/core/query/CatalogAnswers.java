package tarn.core.query;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.TreeMap;
import tarn.core.catalog.Dataset;
import tarn.core.engine.Column;
import tarn.core.engine.QueryOutcome;
import tarn.core.engine.ResultColumn;
import tarn.core.engine.RowSink;
import tarn.core.table.TableName;

/** Statements that the catalog answers without the engine. */
final class CatalogAnswers {
  private CatalogAnswers() {}

  static QueryOutcome tables(List<TableName> tables, List<Dataset> datasets, RowSink sink) {
    TreeMap<TableName, String> kinds = new TreeMap<>();
    tables.forEach(t -> kinds.put(t, "table"));
    datasets.forEach(d -> kinds.put(d.name(), "dataset"));
    ArrayNode rows = JsonNodeFactory.instance.arrayNode();
    kinds.forEach((name, kind) -> rows.addArray().add(name.namespace()).add(name.name()).add(kind));
    return send(List.of("namespace", "name", "kind"), rows, sink);
  }

  static QueryOutcome columns(List<Column> columns, RowSink sink) {
    ArrayNode rows = JsonNodeFactory.instance.arrayNode();
    columns.forEach(c -> rows.addArray().add(c.name()).add(c.type().toString()));
    return send(List.of("column_name", "column_type"), rows, sink);
  }

  private static QueryOutcome send(List<String> names, ArrayNode rows, RowSink sink) {
    sink.columns(names.stream().map(n -> new ResultColumn(n, "VARCHAR")).toList());
    if (!rows.isEmpty()) {
      sink.rows(rows.toString().getBytes(StandardCharsets.UTF_8), rows.size());
    }
    return new QueryOutcome(rows.size(), false);
  }
}
