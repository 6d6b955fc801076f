package tarn.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.iceberg.Schema;
import org.apache.iceberg.types.Conversions;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tarn.core.change.Lsn;
import tarn.core.change.Moment;
import tarn.core.change.Transaction;
import tarn.core.engine.ApplyJob;
import tarn.core.engine.ChangeColumns;
import tarn.core.engine.Column;
import tarn.core.engine.ColumnarJob;
import tarn.core.engine.Compression;
import tarn.core.engine.QueryJob;
import tarn.core.engine.RawFormat;
import tarn.core.engine.RawInput;
import tarn.core.engine.Relation;
import tarn.core.engine.View;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.ledger.RawFile;
import tarn.core.storage.Hashes;
import tarn.core.storage.ObjectKey;
import tarn.core.storage.Zone;
import tarn.core.table.At;
import tarn.core.table.ColumnStats;
import tarn.core.table.DataChange;
import tarn.core.table.PartitionTransform;
import tarn.core.table.TableName;
import tarn.core.table.TableState;
import tarn.core.table.WrittenFile;

/** What every engine makes of a source's texts and of the changes of its tables. */
public abstract class EngineChangesContract extends EngineFixture {
  private static final ObjectMapper JSON =
      new ObjectMapper()
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .setNodeFactory(JsonNodeFactory.withExactBigDecimals(true));
  private static final int BATCHES = 9;
  private static final int CHANGES = 40;
  private static final String[] TEXTS = {"", "a,b", "say \"x\"\n\r\nand, \\N", "é😀", " ", "NULL"};

  private final List<Path> folder = new ArrayList<>();
  private int files;

  @BeforeAll
  void keepFolder(@TempDir Path temp) {
    folder.add(temp);
  }

  // ---- a history ----

  /** A row: the key's columns, a number, and three texts, the first of which partitions may use. */
  private static Schema schema(Type first) {
    return new Schema(
        Types.NestedField.optional(1, "id", first),
        Types.NestedField.optional(2, "at/~\"", Types.TimestampType.withoutZone()),
        Types.NestedField.optional(3, "n", Types.LongType.get()),
        Types.NestedField.optional(4, "p", Types.StringType.get()),
        Types.NestedField.optional(5, "big", Types.StringType.get()),
        Types.NestedField.optional(6, "doc", Types.StringType.get()));
  }

  private static final int BIG = 4;

  /**
   * A change as it stands in a text.
   *
   * @param unsaid of the row's columns
   */
  private record Event(
      String op,
      long lsn,
      long ordinal,
      long xid,
      List<@Nullable String> row,
      List<String> unsaid,
      @Nullable String before) {}

  /** A source's table, which writes down what happens to it. */
  private static final class Source {
    private final Random random;
    private final Schema schema;
    private final int keys;
    private final boolean full;
    private final Map<List<@Nullable String>, List<@Nullable String>> rows = new HashMap<>();
    private final List<Event> events = new ArrayList<>();
    private long lsn = 1L << 33;
    private long ordinal;
    private boolean moves = true;

    /** Whether large values are said by inserts only. */
    private boolean silent;

    Source(Random random, Schema schema, int keys, boolean full) {
      this.random = random;
      this.schema = schema;
      this.keys = keys;
      this.full = full;
    }

    List<Event> take(int count) {
      while (events.size() < count) {
        lsn += 1 + random.nextInt(1000);
        ordinal = 0;
        for (int i = random.nextInt(6); i >= 0; i--) {
          change();
        }
      }
      List<Event> taken = List.copyOf(events);
      events.clear();
      return taken;
    }

    private void change() {
      int dice = random.nextInt(100);
      if (dice == 0 && moves) {
        rows.clear();
        write("t", Collections.nCopies(6, null), List.of(), null);
      } else if (rows.isEmpty() || dice < 30 && rows.size() < 10) {
        insert(freeKey());
      } else if (dice < 60 || rows.size() >= 10 && dice < 78) {
        List<@Nullable String> row = any();
        update(row, key(row));
      } else if (dice < 70 && moves) {
        update(any(), freeKey());
      } else if (dice < 78 && moves) {
        swap(any(), any());
      } else if (dice < 88) {
        delete(any());
      } else {
        List<@Nullable String> row = any();
        delete(row);
        insert(key(row));
      }
    }

    private void swap(List<@Nullable String> one, List<@Nullable String> other) {
      if (one != other) {
        List<@Nullable String> free = freeKey();
        update(one, free);
        update(other, key(one));
        update(row(free), key(other));
      }
    }

    private void insert(List<@Nullable String> key) {
      List<@Nullable String> row = new ArrayList<>(key);
      while (row.size() < 6) {
        row.add(value(row.size()));
      }
      rows.put(key, row);
      write("c", row, List.of(), null);
    }

