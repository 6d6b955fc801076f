package tarn.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static tarn.testkit.TableLake.ORDERS;
import static tarn.testkit.TableLake.SALES;
import static tarn.testkit.TableLake.change;
import static tarn.testkit.TableLake.committed;
import static tarn.testkit.TableLake.delete;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.iceberg.Schema;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.transforms.Transforms;
import org.apache.iceberg.types.Types;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.storage.ObjectKey;
import tarn.core.table.Appended;
import tarn.core.table.At;
import tarn.core.table.CommitOutcome;
import tarn.core.table.DataChange;
import tarn.core.table.MaintenancePolicy;
import tarn.core.table.PartitionTransform;
import tarn.core.table.PartitionTransform.Kind;
import tarn.core.table.Scan;
import tarn.core.table.ScanFile;
import tarn.core.table.SchemaChange;
import tarn.core.table.SnapshotInfo;
import tarn.core.table.SortColumn;
import tarn.core.table.TableChange;
import tarn.core.table.TableSpec;
import tarn.core.table.TableState;
import tarn.core.table.TableStore;
import tarn.core.table.WrittenFile;
import tarn.core.undo.Undo;

/** What every {@link TableStore} keeps. A test extends this and names where its lake is. */
public abstract class TableStoreContract {
  private static final PartitionTransform BY_COUNTRY =
      new PartitionTransform(Kind.IDENTITY, null, "country");

  @TempDir protected Path temp;
  private TableLake lake;

  /** A fresh lake, with nothing in it. */
  protected abstract TableLake lake(Path temp);

  @BeforeEach
  void open() {
    lake = lake(temp);
  }

  @AfterEach
  void close() {
    lake.close();
  }

  // ---- tables ----

  @Test
  void aTableIsThereUntilItIsDropped() {
    TableState sales = lake.create(SALES, 2);
    TableState orders = lake.create(ORDERS, 3, BY_COUNTRY);
    assertThat(lake.other.list()).containsExactly(SALES, ORDERS);
    assertThat(lake.other.load(ORDERS).orElseThrow().id()).isEqualTo(orders.id());
    assertThat(orders.version()).isEqualTo(1);
    assertThat(orders.formatVersion()).isEqualTo(3);
    assertThat(orders.snapshotId()).isEmpty();
    assertThat(orders.ledgerSeq()).isZero();
    assertThat(lake.scan(ORDERS).files()).isEmpty();
    assertThat(lake.store.totals(orders)).isEmpty();
    assertThat(sales.location()).isNotEqualTo(orders.location());
    lake.store.drop(ORDERS);
    assertThat(lake.other.list()).containsExactly(SALES);
    assertThat(lake.other.load(ORDERS)).isEmpty();
  }

  @Test
  void aNameIsTakenOnceAndTheLoserLeavesNothing() {
    lake.create(ORDERS, 2);
    Set<ObjectKey> before = lake.everything();
    assertCode(ErrorCode.ALREADY_EXISTS, "clean.orders", () -> lake.create(ORDERS, 3));
    assertThat(lake.everything()).isEqualTo(before);
  }

  @Test
  void whatIsNotThereIsNamed() {
    assertThat(lake.store.load(ORDERS)).isEmpty();
    assertCode(ErrorCode.NOT_FOUND, "clean.orders", () -> lake.store.drop(ORDERS));
    assertCode(ErrorCode.NOT_FOUND, "clean.orders", () -> lake.scan(ORDERS));
    assertCode(ErrorCode.NOT_FOUND, "clean.orders", () -> lake.store.history(ORDERS, 1));
  }

  // ---- rows ----

  @Test
  void anAppendAddsRows() {
    TableState one = lake.append(lake.create(ORDERS, 2), 1, 10);
    TableState two = lake.append(one, 11, 15);
    assertThat(two.version()).isEqualTo(3);
    assertThat(lake.store.load(ORDERS).orElseThrow().metadataLocation())
        .isEqualTo(two.metadataLocation());
    assertThat(lake.scan(ORDERS).rows()).isEqualTo(15);
    assertThat(lake.scan(ORDERS).snapshotId()).isEqualTo(two.snapshotId());
    assertThat(lake.store.totals(two))
        .containsEntry("total-records", "15")
        .containsEntry("total-data-files", "2");
    assertThat(lake.store.totals(one)).containsEntry("total-records", "10");
  }

  @Test
  void replaceAllLeavesOnlyTheNewRows() {
    TableState state = lake.append(lake.append(lake.create(ORDERS, 2), 1, 10), 11, 20);
    TableState after =
        lake.commit(state, new DataChange.ReplaceAll(List.of(lake.file(state, 1, 3))));
    assertThat(lake.scan(ORDERS).rows()).isEqualTo(3);
    assertThat(lake.only(ORDERS).rows()).isEqualTo(3);
    lake.commit(after, new DataChange.ReplaceAll(List.of()));
    assertThat(lake.scan(ORDERS).rows()).isZero();
  }

  @Test
  void replacePartitionsLeavesTheOthers() {
    TableState state = lake.create(ORDERS, 2, BY_COUNTRY);
    state = lake.append(state, 1, 10, "de");
    state = lake.append(state, 11, 20, "fr");
    state = lake.append(state, 21, 30, (Object) null);
    state =
        lake.commit(
            state,
            new DataChange.ReplacePartitions(
                List.of(lake.file(state, 1, 2, "fr"), lake.file(state, 3, 3, (Object) null))));
    assertThat(lake.scan(ORDERS).rows()).isEqualTo(13);
    assertThat(lake.scan(ORDERS, Expressions.equal("country", "fr")).rows()).isEqualTo(2);
    assertThat(lake.scan(ORDERS, Expressions.isNull("country")).rows()).isEqualTo(1);
  }

