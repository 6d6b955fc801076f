package tarn.testkit;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.iceberg.Schema;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.expressions.Expressions;
import tarn.core.catalog.RawInputs;
import tarn.core.engine.Column;
import tarn.core.engine.Engine;
import tarn.core.engine.LoadJob;
import tarn.core.engine.LoadResult;
import tarn.core.engine.QuarantineColumns;
import tarn.core.engine.QueryJob;
import tarn.core.engine.RawInput;
import tarn.core.engine.Relation;
import tarn.core.engine.ResultColumn;
import tarn.core.engine.RowSink;
import tarn.core.engine.View;
import tarn.core.engine.WriteMode;
import tarn.core.engine.plan.Measure;
import tarn.core.engine.plan.Rule;
import tarn.core.engine.plan.Step;
import tarn.core.ledger.RawFile;
import tarn.core.storage.ObjectKey;
import tarn.core.storage.ObjectStore;
import tarn.core.storage.Zone;
import tarn.core.table.At;
import tarn.core.table.CommitOutcome;
import tarn.core.table.DataChange;
import tarn.core.table.PartitionTransform;
import tarn.core.table.Scan;
import tarn.core.table.TableChange;
import tarn.core.table.TableName;
import tarn.core.table.TableSpec;
import tarn.core.table.TableState;
import tarn.core.table.TableStore;

/**
 * An engine between a store of objects and one of tables: lands bytes, loads them, commits, and
 * reads back. Tables get new names each time, so that many tests can share one world.
 */