    private void update(List<@Nullable String> old, List<@Nullable String> key) {
      List<@Nullable String> row = new ArrayList<>(key);
      List<@Nullable String> told = new ArrayList<>(key);
      List<String> unsaid = new ArrayList<>();
      while (row.size() < 6) {
        int i = row.size();
        boolean stays = random.nextInt(3) > 0 || silent && i >= BIG;
        row.add(stays ? old.get(i) : value(i));
        boolean isUnsaid =
            stays && i >= BIG && old.get(i) != null && (silent || random.nextBoolean());
        told.add(isUnsaid ? null : row.get(i));
        if (isUnsaid) {
          unsaid.add(schema.columns().get(i).name());
        }
      }
      rows.remove(key(old));
      rows.put(key, row);
      write("u", told, unsaid, full || !key.equals(key(old)) ? before(old) : null);
    }

    private void delete(List<@Nullable String> row) {
      rows.remove(key(row));
      List<@Nullable String> told = new ArrayList<>(full ? row : key(row));
      while (told.size() < 6) {
        told.add(null);
      }
      write("d", told, List.of(), null);
    }

    private String before(List<@Nullable String> row) {
      ObjectNode before = JSON.createObjectNode();
      for (int i = 0; i < (full ? 6 : keys); i++) {
        before.put(schema.columns().get(i).name(), row.get(i));
      }
      return before.toString();
    }

    private void write(
        String op, List<@Nullable String> row, List<String> unsaid, @Nullable String before) {
      List<@Nullable String> copy = Collections.unmodifiableList(new ArrayList<>(row));
      events.add(new Event(op, lsn, ordinal++, lsn % 1000, copy, unsaid, before));
    }

    private List<@Nullable String> key(List<@Nullable String> row) {
      return List.copyOf(row.subList(0, keys));
    }

    private List<@Nullable String> row(List<@Nullable String> key) {
      List<@Nullable String> row = rows.get(key);
      if (row == null) {
        throw new IllegalStateException("no row " + key);
      }
      return row;
    }

    private List<@Nullable String> any() {
      List<List<@Nullable String>> all = new ArrayList<>(rows.values());
      all.sort(java.util.Comparator.comparing(Object::toString));
      return all.get(random.nextInt(all.size()));
    }

    private List<@Nullable String> freeKey() {
      while (true) {
        List<@Nullable String> key = new ArrayList<>();
        for (int i = 0; i < keys; i++) {
          key.add(keyValue(i));
        }
        if (!rows.containsKey(key)) {
          return key;
        }
      }
    }

    private String keyValue(int column) {
      int n = random.nextInt(12);
      return switch (schema.columns().get(column).type().typeId()) {
        case LONG -> Long.toString(n - 6L);
        case UUID -> "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a" + (10 + n);
        case TIMESTAMP -> "2025-01-31 23:59:" + (10 + n) + (n % 2 == 0 ? "" : ".5");
        default -> n < TEXTS.length ? TEXTS[n] : "k" + n;
      };
    }

    private @Nullable String value(int column) {
      if (random.nextInt(4) == 0) {
        return null;
      }
      return switch (schema.columns().get(column).type().typeId()) {
        case LONG -> Long.toString(random.nextLong());
        case TIMESTAMP -> "2025-01-31 23:59:59.123456";
        default -> column == 3 ? "p" + random.nextInt(2) : TEXTS[random.nextInt(TEXTS.length)];
      };
    }

    List<String> expected() {
      return rows.values().stream()
          .map(
              r -> {
                ArrayNode row = JSON.createArrayNode();
                r.forEach(row::add);
                return row.toString();
              })
          .sorted()
          .toList();
    }
  }

  /** Deletion vectors, position deletes and copy-on-write give what a map in memory gives. */
  @ParameterizedTest
  @CsvSource({
    "1,3,true,long,1,false,false",
    "2,3,true,string,2,true,true",
    "3,2,true,uuid,2,false,false",
    "4,3,false,string,1,false,true",
    "5,2,false,long,2,true,false"
  })
  void theCopyHasWhatTheSourceHas(
      long seed,
      int format,
      boolean mergeOnRead,
      String first,
      int keys,
      boolean partitioned,
      boolean full) {
    Random random = new Random(seed);
    Schema schema = schema(Types.fromPrimitiveString(first));
    TableName table =
        partitioned
            ? world.table(
                schema, format, new PartitionTransform(PartitionTransform.Kind.IDENTITY, null, "p"))
            : world.table(schema, format);
    Source source = new Source(random, schema, keys, full);
    for (int batch = 0; batch < BATCHES; batch++) {
      List<Event> events = source.take(CHANGES);
      ApplyJob.Result result = apply(table, keys, mergeOnRead, null, cut(events, schema, random));
      assertThat(result.read()).isEqualTo(events.size());
      assertThat(result.seen()).isZero();
      assertThat(rows(table)).as("batch %d", batch).isEqualTo(source.expected());
    }
  }

  @Test
  void theSameChangesTwiceChangeNothing() {
    Schema schema = schema(Types.LongType.get());
    TableName table = world.table(schema, 3);
    Source source = new Source(new Random(7), schema, 1, false);
    source.moves = false;
    apply(table, 1, true, null, cut(source.take(CHANGES), schema, new Random(1)));
    List<RawInput> changes = cut(source.take(CHANGES), schema, new Random(2));
    apply(table, 1, true, null, changes);
    List<String> once = rows(table);
    assertThat(once).isEqualTo(source.expected());
    apply(table, 1, true, null, changes);
    assertThat(rows(table)).isEqualTo(once);
  }

