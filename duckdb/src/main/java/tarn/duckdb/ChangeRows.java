package tarn.duckdb;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import tarn.core.change.Moment;
import tarn.core.engine.ApplyJob;
import tarn.core.engine.ChangeColumns;
import tarn.core.engine.Column;
import tarn.core.engine.RawInput;
import tarn.core.storage.FileLease;
import tarn.core.storage.ObjectStore;

/**
 * The changes of a job in the table {@code changes}, of the copy's columns and types, without those
 * that its load saw; {@link #ORDER} is higher the later a change was.
 */
final class ChangeRows implements AutoCloseable {
  /** A number that grows from change to change; between two of them is room for another. */
  static final String ORDER = "__order";

  private static final long MOST_IN_TRANSACTION = 1L << 40;
  private static final long EPOCH = 1L << 32;

  private final ApplyJob job;
  private final WorkerSession session;
  private final ObjectStore objects;
  private final List<FileLease> leases = new ArrayList<>();

  ChangeRows(ApplyJob job, WorkerSession session, ObjectStore objects) {
    this.job = job;
    this.session = session;
    this.objects = objects;
  }

  /** Makes {@code changes}; how many there are in the files. */
  long read() {
    List<String> paths = new ArrayList<>();
    for (RawInput input : job.changes()) {
      FileLease lease =
          DamagedFiles.localize(
              objects, input.file().key(), "batch " + input.ledgerSeq() + " of the ledger");
      leases.add(lease);
      paths.add(lease.path().toString());
    }
    if (paths.isEmpty()) {
      throw new IllegalArgumentException("no files of changes for " + job.table().name());
    }
    String reader = RawParquet.reader(paths, false);
    session.execute(
        "CREATE OR REPLACE TEMP TABLE changes AS SELECT "
            + ChangeColumns.OP
            + ", ("
            + ChangeColumns.LSN
            + "::HUGEINT * "
            + MOST_IN_TRANSACTION
            + " + "
            + ChangeColumns.ORDINAL
            + ") * 2 + 1 AS "
            + ORDER
            + ", "
            + ChangeColumns.UNCHANGED
            + ", "
            + ChangeColumns.BEFORE
            + ", "
            + typed(paths)
            + " FROM "
            + reader
            + (job.loaded() == null ? "" : " WHERE NOT (" + sees(job.loaded()) + ")"));
    return session.value("SELECT count(*) FROM " + reader).asLong();
  }

  /** The table's columns, of its types. */
  private String typed(List<String> paths) {
    List<Column> wanted =
        job.table().schema().columns().stream().map(c -> new Column(c.name(), c.type())).toList();
    RawParquet.Present present = new RawParquet(session).present(paths, wanted);
    return wanted.stream()
        .map(
            c -> {
              String value =
                  present.values().getOrDefault(c.name().toLowerCase(Locale.ROOT), "NULL");
              return "CAST("
                  + value
                  + " AS "
                  + SqlTypes.sql(c.type())
                  + ") AS "
                  + Sql.name(c.name());
            })
        .collect(Collectors.joining(", "));
  }

  /** {@link Moment#sees} as a condition. */
  private static String sees(Moment moment) {
    Moment.Seen seen = moment.seen();
    long whole = seen.before() - seen.before() % EPOCH;
    String id = "(" + whole + " + " + ChangeColumns.TRANSACTION + ")";
    String near =
        "(CASE WHEN "
            + id
            + " - "
            + seen.before()
            + " > "
            + EPOCH / 2
            + " THEN "
            + id
            + " - "
            + EPOCH
            + " WHEN "
            + seen.before()
            + " - "
            + id
            + " > "
            + EPOCH / 2
            + " THEN "
            + id
            + " + "
            + EPOCH
            + " ELSE "
            + id
            + " END)";
    String running =
        seen.running().isEmpty()
            ? ""
            : " AND "
                + near
                + " NOT IN ("
                + seen.running().stream().map(String::valueOf).collect(Collectors.joining(", "))
                + ")";
    return ChangeColumns.LSN
        + " < "
        + moment.log().value()
        + " AND ("
        + near
        + " < "
        + seen.from()
        + " OR "
        + near
        + " < "
        + seen.before()
        + running
        + ")";
  }

  /** A place in the log as a value of {@link #ORDER}: changes of commits before it are lower. */
  static String order(long lsn) {
    return "(" + lsn + "::HUGEINT * " + MOST_IN_TRANSACTION + " * 2)";
  }

  /** The text of a column's value before the change; null if it was not told. */
  static String before(String column) {
    String pointer = "/" + column.replace("~", "~0").replace("/", "~1");
    return "json_extract_string(" + ChangeColumns.BEFORE + ", " + Sql.text(pointer) + ")";
  }

  @Override
  public void close() {
    leases.forEach(FileLease::close);
  }
}
