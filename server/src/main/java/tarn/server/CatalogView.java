package tarn.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.apache.iceberg.types.Types;
import tarn.api.Commit;
import tarn.api.DatasetChange;
import tarn.api.HistoryAnswer;
import tarn.api.QuarantineAnswer;
import tarn.api.QuarantineCount;
import tarn.api.QuarantinedRow;
import tarn.api.SourceStatus;
import tarn.api.TableColumn;
import tarn.api.TableDetail;
import tarn.api.TableSummary;
import tarn.api.TablesAnswer;
import tarn.core.catalog.Crawler;
import tarn.core.catalog.Dataset;
import tarn.core.catalog.Datasets;
import tarn.core.engine.Classified;
import tarn.core.engine.ResultColumn;
import tarn.core.engine.plan.Rule;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.ingest.AppliedDefinition;
import tarn.core.lake.DatasetDefinition;
import tarn.core.lake.LakeDefinition;
import tarn.core.lake.TableDefinition;
import tarn.core.ledger.Ledger;
import tarn.core.quality.RuleResult;
import tarn.core.query.Queries;
import tarn.core.source.Copies;
import tarn.core.table.SnapshotInfo;
import tarn.core.table.TableName;
import tarn.core.table.TableState;
import tarn.core.table.TableStore;

/** The catalog as people see it. */
final class CatalogView {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int HISTORY = 200;
  private static final Set<String> REFUSALS = Set.of(RuleResult.REFUSED, RuleResult.MODEL_REFUSED);

  private final Ledger ledger;
  private final TableStore tables;
  private final Datasets datasets;
  private final Queries queries;

  CatalogView(Ledger ledger, TableStore tables, Datasets datasets, Queries queries) {
    this.ledger = ledger;
    this.tables = tables;
    this.datasets = datasets;
    this.queries = queries;
  }

  static List<SourceStatus> sources(Ledger ledger) {
    return ledger.counts().stream()
        .map(
            c ->
                new SourceStatus(
                    c.source().value(),
                    c.stored(),
                    c.bytes(),
                    c.duplicate(),
                    landedAt(ledger, c.lastSeq())))
        .toList();
  }

  private static @org.jspecify.annotations.Nullable Instant landedAt(Ledger ledger, long seq) {
    return ledger.batches(java.util.Set.of(), seq - 1, 1).stream()
        .findFirst()
        .map(b -> b.landedAt())
        .orElse(null);
  }

  static DatasetChange change(Crawler.Report report) {
    Dataset dataset = report.dataset();
    return new DatasetChange(
        dataset.name().toString(),
        report.change().name().toLowerCase(Locale.ROOT),
        dataset.format(),
        dataset.files(),
        report.newFiles(),
        dataset.bytes(),
        report.partitions(),
        columns(report.columns().added()),
        columns(report.columns().changed()),
        columns(report.columns().removed()),
        report.notes());
  }

  private static List<tarn.api.Column> columns(List<tarn.core.engine.Column> columns) {
    return columns.stream().map(c -> new tarn.api.Column(c.name(), c.type().toString())).toList();
  }

  TablesAnswer tables() {
    Map<TableName, TableSummary> all = new TreeMap<>();
    datasets.list().forEach(d -> all.put(d.name(), summary(d)));
    for (TableName name : tables.list()) {
      summary(name).ifPresent(summary -> all.put(name, summary));
    }
    return new TablesAnswer(List.copyOf(all.values()));
  }

  /** A damaged table says so and hides no other. */
  private Optional<TableSummary> summary(TableName name) {
    try {
      return tables.load(name).map(state -> summary(state));
    } catch (TarnException e) {
      if (e.code() != ErrorCode.CATALOG_CORRUPT) {
        throw e;
      }
      return Optional.of(new TableSummary(name.toString(), "damaged", null, 0, 0, null, e.line()));
    }
  }

  TableDetail describe(LakeDefinition lake, TableName name) {
    if (name.namespace().equals("raw")) {
      Dataset dataset = datasets.find(name).orElseThrow(() -> unknown(name));
      return new TableDetail(
          summary(dataset),
          dataset.format(),
          "landing/" + dataset.source(),
          dataset.columns().stream().map(c -> column(lake, dataset, c)).toList(),
          dataset.partitions(),
          List.of(),
          null,
          properties(dataset));
    }
    TableState state = tables.load(name).orElseThrow(() -> unknown(name));
    Optional<TableDefinition> definition =
        lake.tables().stream().filter(t -> t.table().equals(name.toString())).findFirst();
    return new TableDetail(
        summary(state),
        "iceberg v" + state.formatVersion(),
        state.location(),
        state.schema().columns().stream().map(c -> column(definition, c)).toList(),
        state.spec().fields().stream()
            .map(f -> f.transform() + "(" + state.schema().findColumnName(f.sourceId()) + ")")
            .toList(),
        definition.map(TableDefinition::key).orElse(List.of()),
        state.snapshotId().isPresent() ? state.snapshotId().getAsLong() : null,
        properties(state, definition));
  }