  @Test
  void whatTheCopyDoesNotChangeIsNoChange() {
    Schema schema = schema(Types.LongType.get());
    TableName table = world.table(schema, 3);
    List<Event> events = List.of(new Event("d", 5, 0, 1, row("1"), List.of(), null));
    ApplyJob.Result result = job(table, 1, true, null, List.of(changes(events, schema)));
    assertThat(result.change()).isEqualTo(new DataChange.None());
    assertThat(result).extracting("upserted", "deleted").containsExactly(0L, 0L);
  }

  @Test
  void countsSayWhatHappenedToTheCopy() {
    Schema schema = schema(Types.LongType.get());
    TableName table = world.table(schema, 3);
    apply(
        table,
        1,
        true,
        null,
        List.of(
            changes(
                List.of(event("c", 1, row("1")), event("c", 2, row("2")), event("c", 3, row("3"))),
                schema)));
    ApplyJob.Result result =
        apply(
            table,
            1,
            true,
            null,
            List.of(
                changes(
                    List.of(
                        event("u", 4, row("1")),
                        new Event("u", 5, 0, 1, row("4"), List.of(), "{\"id\":\"2\"}"),
                        event("d", 6, row("3")),
                        event("c", 7, row("5")),
                        event("d", 8, row("5"))),
                    schema)));
    assertThat(result)
        .extracting("read", "seen", "upserted", "deleted")
        .containsExactly(5L, 0L, 2L, 2L);
    ApplyJob.Result again =
        apply(table, 1, true, null, List.of(changes(List.of(event("d", 9, row("1"))), schema)));
    assertThat(again.deleted()).as("of a key whose older row was deleted before").isEqualTo(1);
  }

  /** More than are told in one answer. */
  @Test
  void manyRowsOfOneFileGo() {
    int many = 220_000;
    Schema schema = schema(Types.LongType.get());
    TableName table = world.table(schema, 3);
    IntFunction<Event> insert = i -> event("c", 1, row(Integer.toString(i)));
    apply(
        table,
        1,
        true,
        null,
        List.of(changes(IntStream.range(0, many).mapToObj(insert).toList(), schema)));
    List<Event> deletes =
        IntStream.range(0, many)
            .filter(i -> i % 10_000 != 7)
            .mapToObj(i -> event("d", 2, row(Integer.toString(i))))
            .toList();
    ApplyJob.Result result = apply(table, 1, true, null, List.of(changes(deletes, schema)));
    assertThat(result.deleted()).isEqualTo(deletes.size());
    assertThat(rows(table))
        .hasSize(many / 10_000)
        .contains("[\"210007\",null,null,null,null,null]");
  }

  // ---- seen transactions ----

  @Test
  void changesThatTheLoadSawArePassedOver() {
    Schema schema = schema(Types.LongType.get());
    Random random = new Random(11);
    long epoch = 1L << 32;
    for (long before : new long[] {3 * epoch + 40, 3 * epoch - 3, epoch / 2 + 9, 50}) {
      Moment moment =
          new Moment(
              Math.max(3, before - 60) + ":" + before + ":" + (before - 5) + "," + (before - 1),
              new Lsn(5000));
      List<Event> events = new ArrayList<>();
      List<String> expected = new ArrayList<>();
      for (int i = 0; i < 200; i++) {
        long whole = before + random.nextInt(160) - 110;
        long xid = Math.floorMod(i % 4 == 0 ? random.nextLong() : whole, epoch);
        long lsn = 4900 + random.nextInt(200);
        events.add(new Event("c", lsn, i, xid, row(Integer.toString(i)), List.of(), null));
        if (!moment.sees(new Transaction(xid, new Lsn(lsn), Instant.EPOCH))) {
          expected.add("[\"" + i + "\",null,null,null,null,null]");
        }
      }
      TableName table = world.table(schema, 3);
      ApplyJob.Result result = apply(table, 1, true, moment, List.of(changes(events, schema)));
      assertThat(rows(table)).isEqualTo(expected.stream().sorted().toList());
      assertThat(result.seen()).isEqualTo(200 - expected.size()).isBetween(20L, 180L);
    }
  }

  // ---- without a key ----

  /** Equal rows cannot be told apart: of as many as there are, so many go. */
  @ParameterizedTest
  @CsvSource({"1,3,true", "2,2,true", "3,2,false"})
  void rowsWithoutAKeyGoOneForOne(long seed, int format, boolean mergeOnRead) {
    Random random = new Random(seed);
    Schema schema = schema(Types.LongType.get());
    TableName table = world.table(schema, format);
    List<List<@Nullable String>> bag = new ArrayList<>();
    long lsn = 1;
    for (int batch = 0; batch < BATCHES; batch++) {
      List<Event> events = new ArrayList<>();
      for (int i = 0; i < CHANGES; i++) {
        int dice = random.nextInt(100);
        if (dice == 0) {
          bag.clear();
          events.add(event("t", ++lsn, row(null)));
        } else if (bag.size() < 3 || dice < 50) {
          bag.add(few(random));
          events.add(event("c", ++lsn, bag.get(bag.size() - 1)));
        } else if (dice < 75) {
          List<@Nullable String> old = bag.remove(random.nextInt(bag.size()));
          bag.add(few(random));
          events.add(
              new Event("u", ++lsn, 0, 1, bag.get(bag.size() - 1), List.of(), whole(old, schema)));
        } else {
          events.add(event("d", ++lsn, bag.remove(random.nextInt(bag.size()))));
        }
      }
      apply(table, 0, mergeOnRead, null, cut(events, schema, random));
      assertThat(rows(table))
          .as("batch %d", batch)
          .isEqualTo(bag.stream().map(r -> JSON.valueToTree(r).toString()).sorted().toList());
    }
  }