  @Test
  void vectorsHideRowsAndAddUp() {
    TableState state = lake.append(lake.create(ORDERS, 3, BY_COUNTRY), 0, 9, "de");
    state = lake.append(state, 10, 19, "fr");
    for (ScanFile file : lake.scan(ORDERS).files()) {
      assertThat(lake.deletedPositions(file)).isEmpty();
    }
    List<DataChange.RowDeletes> both =
        lake.scan(ORDERS).files().stream()
            .map(f -> new DataChange.RowDeletes(f, new long[] {1, 3}))
            .toList();
    state = lake.commit(state, new DataChange.MergeOnRead(both, List.of(), List.of()));
    ScanFile german = german();
    assertThat(lake.deletedPositions(german)).containsExactly(1L, 3L);
    assertThat(german.deleted()).isEqualTo(2);
    WrittenFile more = lake.file(state, 20, 20, "de");
    DataChange.RowDeletes again = new DataChange.RowDeletes(german, new long[] {3, 5});
    state =
        lake.commit(state, new DataChange.MergeOnRead(List.of(again), List.of(), List.of(more)));
    german = german();
    assertThat(lake.deletedPositions(german)).containsExactly(1L, 3L, 5L);
    assertThat(german.deletes()).hasSize(1);
    assertThat(lake.scan(ORDERS).rows()).isEqualTo(21 - 5);
    assertThat(lake.store.totals(state)).containsEntry("total-position-deletes", "5");
  }

  private ScanFile german() {
    return lake.scan(ORDERS, Expressions.equal("country", "de")).files().stream()
        .filter(f -> f.rows() == 10)
        .findFirst()
        .orElseThrow();
  }

  @Test
  void positionDeleteFilesHideRows() {
    TableState state = lake.append(lake.create(ORDERS, 2), 1, 10);
    state = lake.append(state, 11, 20);
    ScanFile file = lake.scan(ORDERS).files().get(0);
    DataChange.PositionDeletes deletes = lake.positionDeletes(state, file, 4);
    lake.commit(
        state,
        new DataChange.MergeOnRead(List.of(), List.of(deletes), List.of(lake.file(state, 21, 22))));
    assertThat(lake.scan(ORDERS).rows()).isEqualTo(18);
    ScanFile holed =
        lake.scan(ORDERS).files().stream().filter(f -> f.deleted() > 0).findFirst().orElseThrow();
    assertThat(holed.uri()).isEqualTo(file.uri());
    assertThat(holed.deletes())
        .containsExactly(new ScanFile.DeleteSource(deletes.key(), false, 0, 1));
  }

  @Test
  void copyOnWritePutsFilesInPlaceOfOthers() {
    TableState state = lake.append(lake.append(lake.create(ORDERS, 2), 1, 10), 11, 20);
    ScanFile removed = fileFrom(11);
    lake.commit(
        state, new DataChange.CopyOnWrite(List.of(removed), List.of(lake.file(state, 11, 15))));
    assertThat(lake.scan(ORDERS).rows()).isEqualTo(15);
    assertThat(lake.scan(ORDERS).files()).extracting(ScanFile::uri).doesNotContain(removed.uri());
  }

  private ScanFile fileFrom(long id) {
    List<ScanFile> files = lake.scan(ORDERS, Expressions.equal("id", id)).files();
    assertThat(files).hasSize(1);
    return files.get(0);
  }

  @Test
  void aRewriteTakesTheVectorsOfItsFilesAlong() {
    TableState state = lake.append(lake.create(ORDERS, 3), 0, 9);
    state = lake.append(state, 10, 19);
    state = lake.commit(state, delete(fileFrom(0), 0, 1, 2));
    state = lake.commit(state, delete(fileFrom(10), 0));
    state =
        lake.commit(
            state, new DataChange.Rewrite(List.of(fileFrom(3)), List.of(lake.file(state, 3, 9))));
    assertThat(lake.scan(ORDERS).rows()).isEqualTo(16);
    assertThat(fileFrom(3).deleted()).isZero();
    assertThat(fileFrom(10).deleted()).isEqualTo(1);
    assertThat(lake.store.totals(state))
        .containsEntry("total-position-deletes", "1")
        .containsEntry("total-delete-files", "1");
    lake.append(state, 20, 29);
    assertThat(lake.scan(ORDERS).rows()).isEqualTo(26);
  }

  // ---- what was appended ----

  @ParameterizedTest
  @ValueSource(ints = {2, 3})
  void whatOnlyGrewTellsTheFilesThatCame(int formatVersion) {
    TableState one = lake.append(lake.create(ORDERS, formatVersion), 1, 10);
    assertThat(uris(came(one, one))).isEmpty();
    TableState two = lake.append(one, 11, 15);
    ScanFile second = fileFrom(11);
    TableState three = lake.append(two, 16, 30);
    ScanFile third = fileFrom(16);
    assertThat(uris(came(one, three))).containsExactly(second.uri(), third.uri());
    assertThat(uris(came(two, three))).containsExactly(third.uri());
    assertThat(came(one, two).rows()).isEqualTo(5);
    assertThat(came(one, two).schema().schemaId()).isEqualTo(two.schema().schemaId());
    assertThat(came(one, two).files()).extracting(ScanFile::schemaId).containsExactly(0);
  }

