package tarn.duckdb;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;
import tarn.core.engine.ApplyJob;
import tarn.core.engine.ChangeColumns;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.storage.ObjectStore;
import tarn.core.table.DataChange;
import tarn.core.table.ScanFile;

/**
 * Changes of a source's table into its copy. They come together in the table {@code changes}, where
 * {@link ChangeRows#ORDER} is higher the later a change was; {@code lasts} has the last one of each
 * key, and {@code moved} the keys that rows had before they got others. What few batches have
 * (truncates, other keys, values that were not said) costs only those that have it.
 */
final class Applier {
  private static final String ORDER = ChangeRows.ORDER;

  /**
   * The change's row in {@code changes}, in other tables; {@link #GONE} if it leaves no row of the
   * key.
   */
  static final String AT = "__at_row";

  private static final int GONE = -1;

  private final ApplyJob job;
  private final WorkerSession session;
  private final List<Types.NestedField> key;
  private final String columns;
  private final String keys;
  private final ParquetFiles parquet;
  private final OldVersions versions;
  private final UnsaidValues unsaid;
  private final ChangeRows rows;

  Applier(
      ApplyJob job, WorkerSession session, ObjectStore objects, TableSql tables, ChangeRows rows) {
    this.job = job;
    this.session = session;
    this.rows = rows;
    this.key =
        job.key().stream().map(k -> job.table().schema().caseInsensitiveFindField(k)).toList();
    List<String> names = key.stream().map(Types.NestedField::name).toList();
    this.columns =
        Sql.names(job.table().schema().columns().stream().map(Types.NestedField::name).toList());
    this.keys = Sql.names(names);
    this.parquet = new ParquetFiles(session, objects);
    this.versions =
        new OldVersions(
            session,
            objects,
            tables,
            new OldVersions.Keyed(job.table(), names, job.existing(), job.mergeOnRead()));
    this.unsaid =
        new UnsaidValues(
            session, tables, versions, new UnsaidValues.Copy(job.table(), names, job.settled()));
  }

  /** What a batch has. */
  private record Batch(long changes, long unsaid, long before, @Nullable String truncate) {}

  ApplyJob.Result apply() {
    long read = rows.read();
    Batch batch = batch();
    long seen = read - batch.changes();
    if (batch.truncate() != null) {
      session.execute("DELETE FROM changes WHERE " + ORDER + " <= " + batch.truncate());
    }
    if (batch.unsaid() > 0) {
      sayKeys();
    }
    checkKeys();
    boolean moves = batch.before() > 0 && findMoved();
    findLasts(moves);
    List<ScanFile> files =
        batch.truncate() == null ? versions.find("lasts", "k." + AT + " < 0 AS gone") : List.of();
    boolean some = batch.unsaid() > 0 && unsaid.complete(moves, files);
    long upserted = count("lasts WHERE " + AT + " >= 0");
    if (batch.truncate() != null) {
      return new ApplyJob.Result(
          new DataChange.ReplaceAll(parquet.write(job.table(), rows(some))),
          read,
          seen,
          upserted,
          rowsOfCopy());
    }
    long deleted = files.isEmpty() ? 0 : count("hits WHERE gone");
    DataChange change = versions.replace(rows(some), "SELECT file, pos FROM hits", files);
    boolean nothing = change instanceof DataChange.Append && change.files().isEmpty();
    return new ApplyJob.Result(
        nothing ? new DataChange.None() : change, read, seen, upserted, deleted);
  }

  /**
   * Looks at the changes only: makes a table of the keys that rows have after them and had before.
   * False if there is a truncate.
   */
  boolean findTouched(String table) {
    rows.read();
    Batch batch = batch();
    session.execute("DELETE FROM changes WHERE " + ChangeColumns.OP + " = 't'");
    if (batch.unsaid() > 0) {
      sayKeys();
    }
    checkKeys();
    boolean moves = batch.before() > 0 && findMoved();
    session.execute(
        "CREATE OR REPLACE TEMP TABLE "
            + table
            + " AS SELECT "
            + keys
            + " FROM changes"
            + (moves ? " UNION SELECT " + keys + " FROM moved" : ""));
    return batch.truncate() == null;
  }

  private long rowsOfCopy() {
    return job.table().snapshotId().isEmpty()
        ? 0
        : job.existing().apply(Expressions.alwaysTrue()).rows();
  }

  // ---- what the batch has ----