  /** One of a few rows, so that some are equal. */
  private static List<@Nullable String> few(Random random) {
    return Collections.unmodifiableList(
        Arrays.asList(
            random.nextBoolean() ? null : Integer.toString(random.nextInt(3)),
            random.nextInt(3) > 0 ? null : "2025-01-31 23:59:59.5",
            null,
            random.nextBoolean() ? "" : null,
            TEXTS[random.nextInt(2)],
            null));
  }

  private static String whole(List<@Nullable String> row, Schema schema) {
    ObjectNode before = JSON.createObjectNode();
    for (int i = 0; i < row.size(); i++) {
      if (row.get(i) != null) {
        before.put(schema.columns().get(i).name(), row.get(i));
      }
    }
    return before.toString();
  }

  /** The one that went before is not the one that goes. */
  @Test
  void equalRowsGoOneAfterTheOther() {
    Schema schema = schema(Types.LongType.get());
    TableName table = world.table(schema, 3);
    List<Event> three =
        List.of(event("c", 1, row("1")), event("c", 2, row("1")), event("c", 3, row("1")));
    apply(table, 0, true, null, List.of(changes(three, schema)));
    for (int left = 2; left >= 0; left--) {
      apply(
          table, 0, true, null, List.of(changes(List.of(event("d", 6 - left, row("1"))), schema)));
      assertThat(rows(table)).hasSize(left);
    }
  }

  @Test
  void aRowWithoutAKeyThatIsNotThereIsRefused() {
    Schema schema = schema(Types.LongType.get());
    TableName table = world.table(schema, 3);
    apply(table, 0, true, null, List.of(changes(List.of(event("c", 1, row("7"))), schema)));
    assertThatThrownBy(
            () ->
                job(
                    table,
                    0,
                    true,
                    null,
                    List.of(
                        changes(
                            List.of(event("d", 2, row("7")), event("d", 3, row("7"))), schema))))
        .isInstanceOfSatisfying(
            TarnException.class,
            e -> {
              assertThat(e.code()).isEqualTo(ErrorCode.DATA_INVALID);
              assertThat(e.getMessage()).contains("1 rows").contains("load the table again");
            });
  }

  // ---- rows of several moments ----

  /** Some rows are from before changes, others from after them, and some are gone meanwhile. */
  @ParameterizedTest
  @CsvSource({"1", "2", "3", "4"})
  void changesBringRowsOfSeveralMomentsToOne(long seed) {
    Source source = new Source(new Random(seed), schema(Types.LongType.get()), 1, false);
    source.moves = false;
    assertThat(isOneMoment(source, CHANGES)).isTrue();
  }

  /** A row may have come from a key that was read later, when another row had it. */
  @Test
  void rowsOfSeveralMomentsThatGotOtherKeysAreRightOrRefused() {
    int right = 0;
    int worlds = 12;
    for (int seed = 0; seed < worlds; seed++) {
      Source source = new Source(new Random(seed), schema(Types.LongType.get()), 1, false);
      source.silent = true;
      right += isOneMoment(source, CHANGES / 5) ? 1 : 0;
    }
    assertThat(right).as("worlds that were not refused").isBetween(2, worlds - 2);
  }

  /** Whether changes brought rows of several moments to one; false if they were refused. */
  private boolean isOneMoment(Source source, int changes) {
    TableName table = world.table(source.schema, 3);
    Map<List<@Nullable String>, List<@Nullable String>> load = new HashMap<>();
    source.take(CHANGES);
    List<Event> events = new ArrayList<>();
    for (int range = 0; range < 4; range++) {
      for (int key = -6 + 3 * range; key < -3 + 3 * range; key++) {
        List<@Nullable String> row = source.rows.get(List.of(Integer.toString(key)));
        if (row != null) {
          load.put(List.of(Integer.toString(key)), row);
        }
      }
      events.addAll(source.take(changes / 4));
    }
    Lsn settled = new Lsn(source.lsn + 1);
    List<Event> rows = load.values().stream().map(r -> event("c", 1, r)).toList();
    apply(table, 1, true, null, List.of(changes(rows, source.schema)));
    events.addAll(source.take(changes / 4));
    for (int from = 0; from < events.size(); from += changes / 3) {
      List<Event> some = events.subList(from, Math.min(events.size(), from + changes / 3));
      TableState state = world.state(table);
      List<RawInput> files = List.of(changes(some, source.schema));
      try {
        world.commit(state, job(table, 1, true, null, settled, files).change(), "apply");
      } catch (TarnException e) {
        assertThat(e.line()).contains("load the table again");
        return false;
      }
    }
    assertThat(rows(table)).isEqualTo(source.expected());
    return true;
  }