  /** What made its rows, who and what committed last, and Tarn's own properties. */
  private Map<String, String> properties(TableState state, Optional<TableDefinition> definition) {
    Map<String, String> shown = new TreeMap<>();
    AppliedDefinition.of(state).ifPresent(applied -> shown.putAll(applied.parts()));
    definition
        .map(TableDefinition::owner)
        .filter(owner -> !owner.isEmpty())
        .ifPresent(owner -> shown.put("owner", owner));
    tables
        .history(state.name(), 1)
        .forEach(
            last ->
                shown.put(
                    "last commit",
                    last.operation() + " " + line(last) + ", at " + last.committedAt()));
    state
        .properties()
        .forEach(
            (key, value) -> {
              if (key.startsWith("tarn.") && !key.equals(AppliedDefinition.PROPERTY)) {
                shown.put(key, value);
              }
            });
    return shown;
  }

  private TarnException unknown(TableName name) {
    return new TarnException(
        ErrorCode.NOT_FOUND,
        "there is no table or dataset " + name + "; `datalake tables` lists those that there are");
  }

  private static TableColumn column(Optional<TableDefinition> definition, Types.NestedField field) {
    return new TableColumn(
        field.name(),
        field.type().toString(),
        field.isRequired(),
        field.doc(),
        declared(definition.map(TableDefinition::classification), field.name()),
        null,
        null);
  }

  /** A suggestion never overrules what is declared. */
  private static TableColumn column(
      LakeDefinition lake, Dataset dataset, tarn.core.engine.Column column) {
    String declared =
        declared(
            lake.datasets().stream()
                .filter(d -> d.dataset().equals(dataset.name().toString()))
                .findFirst()
                .map(DatasetDefinition::classification),
            column.name());
    Optional<Classified> suggested =
        declared == null ? dataset.more().suggested(column.name()) : Optional.empty();
    return new TableColumn(
        column.name(),
        column.type().toString(),
        false,
        column.spellings().isEmpty() ? null : "also " + String.join(", ", column.spellings()),
        declared,
        suggested.map(Classified::kind).orElse(null),
        suggested.map(Classified::confidence).orElse(null));
  }

  private static @org.jspecify.annotations.Nullable String declared(
      Optional<Map<String, String>> classification, String column) {
    return classification.stream()
        .flatMap(all -> all.entrySet().stream())
        .filter(e -> e.getKey().equalsIgnoreCase(column))
        .map(Map.Entry::getValue)
        .findFirst()
        .orElse(null);
  }

  private static Map<String, String> properties(Dataset dataset) {
    Map<String, String> shown = new TreeMap<>();
    shown.put("crawled up to ledger sequence", Long.toString(dataset.crawledSeq()));
    if (dataset.more().excluded() > 0) {
      shown.put("excluded files", Long.toString(dataset.more().excluded()));
    }
    if (dataset.more().deprecated()) {
      shown.put("deprecated", "no file belongs to it any more");
    }
    return shown;
  }

  private static TableSummary summary(Dataset dataset) {
    return new TableSummary(
        dataset.name().toString(),
        "dataset",
        null,
        dataset.files(),
        dataset.bytes(),
        dataset.updatedAt(),
        null);
  }

  private TableSummary summary(TableState state) {
    List<SnapshotInfo> last = tables.history(state.name(), 1);
    Map<String, String> totals = tables.totals(state);
    String kind =
        state.name().namespace().equals("quarantine")
            ? "quarantine"
            : state.name().namespace().equals("analytics")
                    && !state.properties().containsKey(Copies.OF)
                ? "model"
                : "table";
    return new TableSummary(
        state.name().toString(),
        kind,
        number(totals, "total-records") - number(totals, "total-position-deletes"),
        number(totals, "total-data-files"),
        number(totals, "total-files-size"),
        last.isEmpty() ? null : last.get(0).committedAt(),
        state.properties().getOrDefault("comment", ""));
  }

  private static long number(Map<String, String> values, String key) {
    return Long.parseLong(values.getOrDefault(key, "0"));
  }

  HistoryAnswer history(TableName name) {
    List<Commit> commits = new ArrayList<>();
    for (SnapshotInfo info : tables.history(name, HISTORY)) {
      Map<String, String> s = info.summary();
      commits.add(
          new Commit(
              info.snapshotId(),
              info.committedAt(),
              info.operation(),
              number(s, "added-records"),
              number(s, "deleted-records") + number(s, "added-position-deletes"),
              number(s, "total-records") - number(s, "total-position-deletes"),
              number(s, "total-data-files"),
              info.ledgerSeq(),
              line(info)));
    }
    return new HistoryAnswer(name.toString(), commits);
  }