public record EngineWorld(Engine engine, ObjectStore objects, TableStore tables)
    implements AutoCloseable {
  private static final ObjectMapper JSON =
      new ObjectMapper()
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .setNodeFactory(JsonNodeFactory.withExactBigDecimals(true));
  private static final AtomicLong NUMBERS = new AtomicLong();
  static final Duration TIMEOUT = Duration.ofSeconds(60);

  /**
   * How to load.
   *
   * @param columns what the recipe starts from
   */
  public record Plan(
      List<Column> columns,
      List<Step> steps,
      List<Rule> rules,
      List<Measure> measures,
      WriteMode mode) {
    /** Appends the columns as they are. */
    public static Plan append(Schema schema) {
      return new Plan(
          schema.columns().stream().map(c -> new Column(c.name(), c.type())).toList(),
          List.of(),
          List.of(),
          List.of(),
          new WriteMode.Append());
    }

    /** The same columns, merged by key. */
    public Plan with(WriteMode other) {
      return new Plan(columns, steps, rules, measures, other);
    }

    /** The same with rules. */
    public Plan with(Rule... others) {
      return new Plan(columns, steps, List.of(others), measures, mode);
    }

    /** The same with steps. */
    public Plan with(Step... others) {
      return new Plan(columns, List.of(others), rules, measures, mode);
    }

    /** The same with measures. */
    public Plan measuring(List<Measure> others) {
      return new Plan(columns, steps, rules, others, mode);
    }
  }

  /** A new, empty table. */
  public TableName table(Schema schema, int formatVersion, PartitionTransform... partition) {
    TableName name = new TableName("clean", "t" + NUMBERS.incrementAndGet());
    tables.create(
        name, new TableSpec(schema, List.of(partition), List.of(), formatVersion, Map.of()));
    return name;
  }

  /** What a file of these bytes turns out to be. */
  public RawInputs.Found land(String name, byte[] bytes) {
    long number = NUMBERS.incrementAndGet();
    ObjectKey key = new ObjectKey(Zone.RAW, "landing/" + number + "/" + name);
    objects.put(key, bytes);
    RawFile file = new RawFile(key, "", name, bytes.length, "0".repeat(64), Instant.EPOCH);
    return new RawInputs(objects).find(number, file);
  }

  /** A file that has records. */
  public RawInput readable(String name, byte[] bytes) {
    RawInputs.Found found = land(name, bytes);
    if (found instanceof RawInputs.Found.Readable readable) {
      return readable.input();
    }
    throw new AssertionError(name + " is " + found);
  }

  /** Loads files into a table and commits; rejected records go to the table's quarantine. */
  public LoadResult load(TableName name, Plan plan, List<RawInput> inputs) {
    TableState table = state(name);
    LoadJob job =
        new LoadJob(
            table,
            inputs,
            List.of(),
            plan.columns(),
            plan.steps(),
            plan.rules(),
            plan.measures(),
            other -> tables.scan(other, new At.Now(), Expressions.alwaysTrue()),
            plan.mode(),
            filter -> tables.scan(name, at(table), filter),
            () -> quarantine(name),
            TIMEOUT);
    LoadResult result = engine.load(job);
    List<TableChange> changes = new ArrayList<>();
    changes.add(change(table, result.change(), "load"));
    if (!result.quarantined().isEmpty()) {
      changes.add(
          change(quarantine(name), new DataChange.Append(result.quarantined()), "quarantine"));
    }
    commit(changes);
    return result;
  }

  /** Applies one change of a table. */
  public void commit(TableState base, DataChange data, String operation) {
    commit(List.of(change(base, data, operation)));
  }

  /** A table's state. */
  public TableState state(TableName name) {
    return tables.load(name).orElseThrow();
  }

  /** All live rows as JSON arrays, sorted by their texts. */
  public List<String> rows(TableName name) {
    return query("SELECT * FROM t", name).stream().map(JsonNode::toString).sorted().toList();
  }

  /** A query of one table, which it calls {@code t}. */
  public List<JsonNode> query(String sql, TableName name) {
    return query(sql, tables.scan(name, new At.Now(), Expressions.alwaysTrue()));
  }

  /** A query of one scan, which it calls {@code t}. */
  public List<JsonNode> query(String sql, Scan scan) {
    Rows rows = new Rows();
    engine.query(
        new QueryJob(
            sql, List.of(new View("t", new Relation.OfTable(scan))), TIMEOUT, 100_000, 1L << 28),
        rows);
    return rows.rows;
  }

  /** What a load rejected. */
  public record Reject(
      long line,
      long offset,
      long length,
      String reason,
      String column,
      String value,
      byte[] bytes) {}

  /** All rejects of a table, in order of their places. */
  public List<Reject> rejects(TableName name) {
    return rejects(name, "true");
  }

  /** The rejects of one file. */
  public List<Reject> rejects(TableName name, RawInput of) {
    return rejects(name, "file = '" + of.file().key().path() + "'");
  }

  private List<Reject> rejects(TableName name, String where) {
    TableName quarantine = new TableName("quarantine", name.name());
    if (tables.load(quarantine).isEmpty()) {
      return List.of();
    }
    return query(
            "SELECT line, byte_offset, byte_length, reason, column_name, value, record FROM t WHERE "
                + where
                + " ORDER BY file, byte_offset NULLS LAST",
            quarantine)
        .stream()
        .map(EngineWorld::reject)
        .toList();
  }

  private static Reject reject(JsonNode row) {
    try {
      return new Reject(
          row.path(0).asLong(-1),
          row.path(1).asLong(-1),
          row.path(2).asLong(-1),
          row.path(3).asText(),
          row.path(4).asText(),
          row.path(5).asText(),
          row.path(6).isNull() ? new byte[0] : row.path(6).binaryValue());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The files that a filter leaves. */
  public Scan scan(TableName name, Expression filter) {
    return tables.scan(name, new At.Now(), filter);
  }

  private TableState quarantine(TableName name) {
    TableName quarantine = new TableName("quarantine", name.name());
    return tables
        .load(quarantine)
        .orElseGet(
            () ->
                tables.create(
                    quarantine,
                    new TableSpec(QuarantineColumns.SCHEMA, List.of(), List.of(), 2, Map.of())));
  }

  private static At at(TableState table) {
    return table.snapshotId().isPresent()
        ? new At.Snapshot(table.snapshotId().getAsLong())
        : new At.Now();
  }

  private static TableChange change(TableState base, DataChange data, String operation) {
    return new TableChange(base, data, Map.of(), operation, Map.of());
  }

  private void commit(List<TableChange> changes) {
    CommitOutcome outcome = tables.commit(changes);
    if (!(outcome instanceof CommitOutcome.Committed)) {
      throw new AssertionError("not committed: " + outcome);
    }
  }

  @Override
  public void close() {
    engine.close();
    objects.close();
  }

  /** A result in memory. */
  public static final class Rows implements RowSink {
    private final List<JsonNode> rows = new ArrayList<>();

    /** The rows that came. */
    public List<JsonNode> rows() {
      return rows;
    }

    @Override
    public void columns(List<ResultColumn> columns) {}

    @Override
    public void rows(byte[] jsonRows, int count) {
      try {
        JSON.readTree(jsonRows).forEach(rows::add);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