  /** They were swapped before the copy's row of one was read, and after that of the other. */
  @Test
  void rowsThatWereSwappedWhileTheyWereReadAreRefused() {
    Schema schema = schema(Types.LongType.get());
    TableName table = world.table(schema, 3);
    List<@Nullable String> one = new ArrayList<>(row("1"));
    one.set(BIG, "that of both: it was 1, and is 2");
    List<@Nullable String> two = new ArrayList<>(one);
    two.set(0, "2");
    apply(
        table,
        1,
        true,
        null,
        List.of(changes(List.of(event("c", 1, one), event("c", 2, two)), schema)));
    List<Event> swap = new ArrayList<>();
    for (String[] keys : new String[][] {{"1", "9"}, {"2", "1"}, {"9", "2"}}) {
      swap.add(
          new Event(
              "u",
              5,
              swap.size(),
              1,
              row(keys[1]),
              List.of("big"),
              "{\"id\":\"" + keys[0] + "\"}"));
    }
    List<RawInput> files = List.of(changes(swap, schema));
    assertThatThrownBy(() -> job(table, 1, true, null, new Lsn(9), files))
        .isInstanceOf(TarnException.class)
        .hasMessageContaining("load the table again");
    job(table, 1, true, null, new Lsn(4), files); // all was read before
  }

  @Test
  void aRowThatCameFromAnotherKeyAndIsNowhereIsRefusedWhateverTheMoment() {
    Schema schema = schema(Types.LongType.get());
    TableName table = world.table(schema, 3);
    Event moved = new Event("u", 5, 0, 1, row("77"), List.of("big"), "{\"id\":\"5\"}");
    RawInput changes = changes(List.of(moved), schema);
    assertThatThrownBy(() -> job(table, 1, true, null, new Lsn(9), List.of(changes)))
        .isInstanceOf(TarnException.class)
        .hasMessageContaining("'big'");
    List<@Nullable String> newer = new ArrayList<>(row("77"));
    newer.set(BIG, "newer");
    apply(table, 1, true, null, List.of(changes(List.of(event("c", 1, newer)), schema)));
    TableState state = world.state(table);
    world.commit(state, job(table, 1, true, null, new Lsn(9), List.of(changes)).change(), "apply");
    assertThat(rows(table)).containsExactly("[\"77\",null,null,null,\"newer\",null]");
  }

  // ---- what is refused ----

  @Test
  void anUnsaidValueThatIsNowhereIsRefused() {
    Schema schema = schema(Types.LongType.get());
    TableName table = world.table(schema, 3);
    Event update = new Event("u", 5, 0, 1, row("77"), List.of("big"), null);
    refused(table, schema, List.of(update), table + ": 1 changes", "'big'");
    apply(table, 1, true, null, List.of(changes(List.of(event("c", 1, row("77"))), schema)));
    refused(table, schema, List.of(event("t", 4, row(null)), update), "'big'");
    refused(table, schema, List.of(event("d", 4, row("77")), update), "'big'");
  }

  /** What is too large to be said is not null. */
  @Test
  void anUnsaidValueThatIsNullInTheCopyIsRefused() {
    Schema schema = schema(Types.LongType.get());
    TableName table = world.table(schema, 3);
    apply(table, 1, true, null, List.of(changes(List.of(event("c", 1, row("77"))), schema)));
    Event update = new Event("u", 5, 0, 1, row("77"), List.of("big"), null);
    refused(table, schema, List.of(update), table + ": 1 changes", "'big'");
  }

  @Test
  void aKeyThatIsNullIsRefused() {
    Schema schema = schema(Types.LongType.get());
    TableName table = world.table(schema, 3);
    refused(table, schema, List.of(event("c", 1, row(null))), "'id'");
    refused(
        table,
        schema,
        List.of(new Event("u", 5, 0, 1, row("77"), List.of(), "{\"id\":\"1.5\"}")),
        "'id'");
  }

  @Test
  void aKeyThatIsNotSaidIsTheOneBefore() {
    Schema schema = schema(Types.StringType.get());
    TableName table = world.table(schema, 3);
    apply(table, 1, true, null, List.of(changes(List.of(event("c", 1, row("long"))), schema)));
    List<@Nullable String> row = new ArrayList<>(row(null));
    row.set(2, "8");
    Event update = new Event("u", 5, 0, 1, row, List.of("id"), "{\"id\":\"long\"}");
    apply(table, 1, true, null, List.of(changes(List.of(update), schema)));
    assertThat(rows(table)).containsExactly("[\"long\",null,\"8\",null,null,null]");
  }

