package tarn.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.iceberg.Schema;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.types.Conversions;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;
import tarn.core.database.Database;
import tarn.core.storage.ObjectKey;
import tarn.core.storage.ObjectStore;
import tarn.core.storage.Zone;
import tarn.core.table.At;
import tarn.core.table.ColumnStats;
import tarn.core.table.CommitOutcome;
import tarn.core.table.DataChange;
import tarn.core.table.PartitionTransform;
import tarn.core.table.Scan;
import tarn.core.table.ScanFile;
import tarn.core.table.TableChange;
import tarn.core.table.TableName;
import tarn.core.table.TableSpec;
import tarn.core.table.TableState;
import tarn.core.table.TableStore;
import tarn.core.table.WrittenFile;

/**
 * A lake for tests of tables: one object store, and two servers with a database connection each.
 * Its data files are a few made-up bytes, for a table store never opens them.
 */
public final class TableLake implements AutoCloseable {
  /** What every lake of this kind promises about its longest query or load. */
  public static final Duration LONGEST_WORK = Duration.ofHours(1);

  public static final TableName ORDERS = TableName.parse("clean.orders");
  public static final TableName SALES = TableName.parse("analytics.sales");

  public static final Schema COLUMNS =
      new Schema(
          Types.NestedField.required(1, "id", Types.LongType.get()),
          Types.NestedField.optional(2, "country", Types.StringType.get()),
          Types.NestedField.optional(3, "placed_at", Types.TimestampType.withZone()),
          Types.NestedField.optional(4, "amount", Types.IntegerType.get()));

  /** Makes the store under test. */
  @FunctionalInterface
  public interface Opener {
    TableStore open(Database database, ObjectStore objects, Clock clock, Duration longestWork);
  }

  private final AtomicInteger files = new AtomicInteger();
  private final Opener opener;

  public final ClockAhead clock = new ClockAhead();
  public final WatchedObjects objects;
  public final LossyDatabase database;
  public final TableStore store;
  public final TableStore other;
  private final Database otherDatabase;

  public TableLake(DatabasePlace place, ObjectStore objects, Opener opener) {
    this.objects = new WatchedObjects(objects);
    this.opener = opener;
    this.database = new LossyDatabase(place.open());
    this.otherDatabase = place.open();
    this.store = fresh();
    this.other = opener.open(otherDatabase, this.objects, clock, LONGEST_WORK);
  }

  /** A store over the same database that has nothing in memory. */
  public TableStore fresh() {
    return opener.open(database, objects, clock, LONGEST_WORK);
  }

  /** Makes an empty table. */
  public TableState create(TableName name, int formatVersion, PartitionTransform... partition) {
    return store.create(
        name, new TableSpec(COLUMNS, List.of(partition), List.of(), formatVersion, Map.of()));
  }

  /** A stored file with ids from one number to another, both included. */
  public WrittenFile file(TableState table, long from, long to, @Nullable Object... partition) {
    ObjectKey key =
        objects
            .key(table.location())
            .child("data")
            .child(files.incrementAndGet() + "-made-up.parquet");
    byte[] bytes = ("ids " + from + " to " + to).getBytes(StandardCharsets.UTF_8);
    objects.put(key, bytes);
    long rows = to - from + 1;
    int id = table.schema().findField("id").fieldId();
    ColumnStats stats = new ColumnStats(rows, 0, null, 8 * rows, bound(from), bound(to));
    return new WrittenFile(
        key, bytes.length, rows, Arrays.asList(partition), Map.of(id, stats), false);
  }

  private static ByteBuffer bound(long value) {
    return Conversions.toByteBuffer(Types.LongType.get(), value);
  }

  /** A file of position deletes; its bytes are made up. */
  public DataChange.PositionDeletes positionDeletes(TableState table, ScanFile file, long rows) {
    ObjectKey key =
        objects.key(table.location()).child("data").child(files.incrementAndGet() + "-del.parquet");
    objects.put(key, new byte[] {1});
    return new DataChange.PositionDeletes(file, key, 1, rows);
  }

  /** A change with no properties. */
  public static TableChange change(TableState base, DataChange data) {
    return new TableChange(base, data, Map.of(), "test", Map.of());
  }

  /** Rows of one file go. */
  public static DataChange delete(ScanFile file, long... positions) {
    return new DataChange.MergeOnRead(
        List.of(new DataChange.RowDeletes(file, positions)), List.of(), List.of());
  }

  /** Commits one change, which must succeed. */
  public TableState commit(TableState base, DataChange data) {
    return committed(store.commit(List.of(change(base, data)))).get(0);
  }

  /** Appends a file with these ids, which must succeed. */
  public TableState append(TableState base, long from, long to, @Nullable Object... partition) {
    return commit(base, new DataChange.Append(List.of(file(base, from, to, partition))));
  }

  public static List<TableState> committed(CommitOutcome outcome) {
    assertThat(outcome).isInstanceOf(CommitOutcome.Committed.class);
    return ((CommitOutcome.Committed) outcome).states();
  }

  public Scan scan(TableName name) {
    return scan(name, Expressions.alwaysTrue());
  }

  public Scan scan(TableName name, Expression filter) {
    return fresh().scan(name, new At.Now(), filter);
  }

  /** The only file of a table. */
  public ScanFile only(TableName name) {
    List<ScanFile> all = scan(name).files();
    assertThat(all).hasSize(1);
    return all.get(0);
  }

  public Set<Long> deletedPositions(ScanFile file) {
    Set<Long> positions = new TreeSet<>();
    fresh().deletedPositions(file, p -> assertThat(positions.add(p)).isTrue());
    return positions;
  }

  /** The objects below a table's location whose paths contain a text. */
  public Set<ObjectKey> objects(TableState table, String part) {
    ObjectKey root = objects.key(table.location());
    Set<ObjectKey> found = new HashSet<>();
    objects.list(
        root.zone(),
        root.path() + "/",
        info -> {
          if (info.key().path().contains(part)) {
            found.add(info.key());
          }
        });
    return found;
  }

  /** Every object of the zones where tables are. */
  public Set<ObjectKey> everything() {
    Set<ObjectKey> found = new HashSet<>();
    for (Zone zone : List.of(Zone.CLEAN, Zone.ANALYTICS)) {
      objects.list(zone, "", info -> found.add(info.key()));
    }
    return found;
  }

  @Override
  public void close() {
    database.close();
    otherDatabase.close();
    objects.close();
  }
}
