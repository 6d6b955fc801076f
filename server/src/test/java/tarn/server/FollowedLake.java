package tarn.server;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import tarn.api.Column;
import tarn.api.QueryRequest;
import tarn.core.database.Database;
import tarn.core.errors.TarnException;
import tarn.core.ledger.Ledger;
import tarn.core.ledger.SourceName;
import tarn.core.ledger.SqlLedger;
import tarn.core.storage.HeldObjectStore;
import tarn.core.table.TableStore;
import tarn.iceberg.IcebergTables;
import tarn.testkit.SourcePostgres;

/** A lake that follows a real database, of either shape, in one process. */
final class FollowedLake implements AutoCloseable {
  private static final long MOST_WAIT_NANOS = TimeUnit.MINUTES.toNanos(4);

  private final Operations operations;
  private final TableStore tables;

  private FollowedLake(Operations operations, TableStore tables) {
    this.operations = operations;
    this.tables = tables;
  }

  /**
   * Opens it.
   *
   * @param definitions paths in the folder and texts in turn, beside the database's
   */
  static FollowedLake open(
      Path folder,
      WorldShape shape,
      CrashingWorld.WarmEngine engine,
      SourcePostgres shop,
      String... definitions)
      throws IOException {
    write(folder, "lake.yaml", "name: followed\n");
    write(folder, "password", shop.password());
    write(
        folder,
        "sources/shop.yaml",
        "connection:\n  host: "
            + shop.host()
            + "\n  port: "
            + shop.port()
            + "\n  database: "
            + shop.database()
            + "\n  user: "
            + shop.user()
            + "\n  password: file:password\nfreshness: 200ms\nslot: "
            + shop.database()
            + "\ntables: [public.*]\n");
    for (int i = 0; i < definitions.length; i += 2) {
      write(folder, definitions[i], definitions[i + 1]);
    }
    Closer closer = new Closer();
    HeldObjectStore objects = new HeldObjectStore(closer.add(shape.objects()));
    Database database = closer.add(shape.database());
    Ledger ledger = new SqlLedger(database);
    Clock clock = Clock.systemUTC();
    IcebergTables tables =
        new IcebergTables(database, objects, clock, "owner", Duration.ofMinutes(5));
    engine.serve(objects, tables);
    Lake read = Wiring.read(folder, null);
    return new FollowedLake(
        new LakeOperations(
            read,
            read.definition(),
            ledger,
            objects,
            database,
            tables,
            engine.engine(),
            Backups.of(read.definition(), database, objects, tables, engine.engine(), clock),
            NoStreams.with(source -> Wiring.database(read.definition(), source)),
            clock,
            closer),
        tables);
  }

  private static void write(Path folder, String file, String text) throws IOException {
    Path path = folder.resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, text);
  }

  Operations operations() {
    return operations;
  }

  TableStore tables() {
    return tables;
  }

  void land(String source, String text) {
    operations.land(
        new Upload(
            new SourceName(source), "", "x.json", new ByteArrayInputStream(text.getBytes(UTF_8))));
  }

  /** The rows, each by column; columns without a value are left out. */
  List<Map<String, String>> query(String sql) {
    Answer answer = new Answer();
    operations.query(new QueryRequest(sql, 0, 0), answer, ExampleLake.work());
    return answer.rows;
  }

  /** The first row's first value. */
  String value(String sql) {
    return query(sql).get(0).values().iterator().next();
  }

  void await(String sql, String wanted) {
    await(
        sql + ": " + wanted,
        () -> {
          try {
            return value(sql).equals(wanted);
          } catch (TarnException e) {
            return false; // it is not there yet
          }
        });
  }

  void await(String what, BooleanSupplier come) {
    long deadline = System.nanoTime() + MOST_WAIT_NANOS;
    while (!come.getAsBoolean()) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError(what + " does not come: " + operations.sources());
      }
      try {
        TimeUnit.MILLISECONDS.sleep(50);
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }
  }

  @Override
  public void close() {
    operations.close();
  }

  /** Gathers rows. */
  static final class Answer implements RowSink {
    final List<String> names = new ArrayList<>();
    final List<Map<String, String>> rows = new ArrayList<>();

    @Override
    public void columns(List<Column> columns) {
      columns.forEach(c -> names.add(c.name()));
    }

    @Override
    public void rows(byte[] json, int count) {
      for (JsonNode row : UntunedLake.read(json)) {
        Map<String, String> values = new TreeMap<>();
        for (int i = 0; i < names.size(); i++) {
          if (!row.path(i).isNull()) {
            values.put(names.get(i), row.path(i).asText());
          }
        }
        rows.add(values);
      }
    }
  }
}