  private void refused(TableName table, Schema schema, List<Event> events, String... said) {
    List<RawInput> changes = List.of(changes(events, schema));
    assertThatThrownBy(() -> job(table, 1, true, null, changes))
        .isInstanceOfSatisfying(
            TarnException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.DATA_INVALID))
        .hasMessageContainingAll(said)
        .hasMessageNotContaining("77");
  }

  // ---- texts ----

  private static final Map<String, String> FITTING =
      Map.ofEntries(
          Map.entry("boolean", "t"),
          Map.entry("int", "-2147483648"),
          Map.entry("long", "9223372036854775807"),
          Map.entry("float", "1.17549e-38"),
          Map.entry("double", "-Infinity"),
          Map.entry("decimal(10, 2)", "-12345678.900"),
          Map.entry("date", "9999-12-31"),
          Map.entry("time", "23:59:59.999999"),
          Map.entry("timestamp", "0001-01-01 00:00:00"),
          Map.entry("timestamptz", "2025-01-31 23:59:59.123456+00"),
          Map.entry("uuid", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"),
          Map.entry("binary", "\\x00ff"),
          Map.entry("string", "infinity"));

  private static final Map<String, List<String>> UNFIT =
      Map.ofEntries(
          Map.entry("int", List.of("2147483648", "1.5")),
          Map.entry("long", List.of("9223372036854775808")),
          Map.entry("decimal(10, 2)", List.of("NaN", "123456789", "1.239", "Infinity")),
          Map.entry("date", List.of("infinity", "-infinity", "0044-03-15 BC", "10000-01-01")),
          Map.entry("time", List.of("24:00:00", "10:00:00+02")),
          Map.entry(
              "timestamp",
              List.of("infinity", "0044-03-15 10:00:00 BC", "0044-03-15 10:00:00.5 BC")),
          Map.entry(
              "timestamptz",
              List.of("-infinity", "0044-03-15 10:00:00+00 BC", "10000-01-01 00:00:00+00")),
          Map.entry("binary", List.of("\\x0", "00ff")),
          Map.entry("uuid", List.of("x")),
          Map.entry("double", List.of("x")));

  @Test
  void valuesThatDoNotFitAreNullAndTold() {
    List<String> types = FITTING.keySet().stream().sorted().toList();
    List<Column> columns =
        types.stream()
            .map(t -> new Column("c " + t + " \"'", Types.fromPrimitiveString(t)))
            .toList();
    String fitting = line(types.stream().map(FITTING::get).toList());
    String nulls = line(Collections.nCopies(types.size(), null));
    List<String> good = read(columns, fitting + nulls);
    StringBuilder text = new StringBuilder(fitting + nulls);
    List<String> expected = new ArrayList<>(good);
    ArrayNode all = (ArrayNode) tree(good.get(0));
    for (int i = 0; i < types.size(); i++) {
      for (String unfit : UNFIT.getOrDefault(types.get(i), List.of())) {
        List<@Nullable String> row = new ArrayList<>(types.stream().map(FITTING::get).toList());
        row.set(i, unfit);
        text.append(line(row));
        ArrayNode told = all.deepCopy();
        told.set(i, JSON.getNodeFactory().nullNode());
        told.set(
            types.size(), JSON.createObjectNode().put(columns.get(i).name(), unfit).toString());
        expected.add(told.toString());
      }
    }
    ColumnarJob.Stored stored = columnar(columns, text.toString()).stored();
    assertThat(read(columns, text.toString())).isEqualTo(expected);
    assertThat(stored.rows()).isEqualTo(expected.size());
    Map<String, Long> unfit = new HashMap<>();
    UNFIT.forEach((type, texts) -> unfit.put("c " + type + " \"'", (long) texts.size()));
    assertThat(stored.unfit()).isEqualTo(unfit);
    assertThat(good.get(0))
        .contains(
            "\"infinity\"", "-12345678.90,", "\"9999-12-31\"", "0001-01-01", "23:59:59.999999");
  }

  @Test
  void columnsMayHaveAnyName() {
    List<String> names = List.of("t", "v", "e", "r", "row", "text", "name", "value", "select");
    List<Column> columns = new ArrayList<>();
    names.forEach(n -> columns.add(new Column(n, Types.DecimalType.of(10, 2))));
    String fits = line(names.stream().map(n -> "1.50").toList());
    ColumnarJob.Stored stored =
        columnar(columns, fits + line(names.stream().map(n -> "NaN").toList())).stored();
    assertThat(stored.rows()).isEqualTo(2);
    assertThat(stored.unfit()).hasSize(names.size()).containsEntry("t", 1L);
  }

  /**
   * A load's file becomes a data file as it is; a table with one column more has it written anew.
   */
  @Test
  void aLoadedFileIsADataFileAsItIs() throws IOException {
    List<String> types = FITTING.keySet().stream().sorted().toList();
    List<Types.NestedField> fields = new ArrayList<>();
    for (String type : types) {
      fields.add(
          Types.NestedField.optional(
              fields.size() + 1, "c " + type + " \"'", Types.fromPrimitiveString(type)));
    }
    Schema same = new Schema(fields);
    fields.add(Types.NestedField.optional(fields.size() + 1, "more", Types.LongType.get()));
    Schema wider = new Schema(fields);
    Map<String, String> strictly = new HashMap<>(FITTING);
    strictly.put("decimal(10, 2)", "-12345678.90");
    String values = line(types.stream().map(strictly::get).toList());
    String nulls = line(Collections.nCopies(types.size(), null));
    Made made = columnar(EngineWorld.Plan.append(same).columns(), nulls + values + nulls);
    RawFile file = made.input().file();
    RawInput load =
        new RawInput(
            1,
            RawFile.ofTable(
                file.key(),
                "t",
                "f",
                file.bytes(),
                file.sha256(),
                Instant.EPOCH,
                RawFile.Role.LOAD),
            new RawFormat.Parquet(),
            Compression.NONE,
            Map.of());
    TableName adopting = world.table(same, 3);
    TableName writing = world.table(wider, 3);
    List<WrittenFile> adopted =
        world.load(adopting, EngineWorld.Plan.append(same), List.of(load)).change().files();
    List<WrittenFile> written =
        world.load(writing, EngineWorld.Plan.append(same), List.of(load)).change().files();
    assertThat(adopted).hasSize(1);
    assertThat(Hashes.of(world.objects().read(adopted.get(0).key())).sha256())
        .isEqualTo(file.sha256());
    assertThat(adopted.get(0).key()).isNotEqualTo(file.key());
    assertThat(written.get(0).bytes()).isNotEqualTo(file.bytes());
    assertThat(adopted.get(0).rows()).isEqualTo(3);
    String select =
        "SELECT "
            + same.columns().stream()
                .map(c -> '"' + c.name().replace("\"", "\"\"") + '"')
                .collect(java.util.stream.Collectors.joining(", "))
            + " FROM t";
    assertThat(world.query(select, adopting)).isEqualTo(world.query(select, writing)).hasSize(3);
    for (Types.NestedField field : same.columns()) {
      ColumnStats told =
          Objects.requireNonNull(adopted.get(0).columns().get(field.fieldId()), field.name());
      ColumnStats expected =
          Objects.requireNonNull(written.get(0).columns().get(field.fieldId()), field.name());
      boolean mayBeNan = List.of("float", "double").contains(field.type().toString());
      assertThat(told.values()).isEqualTo(expected.values());
      assertThat(told.nulls()).isEqualTo(2);
      assertThat(told.lower()).as(field.name()).isEqualTo(mayBeNan ? null : expected.lower());
      assertThat(told.upper()).as(field.name()).isEqualTo(mayBeNan ? null : expected.upper());
      if (field.type().typeId() == Type.TypeID.BOOLEAN) {
        assertThat(told.lower()).isEqualTo(Conversions.toByteBuffer(field.type(), true));
      }
    }
  }

  @Test
  void nullAndTheEmptyTextStayApart() {
    List<Column> one = List.of(new Column("a", Types.StringType.get()));
    assertThat(read(one, "\n\"\"\n\"\"\"\"\nx\r\n\\N\n".replace("\r", "")))
        .containsExactly(
            "[null,null]", "[\"\",null]", "[\"\\\"\",null]", "[\"x\",null]", "[\"\\\\N\",null]");
    assertThat(read(one, "")).isEmpty();
  }

  /** Its lines look like rows, and it is longer than what is read at once. */
  @Test
  void aTextOfTwentyMegabytesPasses() {
    List<Column> columns =
        List.of(new Column("id", Types.LongType.get()), new Column("a", Types.StringType.get()));
    String large = "1,\"x\"\n2,y\n".repeat(2_000_000);
    String text = "1," + quoted(large) + "\n" + "2,b\n".repeat(1000) + "3,c\n";
    Made made = columnar(columns, text);
    assertThat(made.stored().rows()).isEqualTo(1002);
    List<JsonNode> rows =
        query("SELECT id, length(a), md5(a) FROM t WHERE id <> 2 ORDER BY id", columns, made);
    assertThat(rows).hasSize(2);
    assertThat(rows.get(0).path(1).asLong()).isEqualTo(large.length());
    assertThat(rows.get(0).path(2).asText()).isEqualTo(md5(large));
  }

  @Test
  void aTextWithAnotherNumberOfValuesIsRefused() {
    List<Column> columns =
        List.of(new Column("id", Types.LongType.get()), new Column("a", Types.StringType.get()));
    for (String wrong : List.of("77\n", "77,b,c\n", "77,\"b\n", "77,\"b\"c\n")) {
      assertThatThrownBy(() -> columnar(columns, "1,a\n" + wrong))
          .isInstanceOfSatisfying(
              TarnException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.DATA_INVALID))
          .hasMessageContaining("2 values in each row")
          .hasMessageNotContaining("77")
          .hasNoCause();
    }
  }

  // ---- pieces ----

  private static List<@Nullable String> row(@Nullable String id) {
    return Collections.unmodifiableList(Arrays.asList(id, null, null, null, null, null));
  }

  private static Event event(String op, long lsn, List<@Nullable String> row) {
    return new Event(op, lsn, 0, 1, row, List.of(), null);
  }

  private List<RawInput> cut(List<Event> events, Schema schema, Random random) {
    List<List<Event>> parts =
        Stream.generate(() -> (List<Event>) new ArrayList<Event>()).limit(2).toList();
    events.forEach(e -> parts.get(random.nextInt(2)).add(e));
    return parts.stream()
        .filter(p -> !p.isEmpty())
        .map(
            p -> {
              Collections.shuffle(p, random);
              return changes(p, schema);
            })
        .toList();
  }

  private RawInput changes(List<Event> events, Schema schema) {
    List<Column> columns = new ArrayList<>(ChangeColumns.OF_CHANGES);
    schema.columns().forEach(c -> columns.add(new Column(c.name(), c.type())));
    StringBuilder text = new StringBuilder();
    for (Event e : events) {
      List<@Nullable String> values = new ArrayList<>();
      values.add(e.op());
      values.add(Long.toString(e.lsn()));
      values.add(Long.toString(e.ordinal()));
      values.add(Long.toString(e.xid()));
      values.add("2025-01-31 23:59:59.123456+00");
      values.add(e.unsaid().isEmpty() ? null : JSON.valueToTree(e.unsaid()).toString());
      values.add(e.before());
      values.addAll(e.row());
      text.append(line(values));
    }
    return columnar(columns, text.toString()).input();
  }

  /** A file of the raw zone that the engine made. */
  private record Made(RawInput input, ColumnarJob.Stored stored) {}

  private Made columnar(List<Column> columns, String csv) {
    try {
      Path text = folder.get(0).resolve("text-" + files++);
      Files.writeString(text, csv);
      ObjectKey target = new ObjectKey(Zone.RAW, "changes/" + text.getFileName() + ".parquet");
      ColumnarJob.Stored stored =
          world.engine().columnar(new ColumnarJob(text, columns, target, EngineWorld.TIMEOUT));
      assertThat(Hashes.of(world.objects().read(target)))
          .isEqualTo(new Hashes.Summed(stored.bytes(), stored.sha256()));
      RawFile file = new RawFile(target, "", "f", stored.bytes(), stored.sha256(), Instant.EPOCH);
      return new Made(
          new RawInput(1, file, new RawFormat.Parquet(), Compression.NONE, Map.of()), stored);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private ApplyJob.Result apply(
      TableName table,
      int keys,
      boolean mergeOnRead,
      @Nullable Moment loaded,
      List<RawInput> changes) {
    TableState state = world.state(table);
    ApplyJob.Result result = job(table, keys, mergeOnRead, loaded, changes);
    world.commit(state, result.change(), "apply");
    return result;
  }

  private ApplyJob.Result job(
      TableName table,
      int keys,
      boolean mergeOnRead,
      @Nullable Moment loaded,
      List<RawInput> changes) {
    return job(table, keys, mergeOnRead, loaded, Lsn.ZERO, changes);
  }

  private ApplyJob.Result job(
      TableName table,
      int keys,
      boolean mergeOnRead,
      @Nullable Moment loaded,
      Lsn settled,
      List<RawInput> changes) {
    TableState state = world.state(table);
    List<String> key =
        state.schema().columns().stream().map(Types.NestedField::name).limit(keys).toList();
    return world
        .engine()
        .apply(
            new ApplyJob(
                state,
                changes,
                key,
                loaded,
                settled,
                filter -> world.tables().scan(table, new At.Now(), filter),
                mergeOnRead,
                EngineWorld.TIMEOUT));
  }

  private List<String> rows(TableName table) {
    return world
        .query(
            "SELECT CAST(id AS VARCHAR), CAST(\"at/~\"\"\" AS VARCHAR), CAST(n AS VARCHAR), p, big, doc FROM t",
            table)
        .stream()
        .map(JsonNode::toString)
        .sorted()
        .toList();
  }

  private List<String> read(List<Column> columns, String csv) {
    return query("SELECT * FROM t", columns, columnar(columns, csv)).stream()
        .map(JsonNode::toString)
        .toList();
  }

  /** With {@link ChangeColumns#UNFIT} as the last column. */
  private List<JsonNode> query(String sql, List<Column> columns, Made made) {
    List<Column> all = new ArrayList<>(columns);
    all.add(new Column(ChangeColumns.UNFIT, Types.StringType.get()));
    EngineWorld.Rows rows = new EngineWorld.Rows();
    world
        .engine()
        .query(
            new QueryJob(
                sql,
                List.of(new View("t", new Relation.OfFiles(List.of(made.input()), all))),
                EngineWorld.TIMEOUT,
                100_000,
                1L << 28),
            rows);
    return rows.rows();
  }

  private static String line(List<@Nullable String> values) {
    StringBuilder line = new StringBuilder();
    for (String value : values) {
      line.append(value == null ? "" : quoted(value)).append(',');
    }
    line.setLength(line.length() - 1);
    return line.append('\n').toString();
  }

  private static String quoted(String value) {
    boolean plain = !value.isEmpty() && value.chars().noneMatch(c -> ",\"\r\n".indexOf(c) >= 0);
    return plain ? value : '"' + value.replace("\"", "\"\"") + '"';
  }

  private static JsonNode tree(String json) {
    try {
      return JSON.readTree(json);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String md5(String text) {
    try {
      return java.util.HexFormat.of()
          .formatHex(
              java.security.MessageDigest.getInstance("MD5")
                  .digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (java.security.NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