  private Batch batch() {
    JsonNode facts =
        session
            .rows(
                "SELECT count(*), count("
                    + ChangeColumns.UNCHANGED
                    + "), count(*) FILTER ("
                    + hasBefore()
                    + "), CAST(max("
                    + ORDER
                    + ") FILTER ("
                    + ChangeColumns.OP
                    + " = '"
                    + ChangeColumns.TRUNCATE
                    + "') AS VARCHAR) FROM changes")
            .path(0);
    return new Batch(
        facts.path(0).asLong(),
        facts.path(1).asLong(),
        facts.path(2).asLong(),
        facts.path(3).isNull() ? null : facts.path(3).asText());
  }

  private static String hasBefore() {
    return ChangeColumns.OP
        + " = '"
        + ChangeColumns.UPDATE
        + "' AND "
        + ChangeColumns.BEFORE
        + " IS NOT NULL";
  }

  // ---- keys ----

  /** A long key that stayed is not said either, but what was before is. */
  private void sayKeys() {
    for (Types.NestedField column : key) {
      String name = Sql.name(column.name());
      session.execute(
          "UPDATE changes SET "
              + name
              + " = "
              + SourceTexts.lenient(before(column), column.type())
              + " WHERE "
              + name
              + " IS NULL AND NOT "
              + UnsaidValues.says("changes", column.name())
              + " AND "
              + hasBefore());
    }
  }

  private void checkKeys() {
    for (Types.NestedField column : key) {
      refuse(
          column,
          session.value(
              "SELECT count(*) FROM changes WHERE " + Sql.name(column.name()) + " IS NULL"));
    }
  }

  private void refuse(Types.NestedField column, JsonNode count) {
    if (count.asLong() > 0) {
      throw new TarnException(
          ErrorCode.DATA_INVALID,
          job.table().name()
              + ": "
              + count.asLong()
              + " changes have no value for the key column '"
              + column.name()
              + "', or one that does not fit its type: their rows cannot be told");
    }
  }

  private static String before(Types.NestedField column) {
    return ChangeRows.before(column.name());
  }

  /** {@code moved}: the updates of rows that had another key before, and that key. */
  private boolean findMoved() {
    List<String> old = new ArrayList<>();
    List<String> others = new ArrayList<>();
    for (Types.NestedField column : key) {
      String text = before(column);
      String value = SourceTexts.lenient(text, column.type());
      String name = Sql.name(column.name());
      old.add("CASE WHEN " + text + " IS NULL THEN " + name + " ELSE " + value + " END AS " + name);
      others.add("o." + name + " IS DISTINCT FROM c." + name);
    }
    session.execute(
        "CREATE OR REPLACE TEMP TABLE moved AS SELECT o.* FROM (SELECT rowid AS "
            + AT
            + ", "
            + ORDER
            + ", "
            + String.join(", ", old)
            + " FROM changes WHERE "
            + hasBefore()
            + ") o JOIN changes c ON c.rowid = o."
            + AT
            + " WHERE "
            + String.join(" OR ", others));
    for (Types.NestedField column : key) {
      refuse(
          column,
          session.value(
              "SELECT count(*) FROM moved WHERE " + Sql.name(column.name()) + " IS NULL"));
    }
    return count("moved") > 0;
  }

  private void findLasts(boolean moves) {
    String ends =
        "SELECT "
            + keys
            + ", "
            + ORDER
            + ", CASE "
            + ChangeColumns.OP
            + " WHEN '"
            + ChangeColumns.DELETE
            + "' THEN "
            + GONE
            + " ELSE rowid END AS "
            + AT
            + " FROM changes";
    String leaves = " UNION ALL SELECT " + keys + ", " + ORDER + " - 1, " + GONE + " FROM moved";
    session.execute(
        "CREATE OR REPLACE TEMP TABLE lasts AS SELECT "
            + keys
            + ", arg_max("
            + AT
            + ", "
            + ORDER
            + ") AS "
            + AT
            + " FROM ("
            + ends
            + (moves ? leaves : "")
            + ") GROUP BY ALL");
  }

  /** What the copy gets. */
  private String rows(boolean someUnsaid) {
    String last = " rowid IN (SELECT " + AT + " FROM lasts)";
    return someUnsaid
        ? "SELECT "
            + columns
            + " FROM changes WHERE "
            + ChangeColumns.UNCHANGED
            + " IS NULL AND "
            + last
            + " UNION ALL SELECT "
            + columns
            + " FROM completed"
        : "SELECT " + columns + " FROM changes WHERE " + last;
  }

  private long count(String relation) {
    return session.value("SELECT count(*) FROM " + relation).asLong();
  }
}