  /** {@code by owner: read 10, stored 9, quarantined 1}. */
  private static String line(SnapshotInfo info) {
    List<String> parts = new ArrayList<>();
    for (String key :
        List.of("read", "stored", "superseded", "filtered", "quarantined", "files-slow")) {
      String value = info.summary().get("tarn." + key);
      if (value != null && !value.equals("0")) {
        parts.add(key + " " + value);
      }
    }
    String expired = info.snapshotId() != null && !info.readable() ? " (expired)" : "";
    return "by "
        + info.principal()
        + (REFUSALS.contains(info.operation()) ? ", nothing committed" : "")
        + (parts.isEmpty() ? "" : ": " + String.join(", ", parts))
        + expired;
  }

  // ---- quarantine ----

  QuarantineAnswer quarantine(
      LakeDefinition lake, Optional<TableName> only, int limit, Queries.Limits limits) {
    only.ifPresent(table -> checkQuarantined(lake, table));
    List<QuarantineCount> counts = new ArrayList<>();
    List<QuarantinedRow> rows = new ArrayList<>();
    Map<Long, Instant> landedAt = new HashMap<>();
    for (TableName name : tables.list()) {
      if (name.namespace().equals("quarantine")
          && (only.isEmpty() || only.get().name().equals(name.name()))) {
        String table = "clean." + name.name();
        for (JsonNode row :
            ask(
                "SELECT reason, column_name, count(*) FROM "
                    + name
                    + " GROUP BY ALL ORDER BY 3 DESC, 1, 2",
                limits)) {
          counts.add(
              new QuarantineCount(
                  table, rule(row.path(0).asText(), row.path(1).asText("")), row.path(2).asLong()));
        }
        if (rows.size() < limit) {
          String sql =
              "SELECT reason, column_name, value, file, line, record, ledger_seq FROM "
                  + name
                  + " ORDER BY ledger_seq DESC, file, line LIMIT "
                  + (limit - rows.size());
          ask(sql, limits).forEach(row -> rows.add(row(table, row, landedAt)));
        }
      }
    }
    return new QuarantineAnswer(counts, rows);
  }

  /** Only clean tables have a quarantine; one that was never loaded has an empty one. */
  private void checkQuarantined(LakeDefinition lake, TableName table) {
    TableName clean = new TableName("clean", table.name());
    boolean known =
        List.of("clean", "quarantine").contains(table.namespace())
            && (tables.load(clean).isPresent()
                || lake.tables().stream().anyMatch(t -> t.table().equals(clean.toString())));
    if (!known) {
      throw new TarnException(
          ErrorCode.NOT_FOUND,
          "there is no clean table "
              + table
              + ", and only clean tables have a quarantine; `datalake tables` lists them");
    }
  }

  private static String rule(String reason, String column) {
    return reason.startsWith(Rule.BREAKS)
        ? reason.substring(Rule.BREAKS.length())
        : column.isEmpty() || column.equals("null") ? reason : column + ": " + reason;
  }

  private QuarantinedRow row(String table, JsonNode row, Map<Long, Instant> landedAt) {
    String value = row.path(2).isNull() ? "" : ": '" + row.path(2).asText() + "'";
    String column = row.path(1).isNull() ? "" : row.path(1).asText() + " ";
    long seq = row.path(6).asLong();
    return new QuarantinedRow(
        table,
        rule(row.path(0).asText(), row.path(1).asText("")),
        column + row.path(0).asText() + value,
        row.path(3).asText(),
        row.path(4).asLong(),
        readable(row.path(5)),
        landedAt.computeIfAbsent(seq, s -> landedAt(ledger, s)));
  }

  /** Bytes that are no text are shown as {@code \xNN}. */
  private static String readable(JsonNode record) {
    if (record.isNull()) {
      return "";
    }
    byte[] bytes = Base64.getDecoder().decode(record.asText());
    String text = new String(bytes, StandardCharsets.UTF_8);
    if (java.util.Arrays.equals(text.getBytes(StandardCharsets.UTF_8), bytes)) {
      return text;
    }
    StringBuilder shown = new StringBuilder();
    for (byte b : bytes) {
      shown.append(b >= 0x20 && b < 0x7f ? String.valueOf((char) b) : String.format("\\x%02x", b));
    }
    return shown.toString();
  }

  private List<JsonNode> ask(String sql, Queries.Limits limits) {
    List<JsonNode> rows = new ArrayList<>();
    queries.run(
        sql,
        limits,
        new tarn.core.engine.RowSink() {
          @Override
          public void columns(List<ResultColumn> columns) {}

          @Override
          public void rows(byte[] jsonRows, int count) {
            try {
              JSON.readTree(jsonRows).forEach(rows::add);
            } catch (IOException e) {
              throw new UncheckedIOException("the engine's rows are not JSON", e);
            }
          }
        });
    return rows;
  }
}
