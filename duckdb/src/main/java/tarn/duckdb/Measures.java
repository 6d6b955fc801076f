package tarn.duckdb;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;
import tarn.core.engine.Column;
import tarn.core.engine.MeasureJob;
import tarn.core.engine.plan.Expr;
import tarn.core.engine.plan.Measure;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.storage.FileLease;
import tarn.core.storage.ObjectStore;
import tarn.core.table.DataChange;
import tarn.core.table.Scan;
import tarn.core.table.ScanFile;
import tarn.core.table.TableName;
import tarn.core.table.WrittenFile;

/**
 * Numbers about a table's rows as they would be after a change that is written and not committed:
 * the view {@code after} of what stays and what comes.
 */
final class Measures implements AutoCloseable {
  private static final Set<Type.TypeID> NUMBERS =
      Set.of(
          Type.TypeID.INTEGER,
          Type.TypeID.LONG,
          Type.TypeID.FLOAT,
          Type.TypeID.DOUBLE,
          Type.TypeID.DECIMAL);
  private static final ExprSql EXPRS = new ExprSql(true);

  private final WorkerSession session;
  private final ObjectStore objects;
  private final TableSql tables;
  private final MeasureJob job;
  private final String columns;
  private final List<FileLease> leases = new ArrayList<>();
  private final Map<TableName, String> others = new HashMap<>();

  Measures(WorkerSession session, ObjectStore objects, TableSql tables, MeasureJob job) {
    this.session = session;
    this.objects = objects;
    this.tables = tables;
    this.job = job;
    this.columns =
        Sql.names(job.table().schema().columns().stream().map(Types.NestedField::name).toList());
  }

  Map<Measure, BigDecimal> take() {
    session.execute("CREATE OR REPLACE TEMP VIEW after AS " + after(job.change()));
    Map<Measure, BigDecimal> numbers = new HashMap<>();
    Map<String, List<Measure>> together = new HashMap<>();
    List<Measure.Asked> asked = new ArrayList<>();
    for (Measure measure : job.measures()) {
      if (measure instanceof Measure.Asked query) {
        asked.add(query);
      } else if (measure instanceof Measure.OfRows rows && rows.kind() != Measure.Kind.SINGLE) {
        together.computeIfAbsent(relation(rows.table()), r -> new ArrayList<>()).add(measure);
      } else {
        put(numbers, measure, session.value(alone(measure)));
      }
    }
    together.forEach((relation, measures) -> takeTogether(relation, measures, numbers));
    ask(asked, numbers);
    return numbers;
  }

  /** People's queries come last, behind the same walls as everywhere: the files of their tables. */
  private void ask(List<Measure.Asked> queries, Map<Measure, BigDecimal> numbers) {
    if (queries.isEmpty()) {
      return;
    }
    queries.forEach(query -> query.sources().forEach(source -> relation(source.table())));
    List<String> paths = new ArrayList<>(tables.paths());
    leases.forEach(lease -> paths.add(lease.path().toString()));
    session.execute(
        "SET allowed_paths = "
            + Sql.texts(paths)
            + "; SET enable_external_access = false; SET lock_configuration = true");
    for (Measure.Asked query : queries) {
      for (Measure.Source source : query.sources()) {
        session.execute(
            "CREATE OR REPLACE TEMP VIEW "
                + Sql.name(source.view())
                + " AS SELECT * FROM "
                + relation(source.table()));
      }
      put(numbers, query, answer(query.sql()));
    }
  }

  private JsonNode answer(String sql) {
    List<Column> columns = session.columns(sql);
    JsonNode rows =
        columns.size() == 1 && NUMBERS.contains(columns.get(0).type().typeId())
            ? session.rows("SELECT CAST(COLUMNS(*) AS VARCHAR) FROM (" + sql + ") LIMIT 2")
            : NullNode.getInstance();
    if (rows.isNull() || rows.size() > 1) {
      throw new TarnException(
          ErrorCode.DEFINITION_INVALID,
          "a rule of "
              + job.table().name()
              + ": the query of CustomSql has to give one row with one number");
    }
    return rows.isEmpty() ? NullNode.getInstance() : rows.path(0).path(0);
  }

  private void takeTogether(
      String relation, List<Measure> measures, Map<Measure, BigDecimal> numbers) {
    String all =
        measures.stream()
            .map(m -> "CAST(" + aggregate((Measure.OfRows) m) + " AS VARCHAR)")
            .collect(Collectors.joining(", "));
    JsonNode row = session.rows("SELECT " + all + " FROM " + relation).path(0);
    for (int i = 0; i < measures.size(); i++) {
      put(numbers, measures.get(i), row.path(i));
    }
  }

  /** Infinity and not-a-number are no values. */
  private static void put(Map<Measure, BigDecimal> numbers, Measure measure, JsonNode value) {
    String text = value.asText();
    if (!value.isNull() && !text.isEmpty() && Character.isDigit(text.charAt(text.length() - 1))) {
      numbers.put(measure, new BigDecimal(text));
    }
  }

  // ---- one measure ----

  private static String aggregate(Measure.OfRows measure) {
    String first = measure.columns().isEmpty() ? "" : Sql.name(measure.columns().get(0));
    String where = filter(measure);
    return switch (measure.kind()) {
      case ROWS, PRESENT -> "count(*)" + where;
      case DISTINCT -> "count(DISTINCT " + tuple(measure.columns()) + ")" + where;
      case SUM -> "coalesce(sum(" + first + ")" + where + ", 0)";
      case MEAN -> "avg(" + first + ")" + where;
      case DEVIATION -> "stddev_pop(" + first + ")" + where;
      // Of no rows DuckDB's entropy is 0.
      case ENTROPY ->
          "CASE WHEN count(*)" + where + " > 0 THEN entropy(" + first + ")" + where + " END";
      case CORRELATION -> "corr(" + first + ", " + Sql.name(measure.columns().get(1)) + ")" + where;
      case SINGLE -> throw new IllegalArgumentException("not an aggregate: " + measure);
    };
  }

