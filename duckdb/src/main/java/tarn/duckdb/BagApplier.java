package tarn.duckdb;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.types.Types;
import tarn.core.engine.ApplyJob;
import tarn.core.engine.ChangeColumns;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.storage.ObjectStore;
import tarn.core.table.DataChange;
import tarn.core.table.ScanFile;

/**
 * Changes of a table without a key into its copy. Equal rows cannot be told apart, so only how many
 * there are of each counts: {@code deltas} has, for each row, how many come ({@link #COUNT}, more
 * than zero) or go. Of the rows that go the copy loses as many as go, whichever they are.
 */
final class BagApplier {
  private static final String COUNT = "__count";

  private final ApplyJob job;
  private final WorkerSession session;
  private final ChangeRows rows;
  private final OldVersions versions;
  private final ParquetFiles parquet;
  private final List<Types.NestedField> fields;
  private final String columns;

  BagApplier(
      ApplyJob job, WorkerSession session, ObjectStore objects, TableSql tables, ChangeRows rows) {
    this.job = job;
    this.session = session;
    this.rows = rows;
    this.parquet = new ParquetFiles(session, objects);
    this.fields = job.table().schema().columns();
    List<String> names = fields.stream().map(Types.NestedField::name).toList();
    this.columns = Sql.names(names);
    this.versions =
        new OldVersions(
            session,
            objects,
            tables,
            new OldVersions.Keyed(job.table(), names, job.existing(), job.mergeOnRead()));
  }

  ApplyJob.Result apply() {
    long read = rows.read();
    long seen = read - count("changes");
    boolean truncates = count("changes WHERE " + is(ChangeColumns.TRUNCATE)) > 0;
    if (truncates) {
      session.execute(
          "DELETE FROM changes WHERE "
              + ChangeRows.ORDER
              + " <= (SELECT max("
              + ChangeRows.ORDER
              + ") FROM changes WHERE "
              + is(ChangeColumns.TRUNCATE)
              + ")");
    }
    findDeltas();
    long come = sum(COUNT, COUNT + " > 0");
    long go = sum("-" + COUNT, COUNT + " < 0");
    String coming =
        "SELECT "
            + columns
            + " FROM (SELECT *, unnest(range("
            + COUNT
            + ")) FROM deltas WHERE "
            + COUNT
            + " > 0)";
    if (truncates) {
      refuse(go);
      return new ApplyJob.Result(
          new DataChange.ReplaceAll(parquet.write(job.table(), coming)),
          read,
          seen,
          come,
          job.table().snapshotId().isEmpty()
              ? 0
              : job.existing().apply(Expressions.alwaysTrue()).rows());
    }
    List<ScanFile> files =
        go == 0 ? List.of() : versions.find("gone", "k.rowid AS row, k." + COUNT + " AS n");
    if (go > 0) {
      refuse(files.isEmpty() ? go : lacking());
    }
    DataChange change =
        versions.replace(
            coming,
            "SELECT file, pos FROM (SELECT *, row_number() OVER (PARTITION BY row ORDER BY file, pos) AS place FROM hits) WHERE place <= n",
            files);
    boolean nothing = change instanceof DataChange.Append && change.files().isEmpty();
    return new ApplyJob.Result(nothing ? new DataChange.None() : change, read, seen, come, go);
  }

  private void findDeltas() {
    if (count(
            "changes WHERE "
                + is(ChangeColumns.UPDATE)
                + " AND "
                + ChangeColumns.BEFORE
                + " IS NULL")
        > 0) {
      throw new TarnException(
          ErrorCode.DATA_INVALID,
          job.table().name()
              + ": updates do not tell the row before, and there is no key: its rows cannot be told");
    }
    String before =
        fields.stream()
            .map(
                f ->
                    SourceTexts.lenient(ChangeRows.before(f.name()), f.type())
                        + " AS "
                        + Sql.name(f.name()))
            .collect(Collectors.joining(", "));
    session.execute(
        "CREATE OR REPLACE TEMP TABLE deltas AS SELECT "
            + columns
            + ", sum("
            + COUNT
            + ")::BIGINT AS "
            + COUNT
            + " FROM (SELECT "
            + columns
            + ", CASE WHEN "
            + is(ChangeColumns.DELETE)
            + " THEN -1 ELSE 1 END AS "
            + COUNT
            + " FROM changes UNION ALL SELECT "
            + before
            + ", -1 FROM changes WHERE "
            + is(ChangeColumns.UPDATE)
            + ") GROUP BY "
            + columns
            + " HAVING sum("
            + COUNT
            + ") <> 0");
    session.execute(
        "CREATE OR REPLACE TEMP TABLE gone AS SELECT "
            + columns
            + ", -"
            + COUNT
            + " AS "
            + COUNT
            + " FROM deltas WHERE "
            + COUNT
            + " < 0");
  }

  /** How many rows go that the copy does not have. */
  private long lacking() {
    return session
        .value(
            "SELECT coalesce(sum(greatest(g."
                + COUNT
                + " - coalesce(h.there, 0), 0)), 0)::BIGINT FROM gone g LEFT JOIN"
                + " (SELECT row, count(*) AS there FROM hits GROUP BY row) h ON h.row = g.rowid")
        .asLong();
  }

  private void refuse(long missing) {
    if (missing > 0) {
      throw new TarnException(
          ErrorCode.DATA_INVALID,
          job.table().name()
              + ": "
              + missing
              + " rows were changed or deleted that the copy does not have: load the table again");
    }
  }

  private static String is(String op) {
    return ChangeColumns.OP + " = '" + op + "'";
  }

  private long sum(String what, String where) {
    JsonNode sum =
        session.value("SELECT coalesce(sum(" + what + "), 0)::BIGINT FROM deltas WHERE " + where);
    return sum.asLong();
  }

  private long count(String relation) {
    return session.value("SELECT count(*) FROM " + relation).asLong();
  }
}
