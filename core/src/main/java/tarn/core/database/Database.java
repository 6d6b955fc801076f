package tarn.core.database;

import java.util.function.Function;
import org.jdbi.v3.core.Handle;

/**
 * The one SQL database of a lake: catalog, ledger and state. SQLite (a file in the lake's home;
 * WAL, synchronous=FULL) or PostgreSQL. SQL in this project is written once and runs on both:
 * BIGINT, TEXT, epoch microseconds for times, {@code ON CONFLICT}, {@code RETURNING}.
 */
public interface Database extends AutoCloseable {

  /**
   * Runs work in one transaction that is serial with every other write transaction of this lake as
   * far as the rows it touches go. Committed when it returns; rolled back when it throws. Retries
   * by itself only what is known not to have committed (a busy SQLite, a serialization failure), so
   * the work may run more than once and must have no effect but on the database. If the connection
   * is lost while committing, it throws {@code COMMIT_UNKNOWN}.
   */
  <T> T write(Function<Handle, T> work);

  /** Runs reads against one consistent state. */
  <T> T read(Function<Handle, T> work);

  /** {@code sqlite} or {@code postgresql}. */
  String kind();

  @Override
  void close();
}
