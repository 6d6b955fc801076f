package tarn.duckdb;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tarn.core.engine.LoadJob;
import tarn.core.engine.RawInput;
import tarn.core.engine.plan.Step;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;

/**
 * The records of a work file: good ones go to {@code incoming}, those with a reason to {@code
 * rejects}. Statements of the slow path find reasons and do not fail; if one does all the same, it
 * is repeated with halves of its records, until the one that it fails for is found and rejected.
 */
final class TrackedRows {
  private static final Logger LOG = LoggerFactory.getLogger(TrackedRows.class);

  /** With more of them something is wrong that is not the data. */
  private static final int MAX_REFUSED = 1_000;

  private static final String PLACES =
      RawSql.INPUT + ", " + RawSql.LINE + ", " + RawSql.OFFSET + ", " + RawSql.LENGTH;

  private final WorkerSession session;
  private final LoadJob job;
  private final List<Step> steps;
  private final LookupSql lookups;
  private final String outputNames;
  private int refused;

  TrackedRows(
      WorkerSession session, LoadJob job, List<Step> steps, LookupSql lookups, String outputNames) {
    this.session = session;
    this.job = job;
    this.steps = steps;
    this.lookups = lookups;
    this.outputNames = outputNames;
  }

  /** Takes the records of {@code workFile}, see {@link RawSql#workFile}. */
  void take(List<RawInput> inputs, String workFile, boolean escaped) {
    take(workFile, work -> RawSql.tracked(inputs, work, escaped, job.columns()));
  }

  /** Takes the rows of a Parquet file that can be read. */
  void takeParquet(RawInput input, int number, String path) {
    RawParquet.Present present = new RawParquet(session).present(List.of(path), job.columns());
    take(
        RawParquet.numbered(number, path),
        work -> RawSql.trackedParquet(input, work, present, job.columns()));
  }

  /**
   * @param records of what to select from: of everything, or a part
   */
  private void take(String workFile, Function<String, RawSql.Raw> records) {
    try {
      takeFrom(records.apply(workFile));
    } catch (TarnException e) {
      if (e.code() != ErrorCode.DATA_INVALID) {
        throw e;
      }
      LOG.debug("the records are halved: {}", e.line());
      session.execute("CREATE OR REPLACE TEMP TABLE work AS SELECT * FROM " + workFile);
      JsonNode last = session.value("SELECT max(rowid) FROM work");
      halves(records, 0, last.asLong(), e);
      session.execute("DROP TABLE work");
    }
  }

  private void halves(
      Function<String, RawSql.Raw> records, long first, long last, TarnException why) {
    if (first == last) {
      refuse(first, why);
      return;
    }
    long middle = first + (last - first) / 2;
    takeRange(records, first, middle);
    takeRange(records, middle + 1, last);
  }

  private void takeRange(Function<String, RawSql.Raw> records, long first, long last) {
    try {
      takeFrom(
          records.apply("(SELECT * FROM work WHERE rowid BETWEEN " + first + " AND " + last + ")"));
    } catch (TarnException e) {
      if (e.code() != ErrorCode.DATA_INVALID) {
        throw e;
      }
      halves(records, first, last, e);
    }
  }

  private void refuse(long row, TarnException why) {
    if (++refused > MAX_REFUSED) {
      throw why;
    }
    session.execute(
        "INSERT INTO rejects SELECT "
            + PLACES
            + ", "
            + Sql.text("the engine cannot take it: " + why.line().lines().findFirst().orElse(""))
            + ", NULL, NULL FROM work WHERE rowid = "
            + row);
  }

  private void takeFrom(RawSql.Raw raw) {
    session.execute(
        "CREATE OR REPLACE TEMP TABLE slow AS "
            + new TrackedSql(raw, job.columns(), steps, job.rules(), lookups).sql());
    session.execute(
        "INSERT INTO incoming SELECT "
            + outputNames
            + ", "
            + String.join(", ", RawSql.INPUT, RawSql.OFFSET, RawSql.LINE, RawSql.LENGTH)
            + " FROM slow WHERE "
            + RecipeSql.REJECT
            + " IS NULL");
    session.execute(
        "INSERT INTO rejects SELECT "
            + PLACES
            + ", r.reason, r.col, r.val FROM (SELECT *, "
            + RecipeSql.REJECT
            + " AS r FROM slow) WHERE r IS NOT NULL");
    session.execute("DROP TABLE slow");
  }
}
