package tarn.core.source;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import tarn.core.change.SourceTable;
import tarn.core.engine.Column;
import tarn.core.engine.ColumnarJob;
import tarn.core.engine.Engine;
import tarn.core.errors.TarnException;
import tarn.core.ledger.RawFile;
import tarn.core.ledger.SourceName;
import tarn.core.storage.ObjectKey;
import tarn.core.storage.ObjectStore;
import tarn.core.storage.Zone;

/**
 * Makes raw files of a source's rows: {@code sources/<source>/<table>/<load or
 * changes>/<year>/<month>/<day>/<unique>.parquet} in the raw zone. Until the ledger lists it, such
 * a file is nothing.
 */
public final class RawTables {
  /** Where sources have their files, in the raw zone. */
  public static final String FOLDER = "sources";

  private static final DateTimeFormatter DAY =
      DateTimeFormatter.ofPattern("yyyy/MM/dd").withZone(ZoneOffset.UTC);
  private static final int HASH_BYTES = 8;

  private final SourceName source;
  private final Engine engine;
  private final ObjectStore objects;
  private final Clock clock;
  private final Duration timeout;
  private final Overflows overflows;

  RawTables(
      SourceName source,
      Engine engine,
      ObjectStore objects,
      Clock clock,
      Duration timeout,
      Overflows overflows) {
    this.source = source;
    this.engine = engine;
    this.objects = objects;
    this.clock = clock;
    this.timeout = timeout;
    this.overflows = overflows;
  }

  /**
   * Stores rows.
   *
   * @param where they came from, {@code its load}
   * @param columns of the text
   */
  RawFile store(
      SourceTable rows, String where, Path text, List<Column> columns, RawFile.Role role) {
    String table = rows.fullName();
    Instant now = clock.instant();
    String name = UUID.randomUUID() + ".parquet";
    ObjectKey key =
        new ObjectKey(
            Zone.RAW,
            String.join(
                "/",
                FOLDER,
                source.value(),
                folder(table),
                role == RawFile.Role.LOAD ? "load" : "changes",
                DAY.format(now),
                name));
    ColumnarJob.Stored stored = engine.columnar(new ColumnarJob(text, columns, key, timeout));
    try {
      overflows.note(rows, where, stored.unfit());
    } catch (TarnException e) {
      objects.delete(key);
      throw e;
    }
    return RawFile.ofTable(
        key, table, shape(columns) + "-" + name, stored.bytes(), stored.sha256(), now, role);
  }

  /** What stands before the name of a file: equal for files with equal columns. */
  static String shape(List<Column> columns) {
    String text = columns.stream().map(c -> c.name() + "\n" + c.type()).toList().toString();
    return UUID.nameUUIDFromBytes(text.getBytes(StandardCharsets.UTF_8))
        .toString()
        .substring(0, 2 * HASH_BYTES + 1);
  }

  /** The shape of a file's columns. */
  static String shape(RawFile file) {
    return file.name().substring(0, 2 * HASH_BYTES + 1);
  }

  /** A table's name as a folder's: what is not plain is written in hexadecimal digits. */
  private static String folder(String table) {
    StringBuilder folder = new StringBuilder();
    for (byte b : table.getBytes(StandardCharsets.UTF_8)) {
      boolean plain =
          b >= 'a' && b <= 'z'
              || b >= 'A' && b <= 'Z'
              || b >= '0' && b <= '9'
              || b == '_'
              || b == '.';
      folder.append(plain ? String.valueOf((char) b) : "-" + HexFormat.of().toHexDigits(b));
    }
    return folder.toString();
  }
}
