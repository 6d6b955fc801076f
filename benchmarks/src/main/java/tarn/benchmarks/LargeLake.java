package tarn.benchmarks;

import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import tarn.core.database.Database;
import tarn.core.database.SqliteDatabase;
import tarn.core.ledger.Landing;
import tarn.core.ledger.Offset;
import tarn.core.ledger.RawFile;
import tarn.core.ledger.SourceName;
import tarn.core.ledger.SqlLedger;
import tarn.core.storage.Buckets;
import tarn.core.storage.LocalObjectStore;
import tarn.core.storage.ObjectKey;
import tarn.core.storage.Zone;
import tarn.core.table.DataChange;
import tarn.core.table.TableChange;
import tarn.core.table.TableName;
import tarn.core.table.TableState;
import tarn.core.table.TableStore;
import tarn.core.table.WrittenFile;
import tarn.iceberg.IcebergTables;

/**
 * {@code <home> <prefix> <files for each source> <bytes for each file>}: enters files that are not
 * there in the ledger and the tables of a small SQLite lake whose server is down, so that its
 * catalog is that of a large one. Nothing may be read from it.
 */
public final class LargeLake {
  private static final int BATCH = 10;

  private LargeLake() {}

  public static void main(String[] args) {
    Path home = Path.of(args[0]);
    int files = Integer.parseInt(args[2]);
    long bytes = Long.parseLong(args[3]);
    Buckets buckets = new Buckets(args[1], "dev");
    try (Database database = SqliteDatabase.open(home.resolve("catalog.db"));
        LocalObjectStore objects = new LocalObjectStore(home.resolve("zones"), buckets, false)) {
      SqlLedger ledger = new SqlLedger(database);
      TableStore tables =
          new IcebergTables(database, objects, Clock.systemUTC(), "owner", Duration.ofHours(1));
      ledger.counts().forEach(c -> land(ledger, c.source(), files, bytes));
      long seq = ledger.lastSeq();
      database.write(
          h ->
              h.execute(
                  "UPDATE dataset SET crawled_seq = ?, definition = json_set(definition, '$.files', ?, '$.bytes', ?)",
                  seq,
                  files + 1,
                  files * bytes));
      for (TableName name : tables.list()) {
        if (name.namespace().equals("clean")) {
          append(tables, objects, name, files, bytes, seq);
        }
      }
    }
  }

  private static void land(SqlLedger ledger, SourceName source, int files, long bytes) {
    for (int done = 0; done < files; done += BATCH) {
      List<RawFile> batch = new ArrayList<>();
      for (int i = done; i < Math.min(files, done + BATCH); i++) {
        String name = source + "-" + i + ".csv";
        batch.add(
            new RawFile(
                new ObjectKey(Zone.RAW, "landing/" + source + "/" + name),
                "",
                name,
                bytes,
                String.format("%064x", (source + name).hashCode() * 31L + i + (1L << 40)),
                Instant.EPOCH));
      }
      Offset offset = ledger.offset(source, "large");
      ledger.land(new Landing(source, "upload", "large", offset, "" + done, batch, Instant.now()));
    }
  }

  private static void append(
      TableStore tables,
      LocalObjectStore objects,
      TableName name,
      int files,
      long bytes,
      long seq) {
    TableState state = tables.load(name).orElseThrow();
    List<WrittenFile> written = new ArrayList<>();
    for (int i = 0; i < files; i++) {
      ObjectKey key = objects.key(state.location()).child("data").child("large-" + i + ".parquet");
      written.add(new WrittenFile(key, bytes, bytes / 100, List.of(), Map.of(), false));
    }
    tables.commit(
        List.of(
            new TableChange(
                state,
                new DataChange.Append(written),
                Map.of(TableState.LEDGER_SEQ, Long.toString(seq)),
                "load",
                Map.of())));
  }
}
