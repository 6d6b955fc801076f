package tarn.core.workflow;

import java.util.function.BooleanSupplier;
import tarn.core.lake.TableChoice;
import tarn.core.ledger.SourceName;
import tarn.core.observe.Progress;

/**
 * What pipelines do with a source. Each call is idempotent: after a crash it is made again. All
 * throw {@code CANCELLED} if they stopped before their end because they should.
 */
public interface SourceWork {

  /**
   * What was done.
   *
   * @param read rows and changes read
   * @param upserted rows written to copies
   * @param deleted rows taken out of copies
   * @param lagBytes of the source's log that hold changes of the tables and are not in the lake
   */
  record Done(long read, long upserted, long deleted, long lagBytes) {}

  /** Rows of tables as of now into the ledger, loaded anew. */
  Done load(SourceName source, TableChoice tables, Progress progress, BooleanSupplier cancelled);

  /** Copies made of the loads that are in the ledger. */
  Done seed(SourceName source, TableChoice tables, Progress progress, BooleanSupplier cancelled);

  /** What the source's log has up to now, landed and applied; then it ends. */
  Done incremental(
      SourceName source, TableChoice tables, Progress progress, BooleanSupplier cancelled);

  /** The same again and again, until it should stop; only then it returns. */
  Done continuous(SourceName source, Progress progress, BooleanSupplier cancelled);
}