  /** A load that finds no older version of its rows only adds, and so does one that has no key. */
  @Test
  void compactedFilesAreGivenAsTheyCame() {
    TableState one = lake.append(lake.create(ORDERS, 3), 1, 10);
    TableState two =
        lake.commit(
            one, new DataChange.MergeOnRead(List.of(), List.of(), List.of(lake.file(one, 11, 15))));
    ScanFile second = fileFrom(11);
    DataChange compaction =
        new DataChange.Rewrite(List.of(fileFrom(1), second), List.of(lake.file(two, 1, 15)));
    TableState compacted = lake.commit(two, compaction);
    assertThat(uris(came(one, compacted))).containsExactly(second.uri());
    assertThat(uris(came(two, compacted))).isEmpty();
    TableState three = lake.append(compacted, 16, 20);
    assertThat(uris(came(two, three))).containsExactly(fileFrom(16).uri());
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3})
  void whatDidMoreThanGrowSaysSo(int formatVersion) {
    TableState one = lake.append(lake.create(ORDERS, formatVersion, BY_COUNTRY), 1, 10, "de");
    List<DataChange> changes = new ArrayList<>();
    changes.add(new DataChange.ReplaceAll(List.of(lake.file(one, 1, 3, "de"))));
    changes.add(new DataChange.ReplaceAll(List.of()));
    changes.add(new DataChange.ReplacePartitions(List.of(lake.file(one, 1, 3, "de"))));
    changes.add(new DataChange.ReplacePartitions(List.of(lake.file(one, 1, 3, "fr"))));
    changes.add(
        new DataChange.CopyOnWrite(List.of(fileFrom(1)), List.of(lake.file(one, 1, 9, "de"))));
    changes.add(
        formatVersion == 3
            ? delete(fileFrom(1), 2)
            : new DataChange.MergeOnRead(
                List.of(), List.of(lake.positionDeletes(one, fileFrom(1), 1)), List.of()));
    for (DataChange change : changes) {
      TableState changed = lake.commit(one, change);
      assertThat(more(one, changed)).as("%s", change).contains("replaced or removed");
      TableState later = lake.append(changed, 100, 101, "de");
      assertThat(more(one, later)).contains("replaced or removed");
      assertThat(uris(came(changed, later))).hasSize(1);
      TableState back = lake.commit(later, new DataChange.Rollback(one.snapshotId().getAsLong()));
      assertThat(more(later, back)).contains("taken back");
      assertThat(uris(came(one, back))).isEmpty();
      one = back;
    }
  }

  @Test
  void whatHasExpiredOrHasOtherColumnsIsNotToldApart() {
    TableState one = lake.append(lake.create(ORDERS, 2), 1, 10);
    TableState two = lake.append(one, 11, 20);
    TableState wider = lake.append(lake.store.evolve(two, addition("later")), 21, 30);
    assertThat(more(two, wider)).contains("columns");
    TableState last = lake.append(wider, 31, 40);
    assertThat(uris(came(wider, last))).hasSize(1);
    expireAllButTheLast();
    assertThat(more(wider, last)).contains("expired");
    assertThat(uris(came(last, last))).isEmpty();
  }

  private Scan came(TableState since, TableState upTo) {
    assertThat(appended(since, upTo)).isInstanceOf(Appended.Only.class);
    return ((Appended.Only) appended(since, upTo)).files();
  }

  private String more(TableState since, TableState upTo) {
    assertThat(appended(since, upTo)).isInstanceOf(Appended.More.class);
    return ((Appended.More) appended(since, upTo)).why();
  }

  private Appended appended(TableState since, TableState upTo) {
    return lake.fresh()
        .appended(ORDERS, since.snapshotId().getAsLong(), upTo.snapshotId().getAsLong());
  }

  private static List<String> uris(Scan scan) {
    return scan.files().stream().map(ScanFile::uri).toList();
  }

  // ---- columns ----

  @Test
  void columnsMayChangeWithAllRows() {
    TableState before = lake.append(lake.create(ORDERS, 2), 1, 10);
    SchemaChange change =
        new SchemaChange(
            List.of(),
            List.of("amount"),
            List.of(),
            List.of(new SchemaChange.Column("amount", Types.StringType.get())));
    TableState wanted = lake.store.evolved(before, change);
    assertThat(lake.fresh().load(ORDERS).orElseThrow().metadataLocation())
        .isEqualTo(before.metadataLocation());
    assertThat(wanted.schema().schemaId()).isNotEqualTo(before.schema().schemaId());
    TableState after =
        lake.commit(before, new DataChange.ReplaceAll(List.of(lake.file(wanted, 1, 3)), change));
    assertThat(after.version()).isEqualTo(before.version() + 1);
    assertThat(after.schema().asStruct()).isEqualTo(wanted.schema().asStruct());
    assertThat(after.schema().schemaId()).isEqualTo(wanted.schema().schemaId());
    assertThat(lake.scan(ORDERS).rows()).isEqualTo(3);
    assertThat(lake.only(ORDERS).schemaId()).isEqualTo(wanted.schema().schemaId());
  }

  /** Its files would have other field ids than the columns. */
  @Test
  void aChangeOfColumnsWithAllRowsIsNotPutOnTopOfAnotherCommit() {
    TableState before = lake.create(ORDERS, 2);
    SchemaChange change = addition("later");
    WrittenFile file = lake.file(lake.store.evolved(before, change), 1, 3);
    TableState touched =
        TableLake.committed(
                lake.store.commit(
                    List.of(
                        new TableChange(
                            before, new DataChange.None(), Map.of("a", "b"), "test", Map.of()))))
            .get(0);
    assertConflict(before, new DataChange.ReplaceAll(List.of(file), change), "another commit");
    lake.commit(touched, new DataChange.ReplaceAll(List.of(file), change));
    assertThat(lake.scan(ORDERS).rows()).isEqualTo(3);
  }

  @Test
  void anOlderSnapshotHoldsAgain() {
    TableState empty = lake.create(ORDERS, 2);
    TableState one = lake.append(empty, 1, 10);
    TableState two = lake.append(one, 11, 15);
    long first = one.snapshotId().getAsLong();
    assertConflict(one, new DataChange.Rollback(null), "another snapshot");
    assertConflict(two, new DataChange.Rollback(12345L), "expired");
    TableState back = lake.commit(two, new DataChange.Rollback(first));
    assertThat(back.snapshotId()).hasValue(first);
    assertThat(lake.scan(ORDERS).rows()).isEqualTo(10);
    assertThat(
            lake.store
                .scan(
                    ORDERS, new At.Snapshot(two.snapshotId().getAsLong()), Expressions.alwaysTrue())
                .rows())
        .isEqualTo(15);
    TableState again = lake.append(back, 21, 21);
    assertThat(lake.scan(ORDERS).rows()).isEqualTo(11);
    TableState none = lake.commit(again, new DataChange.Rollback(null));
    assertThat(none.snapshotId()).isEmpty();
    assertThat(lake.scan(ORDERS).rows()).isZero();
    lake.append(none, 1, 2);
    assertThat(lake.scan(ORDERS).rows()).isEqualTo(2);
  }

  @Test
  void whatHasExpiredCannotBeUndone() {
    lake.append(lake.append(lake.create(ORDERS, 2), 1, 10), 11, 15);
    expireAllButTheLast();
    assertCode(ErrorCode.BAD_REQUEST, "expired", () -> new Undo(lake.store).undo(ORDERS));
    assertThat(lake.scan(ORDERS).rows()).isEqualTo(15);
  }

  @Test
  void columnsChangeAndKeepTheirIds() {
    TableState before = lake.append(lake.create(ORDERS, 2), 1, 10);
    TableState after =
        lake.store.evolve(
            before,
            new SchemaChange(
                List.of(new SchemaChange.Rename("country", "land")),
                List.of("placed_at"),
                List.of(new SchemaChange.Column("amount", Types.LongType.get())),
                List.of(new SchemaChange.Column("placed_at", Types.StringType.get()))));
    assertThat(after.schema().columns())
        .extracting(Types.NestedField::name)
        .containsExactly("id", "land", "amount", "placed_at");
    assertThat(id(after, "land")).isEqualTo(id(before, "country"));
    assertThat(id(after, "amount")).isEqualTo(id(before, "amount"));
    assertThat(id(after, "placed_at")).isGreaterThan(4);
    assertThat(after.schema().findType("amount")).isEqualTo(Types.LongType.get());
    assertThat(lake.scan(ORDERS).rows()).isEqualTo(10);
  }

  private static int id(TableState state, String column) {
    return state.schema().findField(column).fieldId();
  }

  @Test
  void aTableIsRebuiltInAnotherShapeAndItsPastStaysReadable() {
    TableState first = lake.append(lake.create(ORDERS, 3, BY_COUNTRY), 1, 10, "de");
    TableState before = lake.append(first, 11, 15, "fr");
    TableSpec spec =
        new TableSpec(
            new Schema(
                Types.NestedField.optional(1, "amount", Types.IntegerType.get()),
                Types.NestedField.optional(2, "id", Types.LongType.get()),
                Types.NestedField.optional(3, "country", Types.IntegerType.get()),
                Types.NestedField.optional(4, "placed_at", Types.TimestampType.withZone())),
            List.of(new PartitionTransform(Kind.MONTH, null, "placed_at")),
            List.of(new SortColumn("id", true)),
            3,
            Map.of());
    TableState shaped = lake.store.reshaped(before, spec);
    assertThat(shaped.snapshotId()).isEmpty();
    assertThat(shaped.schema().columns().stream().map(Types.NestedField::name))
        .containsExactly("amount", "id", "country", "placed_at");
    assertThat(shaped.schema().findField("amount").fieldId()).isEqualTo(4);
    assertThat(shaped.schema().findField("country").fieldId()).as("another type").isEqualTo(5);
    assertThat(lake.store.load(ORDERS).orElseThrow().version())
        .as("nothing is committed")
        .isEqualTo(before.version());

    WrittenFile file = lake.file(shaped, 1, 3, 600);
    TableState after = lake.commit(before, new DataChange.Rebuild(spec, List.of(file)));
    TableState read = lake.fresh().load(ORDERS).orElseThrow();
    assertThat(read.schema().sameSchema(shaped.schema())).isTrue();
    assertThat(read.spec().fields()).isEqualTo(shaped.spec().fields());
    assertThat(read.sortOrder().fields()).isEqualTo(shaped.sortOrder().fields());
    assertThat(lake.only(ORDERS).rows()).isEqualTo(3);
    assertThat(lake.only(ORDERS).partition()).containsExactly(600);
    Scan past =
        lake.fresh()
            .scan(
                ORDERS, new At.Snapshot(before.snapshotId().getAsLong()), Expressions.alwaysTrue());
    assertThat(past.rows()).isEqualTo(15);
    assertThat(past.schema().findField("country").type()).isEqualTo(Types.StringType.get());

    TableState back = lake.commit(after, new DataChange.Rollback(before.snapshotId().getAsLong()));
    assertThat(back.schema().sameSchema(before.schema())).isTrue();
    assertThat(lake.scan(ORDERS).rows()).isEqualTo(15);
    lake.append(lake.fresh().load(ORDERS).orElseThrow(), 16, 20, (Object) 601);
    assertThat(lake.scan(ORDERS).rows()).isEqualTo(20);
  }

  @Test
  void aRebuildConflictsWithRowsThatItDidNotSee() {
    TableState base = lake.append(lake.create(ORDERS, 2), 1, 10);
    lake.append(base, 11, 12);
    TableSpec same = new TableSpec(TableLake.COLUMNS, List.of(), List.of(), 2, Map.of());
    assertConflict(base, new DataChange.Rebuild(same, List.of()), "");
    assertThat(lake.scan(ORDERS).rows()).isEqualTo(12);
  }

  @Test
  void aNewPartitioningIsForRowsThatComeAndLeavesTheOthers() {
    TableState old = lake.append(lake.create(ORDERS, 2, BY_COUNTRY), 1, 10, "de");
    PartitionTransform bucket = new PartitionTransform(Kind.BUCKET, 4, "id");
    TableState now =
        lake.store.define(
            old, List.of(bucket), List.of(new SortColumn("id", false)), Map.of("comment", "new"));
    assertThat(now.properties()).containsEntry("comment", "new");
    assertThat(now.snapshotId()).isEqualTo(old.snapshotId());
    TableState after = lake.append(now, 11, 12, 3);
    assertThat(lake.scan(ORDERS).files().stream().map(ScanFile::partition))
        .containsExactlyInAnyOrder(List.of("de"), List.of(3));
    assertThat(lake.store.define(after, List.of(bucket), List.of(), Map.of()).version())
        .isEqualTo(after.version() + 1);
    TableState back = lake.store.load(ORDERS).orElseThrow();
    TableState again = lake.store.define(back, List.of(BY_COUNTRY), List.of(), Map.of());
    assertThat(again.spec().fields()).isEqualTo(old.spec().fields());
    assertThat(lake.store.define(again, List.of(BY_COUNTRY), List.of(), Map.of()).version())
        .as("nothing to do")
        .isEqualTo(again.version());
    assertCode(
        ErrorCode.BAD_REQUEST,
        "missing",
        () ->
            lake.store.define(
                again,
                List.of(new PartitionTransform(Kind.DAY, null, "missing")),
                List.of(),
                Map.of()));
  }

  @Test
  void filesTellTheSchemaThatTheyWereWrittenWith() {
    TableState first = lake.append(lake.create(ORDERS, 2), 1, 10);
    TableState evolved = lake.store.evolve(first, addition("later"));
    TableState second = lake.append(evolved, 11, 30);
    assertThat(lake.scan(ORDERS).files())
        .extracting(f -> f.rows() + " " + f.schemaId())
        .containsExactlyInAnyOrder(
            "10 " + first.schema().schemaId(), "20 " + second.schema().schemaId());
    assertThat(lake.scan(ORDERS).schema().schemaId()).isEqualTo(second.schema().schemaId());
    expireAllButTheLast();
    assertThat(lake.scan(ORDERS).files())
        .extracting(f -> f.rows() + " " + f.schemaId())
        .containsExactlyInAnyOrder("10 null", "20 " + second.schema().schemaId());
  }

  private void expireAllButTheLast() {
    lake.clock.advance(Duration.ofDays(30));
    lake.store.maintain(ORDERS, new MaintenancePolicy(Duration.ofDays(1), 1, Duration.ofDays(1)));
  }

  @Test
  void forbiddenChangesOfColumnsAreRefused() {
    TableState state = lake.create(ORDERS, 2, BY_COUNTRY);
    SchemaChange.Column narrow = new SchemaChange.Column("id", Types.IntegerType.get());
    SchemaChange.Column twice = new SchemaChange.Column("amount", Types.IntegerType.get());
    for (SchemaChange change :
        List.of(
            new SchemaChange(List.of(), List.of(), List.of(narrow), List.of()),
            new SchemaChange(List.of(), List.of(), List.of(), List.of(twice)),
            new SchemaChange(List.of(), List.of("country"), List.of(), List.of()),
            new SchemaChange(List.of(), List.of("nothing"), List.of(), List.of()))) {
      assertCode(ErrorCode.BAD_REQUEST, "clean.orders", () -> lake.store.evolve(state, change));
    }
    assertThat(lake.store.load(ORDERS).orElseThrow().version()).isEqualTo(1);
  }

  @Test
  void columnsThatSomeoneElseChangedAreAConflict() {
    TableState base = lake.create(ORDERS, 2);
    TableState newer = lake.append(base, 1, 10);
    TableState evolved = lake.store.evolve(base, addition("a"));
    assertThat(evolved.version()).isEqualTo(newer.version() + 1);
    assertCode(ErrorCode.CONFLICT, "clean.orders", () -> lake.other.evolve(base, addition("b")));
    assertConflict(base, new DataChange.Append(List.of(lake.file(base, 1, 2))), "columns");
  }

  private static SchemaChange addition(String name) {
    return new SchemaChange(
        List.of(),
        List.of(),
        List.of(),
        List.of(new SchemaChange.Column(name, Types.StringType.get())));
  }

  // ---- several writers ----

  @Test
  void severalTablesAreCommittedAllOrNone() {
    TableState orders = lake.create(ORDERS, 2);
    TableState sales = lake.create(SALES, 2);
    List<TableChange> changes = List.of(append(orders, 1, 10, "5"), append(sales, 1, 3, "5"));
    List<TableState> states = committed(lake.store.commit(changes));
    assertThat(states).extracting(TableState::name).containsExactly(ORDERS, SALES);
    assertThat(states).extracting(TableState::ledgerSeq).containsExactly(5L, 5L);
    lake.other.commit(List.of(append(states.get(1), 4, 4, "6")));
    Set<ObjectKey> before = lake.objects(orders, "/metadata/");
    CommitOutcome refused =
        lake.store.commit(
            List.of(append(states.get(0), 11, 20, "7"), append(states.get(1), 5, 9, "7")));
    assertThat(refused).isInstanceOf(CommitOutcome.Conflict.class);
    assertThat(((CommitOutcome.Conflict) refused).table()).isEqualTo(SALES);
    assertThat(lake.scan(ORDERS).rows()).isEqualTo(10);
    assertThat(lake.scan(SALES).rows()).isEqualTo(4);
    assertThat(lake.objects(orders, "/metadata/")).isEqualTo(before);
  }

  @Test
  void aTableIsChangedOnceInACommit() {
    TableState orders = lake.create(ORDERS, 2);
    TableChange once = change(orders, new DataChange.None());
    assertThatThrownBy(() -> lake.store.commit(List.of(once, once)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("clean.orders");
  }

  private TableChange append(TableState base, long from, long to, String seq) {
    return new TableChange(
        base,
        new DataChange.Append(List.of(lake.file(base, from, to))),
        Map.of(TableState.LEDGER_SEQ, seq),
        "load",
        Map.of("read", Long.toString(to - from + 1)));
  }

  @Test
  void aPropertyThatAnotherCommitMovedIsAConflict() {
    TableState base = lake.create(ORDERS, 2);
    TableState moved = committed(lake.other.commit(List.of(append(base, 1, 5, "3")))).get(0);
    CommitOutcome outcome = lake.store.commit(List.of(append(base, 1, 5, "3")));
    assertThat(outcome).isInstanceOf(CommitOutcome.Conflict.class);
    assertThat(((CommitOutcome.Conflict) outcome).why()).contains(TableState.LEDGER_SEQ);
    assertThat(lake.scan(ORDERS).rows()).isEqualTo(5);
    committed(lake.store.commit(List.of(append(moved, 6, 10, "4"))));
    assertThat(lake.store.load(ORDERS).orElseThrow().ledgerSeq()).isEqualTo(4);
  }

  @Test
  void anAppendGoesOnTopOfAnother() {
    TableState base = lake.append(lake.create(ORDERS, 2), 1, 10);
    lake.append(base, 11, 20);
    TableState state = lake.append(base, 21, 30);
    assertThat(state.version()).isEqualTo(base.version() + 2);
    assertThat(lake.scan(ORDERS).rows()).isEqualTo(30);
  }

  @Test
  void rowDeletesConflictWithWhatMovedTheirRows() {
    TableState base = lake.append(lake.create(ORDERS, 3), 0, 9);
    ScanFile file = lake.only(ORDERS);
    lake.commit(base, new DataChange.Rewrite(List.of(file), List.of(lake.file(base, 0, 9))));
    assertConflict(base, delete(file, 1), "");
    TableState compacted = lake.store.load(ORDERS).orElseThrow();
    ScanFile now = lake.only(ORDERS);
    lake.commit(compacted, delete(now, 1));
    assertConflict(compacted, delete(now, 2), "");
    assertThat(lake.deletedPositions(lake.only(ORDERS))).containsExactly(1L);
  }

  @Test
  void aRewriteConflictsWithRowDeletesAndNotWithAppends() {
    TableState base = lake.append(lake.create(ORDERS, 3), 0, 9);
    ScanFile file = lake.only(ORDERS);
    lake.append(base, 10, 19);
    DataChange rewrite = new DataChange.Rewrite(List.of(file), List.of(lake.file(base, 0, 9)));
    TableState appended = lake.commit(base, rewrite);
    assertThat(lake.scan(ORDERS).rows()).isEqualTo(20);
    ScanFile other = fileFrom(10);
    lake.commit(appended, delete(other, 0));
    assertConflict(
        appended, new DataChange.Rewrite(List.of(other), List.of(lake.file(base, 10, 19))), "");
    assertThat(lake.scan(ORDERS).rows()).isEqualTo(19);
  }

  @Test
  void copyOnWriteConflictsWithEveryChangeOfRowsAndWithCompaction() {
    TableState base = lake.append(lake.create(ORDERS, 3), 0, 9);
    ScanFile file = lake.only(ORDERS);
    DataChange copy = new DataChange.CopyOnWrite(List.of(file), List.of(lake.file(base, 1, 9)));
    TableState compacted =
        lake.commit(base, new DataChange.Rewrite(List.of(file), List.of(lake.file(base, 0, 9))));
    assertConflict(base, copy, "");
    assertThat(lake.scan(ORDERS).rows()).isEqualTo(10);
    ScanFile now = lake.only(ORDERS);
    DataChange again = new DataChange.CopyOnWrite(List.of(now), List.of(lake.file(base, 1, 9)));
    TableState deleted = lake.commit(compacted, delete(now, 5));
    assertConflict(compacted, again, "");
    lake.append(deleted, 10, 19);
    DataChange third =
        new DataChange.CopyOnWrite(List.of(fileFrom(0)), List.of(lake.file(base, 1, 9)));
    assertConflict(deleted, third, "");
  }

  @Test
  void replacingConflictsWithRowsThatItDidNotSee() {
    TableState base = lake.append(lake.create(ORDERS, 2, BY_COUNTRY), 1, 10, "de");
    lake.append(base, 11, 20, "de");
    assertConflict(base, new DataChange.ReplaceAll(List.of()), "");
    assertConflict(
        base, new DataChange.ReplacePartitions(List.of(lake.file(base, 1, 2, "de"))), "");
    lake.commit(base, new DataChange.ReplacePartitions(List.of(lake.file(base, 1, 2, "fr"))));
    assertThat(lake.scan(ORDERS).rows()).isEqualTo(22);
  }

  @Test
  void aTableMadeAgainIsAnotherTable() {
    TableState old = lake.append(lake.create(ORDERS, 2), 1, 10);
    lake.store.drop(ORDERS);
    assertCode(
        ErrorCode.NOT_FOUND,
        "clean.orders",
        () -> lake.store.commit(List.of(change(old, new DataChange.None()))));
    lake.create(ORDERS, 2);
    assertConflict(old, new DataChange.Append(List.of(lake.file(old, 1, 2))), "dropped");
    assertThat(lake.scan(ORDERS).rows()).isZero();
  }

  @Test
  void concurrentAppendsAreNeverLost() {
    TableState base = lake.create(ORDERS, 2);
    Together.run(
        4,
        thread -> {
          TableStore mine = thread % 2 == 0 ? lake.store : lake.other;
          for (int i = 0; i < 10; i++) {
            appendUntilCommitted(mine, base);
          }
          return thread;
        });
    Scan scan = lake.scan(ORDERS);
    assertThat(scan.rows()).isEqualTo(40);
    assertThat(scan.files()).extracting(ScanFile::uri).doesNotHaveDuplicates();
    assertThat(lake.store.history(ORDERS, 100))
        .extracting(SnapshotInfo::version)
        .hasSize(41)
        .startsWith(41L)
        .endsWith(1L);
  }

  private void appendUntilCommitted(TableStore store, TableState base) {
    DataChange one = new DataChange.Append(List.of(lake.file(base, 1, 1)));
    CommitOutcome outcome = store.commit(List.of(change(base, one)));
    while (outcome instanceof CommitOutcome.Conflict) {
      outcome = store.commit(List.of(change(base, one)));
    }
  }

  // ---- reading ----

  @Test
  void thePastCanBeRead() throws InterruptedException {
    Instant early = Instant.now().minusSeconds(1);
    TableState one = lake.append(lake.create(ORDERS, 2), 1, 10);
    Thread.sleep(5);
    Instant between = Instant.now();
    Thread.sleep(5);
    TableState two = lake.append(one, 11, 20);
    lake.store.evolve(two, addition("later"));
    Scan then =
        lake.store.scan(
            ORDERS, new At.Snapshot(one.snapshotId().getAsLong()), Expressions.alwaysTrue());
    assertThat(then.rows()).isEqualTo(10);
    assertThat(then.schema().findField("later")).isNull();
    assertThat(lake.scan(ORDERS).schema().findField("later")).isNotNull();
    Scan at = lake.store.scan(ORDERS, new At.Time(between), Expressions.alwaysTrue());
    assertThat(at.snapshotId()).isEqualTo(one.snapshotId());
    assertCode(
        ErrorCode.NOT_FOUND,
        "no snapshot 42",
        () -> lake.store.scan(ORDERS, new At.Snapshot(42), Expressions.alwaysTrue()));
    assertCode(
        ErrorCode.NOT_FOUND,
        "as old as " + early,
        () -> lake.store.scan(ORDERS, new At.Time(early), Expressions.alwaysTrue()));
  }

  @Test
  void filesAreLeftOutByPartition() {
    PartitionTransform month = new PartitionTransform(Kind.MONTH, null, "placed_at");
    PartitionTransform bucket = new PartitionTransform(Kind.BUCKET, 16, "id");
    TableState state = lake.create(ORDERS, 2, BY_COUNTRY, month, bucket);
    List<WrittenFile> files = new ArrayList<>();
    for (String country : List.of("de", "fr")) {
      for (int i = 0; i < 4; i++) {
        files.add(lake.file(state, 7, 7, country, 12 * 56 + i, bucketOf(7)));
        files.add(lake.file(state, 7, 8, country, 12 * 56 + i, (bucketOf(7) + 1) % 16));
      }
    }
    lake.commit(state, new DataChange.Append(files));
    assertThat(lake.scan(ORDERS).filesBeforePruning()).isEqualTo(16);
    assertThat(lake.scan(ORDERS, Expressions.equal("COUNTRY", "de")).files()).hasSize(8);
    assertThat(lake.scan(ORDERS, Expressions.equal("id", 7L)).files()).hasSize(8);
    Scan february =
        lake.scan(
            ORDERS,
            Expressions.and(
                Expressions.greaterThanOrEqual("placed_at", "2026-02-01T00:00:00+00:00"),
                Expressions.lessThan("placed_at", "2026-03-01T00:00:00+00:00")));
    assertThat(february.files()).hasSize(4);
    assertThat(february.filesBeforePruning()).isEqualTo(16);
    assertThat(february.files().get(0).partition()).contains(12 * 56 + 1);
  }

  private static int bucketOf(long id) {
    return Transforms.<Long>bucket(16).bind(Types.LongType.get()).apply(id);
  }

  @Test
  void filesAreLeftOutByTheirBounds() {
    TableState state = lake.append(lake.append(lake.create(ORDERS, 2), 1, 10), 11, 20);
    lake.append(state, 21, 30);
    assertThat(lake.scan(ORDERS, Expressions.equal("id", 15L)).files()).hasSize(1);
    assertThat(lake.scan(ORDERS, Expressions.greaterThan("id", 10L)).files()).hasSize(2);
    assertThat(lake.scan(ORDERS, Expressions.greaterThan("id", 30L)).files()).isEmpty();
    assertThat(lake.scan(ORDERS, Expressions.equal("country", "de")).files()).hasSize(3);
  }

  @Test
  void historySaysWhatEachCommitDid() {
    TableState base = lake.create(ORDERS, 2);
    TableState loaded = committed(lake.store.commit(List.of(append(base, 1, 5, "9")))).get(0);
    TableChange note =
        new TableChange(base, new DataChange.None(), Map.of("note", "x"), "note", Map.of());
    committed(lake.store.commit(List.of(note)));
    List<SnapshotInfo> rows = lake.other.history(ORDERS, 10);
    assertThat(rows).extracting(SnapshotInfo::operation).containsExactly("note", "load", "create");
    assertThat(rows).extracting(SnapshotInfo::version).containsExactly(3L, 2L, 1L);
    assertThat(rows.get(0).snapshotId()).isNull();
    SnapshotInfo load = rows.get(1);
    assertThat(load.snapshotId()).isEqualTo(loaded.snapshotId().getAsLong());
    assertThat(load.ledgerSeq()).isEqualTo(9);
    assertThat(load.readable()).isTrue();
    assertThat(load.summary()).containsEntry("read", "5").containsEntry("added-records", "5");
    assertThat(load.principal()).isNotEmpty();
    assertThat(lake.other.history(ORDERS, 1)).containsExactly(rows.get(0));
  }

  @Test
  void oldMetadataFilesGo() {
    TableState state = lake.create(ORDERS, 2);
    for (int i = 0; i < 30; i++) {
      state = lake.append(state, i, i);
    }
    assertThat(lake.objects(state, ".metadata.json")).hasSize(11);
  }

  // ---- faults ----

  @Test
  void aLostAnswerIsFoundOut() {
    TableState base = lake.create(ORDERS, 2);
    lake.database.failNextWrite(LossyDatabase.Fault.ANSWER_LOST);
    TableState state = lake.append(base, 1, 10);
    assertThat(state.version()).isEqualTo(2);
    lake.database.failNextWrite(LossyDatabase.Fault.COMMIT_LOST);
    state = lake.append(state, 11, 20);
    assertThat(state.version()).isEqualTo(3);
    assertThat(lake.scan(ORDERS).rows()).isEqualTo(20);
    assertThat(lake.store.history(ORDERS, 10)).hasSize(3);
    assertThat(lake.objects(state, "/snap-")).hasSize(2);
  }

  @Test
  void aRefusedCommitLeavesNothing() {
    TableState base = lake.append(lake.create(ORDERS, 2), 1, 10);
    DataChange more = new DataChange.Append(List.of(lake.file(base, 11, 20)));
    Set<ObjectKey> before = lake.everything();
    lake.database.failNextWrite(LossyDatabase.Fault.REFUSED);
    assertCode(ErrorCode.DATABASE_UNAVAILABLE, "", () -> lake.commit(base, more));
    assertThat(lake.everything()).isEqualTo(before);
    assertThat(lake.store.load(ORDERS).orElseThrow().version()).isEqualTo(base.version());
  }

  @Test
  void aCommitIsNotLostBecauseOldFilesCannotBeRemoved() {
    TableState state = lake.create(ORDERS, 2);
    lake.objects.refuseDeletes(true);
    for (int i = 0; i < 15; i++) {
      state = lake.append(state, i, i);
    }
    assertThat(lake.scan(ORDERS).rows()).isEqualTo(15);
  }

  @Test
  void aMissingMetadataFileIsNamed() {
    TableState state = lake.append(lake.create(ORDERS, 2), 1, 10);
    Set<ObjectKey> lists = lake.objects(state, "/snap-");
    lists.forEach(lake.objects::delete);
    assertCode(ErrorCode.CATALOG_CORRUPT, lists.iterator().next().name(), () -> lake.scan(ORDERS));
    lake.objects.delete(lake.objects.key(state.metadataLocation()));
    assertCode(
        ErrorCode.CATALOG_CORRUPT, state.metadataLocation(), () -> lake.fresh().load(ORDERS));
  }

  @Test
  void aDamagedMetadataFileIsNamed() {
    TableState state = lake.append(lake.create(ORDERS, 2), 1, 10);
    ObjectKey list = lake.objects(state, "/snap-").iterator().next();
    damage(list);
    assertCode(ErrorCode.CATALOG_CORRUPT, list.name(), () -> lake.scan(ORDERS));
    damage(lake.objects.key(state.metadataLocation()));
    assertCode(
        ErrorCode.CATALOG_CORRUPT, state.metadataLocation(), () -> lake.fresh().load(ORDERS));
  }

  private void damage(ObjectKey key) {
    lake.objects.delete(key);
    lake.objects.put(key, new byte[] {1, 2, 3});
  }

  // ---- words ----

  private void assertConflict(TableState base, DataChange data, String why) {
    Set<ObjectKey> before = lake.everything();
    CommitOutcome outcome = lake.other.commit(List.of(change(base, data)));
    assertThat(outcome).isInstanceOf(CommitOutcome.Conflict.class);
    CommitOutcome.Conflict conflict = (CommitOutcome.Conflict) outcome;
    assertThat(conflict.table()).isEqualTo(base.name());
    assertThat(conflict.why()).contains(why);
    assertThat(lake.everything()).isEqualTo(before);
  }

  static void assertCode(ErrorCode code, String part, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOf(TarnException.class)
        .hasMessageContaining(part)
        .extracting(e -> ((TarnException) e).code())
        .isEqualTo(code);
  }
}