  private static String tuple(List<String> columns) {
    return columns.size() == 1 ? Sql.name(columns.get(0)) : "row(" + Sql.names(columns) + ")";
  }

  private static String filter(Measure.OfRows measure) {
    String condition = condition(measure.columns(), measure.where());
    return condition.isEmpty() ? "" : " FILTER (WHERE " + condition + ")";
  }

  /** No null among the columns, and what was asked for. */
  private static String condition(List<String> columns, @Nullable Expr where) {
    List<String> all = new ArrayList<>();
    columns.forEach(c -> all.add(Sql.name(c) + " IS NOT NULL"));
    if (where != null) {
      all.add("(" + EXPRS.sql(where) + ")");
    }
    return String.join(" AND ", all);
  }

  private String alone(Measure measure) {
    if (measure instanceof Measure.OfRows rows) {
      return "SELECT count(*) FROM (SELECT 1 FROM "
          + relation(rows.table())
          + " WHERE "
          + condition(rows.columns(), rows.where())
          + " GROUP BY "
          + Sql.names(rows.columns())
          + " HAVING count(*) = 1)";
    }
    if (measure instanceof Measure.Matched matched) {
      return new MatchSql(session, job.table().name(), matched)
          .count("after", relation(matched.table()));
    }
    Measure.Found found = (Measure.Found) measure;
    List<String> same = new ArrayList<>();
    for (int i = 0; i < found.columns().size(); i++) {
      same.add("o." + Sql.name(found.in().get(i)) + " = a." + Sql.name(found.columns().get(i)));
    }
    return "SELECT count(*) FROM after a WHERE EXISTS (SELECT 1 FROM "
        + relation(found.table())
        + " o WHERE "
        + String.join(" AND ", same)
        + ")";
  }

  private String relation(@Nullable TableName table) {
    return table == null || table.equals(job.table().name())
        ? "after"
        : others.computeIfAbsent(table, this::other);
  }

  private String other(TableName table) {
    String view = "other" + others.size();
    session.execute(
        "CREATE OR REPLACE TEMP VIEW " + view + " AS " + tables.rows(job.others().apply(table)));
    return view;
  }

  // ---- the table after the change ----

  private String after(DataChange change) {
    List<String> parts = new ArrayList<>();
    boolean replaced = change instanceof DataChange.ReplaceAll;
    if (job.table().snapshotId().isPresent() && !replaced) {
      staying(change).ifPresent(parts::add);
    }
    List<WrittenFile> files = change.files();
    if (!files.isEmpty()) {
      parts.add("SELECT " + columns + " FROM read_parquet(" + Sql.texts(local(files)) + ")");
    }
    return parts.isEmpty() ? nothing() : String.join(" UNION ALL ", parts);
  }

  private String nothing() {
    return job.table().schema().columns().stream()
        .map(c -> "CAST(NULL AS " + SqlTypes.sql(c.type()) + ") AS " + Sql.name(c.name()))
        .collect(Collectors.joining(", ", "SELECT ", " WHERE false"));
  }

  private Optional<String> staying(DataChange change) {
    Scan scan = job.existing().get();
    if (change instanceof DataChange.ReplacePartitions replace) {
      return rows(scan, keptBeside(scan, replace));
    } else if (change instanceof DataChange.CopyOnWrite copy) {
      Set<String> removed = copy.removed().stream().map(ScanFile::uri).collect(Collectors.toSet());
      return rows(scan, scan.files().stream().filter(f -> !removed.contains(f.uri())).toList());
    } else if (change instanceof DataChange.MergeOnRead) {
      return Optional.of(
          "SELECT "
              + columns
              + " FROM ("
              + tables.withPositions(scan)
              + ") e ANTI JOIN old o ON e."
              + TableSql.FILE
              + " = o.file AND e."
              + TableSql.POSITION
              + " = o.pos");
    }
    return rows(scan, scan.files());
  }

  private Optional<String> rows(Scan scan, List<ScanFile> files) {
    return files.isEmpty()
        ? Optional.empty()
        : Optional.of(
            "SELECT "
                + columns
                + " FROM ("
                + tables.rows(
                    new Scan(
                        scan.table(),
                        scan.snapshotId(),
                        scan.schema(),
                        files,
                        scan.filesBeforePruning()))
                + ")");
  }

  private List<ScanFile> keptBeside(Scan scan, DataChange.ReplacePartitions replace) {
    Set<List<@Nullable Object>> touched = new HashSet<>();
    replace.files().forEach(f -> touched.add(f.partition()));
    int spec = job.table().spec().specId();
    return scan.files().stream()
        .filter(f -> f.specId() != spec || !touched.contains(f.partition()))
        .toList();
  }

  private List<String> local(List<WrittenFile> files) {
    List<String> paths = new ArrayList<>();
    for (WrittenFile file : files) {
      FileLease lease =
          DamagedFiles.localize(objects, file.key(), job.table().name() + " (not committed)");
      leases.add(lease);
      paths.add(lease.path().toString());
    }
    return paths;
  }

  @Override
  public void close() {
    leases.forEach(FileLease::close);
  }
}
