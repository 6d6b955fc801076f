package tarn.testkit;

import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import tarn.core.database.Database;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;

/** A database whose next write fails in a way that a test chooses, once. */
public final class LossyDatabase implements Database {
  /** What becomes of the next write. */
  public enum Fault {
    NONE,
    /** It is committed, and the answer is lost. */
    ANSWER_LOST,
    /** It is rolled back, and the answer is lost. */
    COMMIT_LOST,
    /** It is rolled back, and the database says so. */
    REFUSED
  }

  private final Database inner;
  private final AtomicReference<Fault> next = new AtomicReference<>(Fault.NONE);

  public LossyDatabase(Database inner) {
    this.inner = inner;
  }

  /** Chooses what becomes of the next write. */
  public void failNextWrite(Fault fault) {
    next.set(fault);
  }

  @Override
  public <T> T write(Function<Handle, T> work) {
    Fault fault = next.getAndSet(Fault.NONE);
    return switch (fault) {
      case NONE -> inner.write(work);
      case ANSWER_LOST -> {
        inner.write(work);
        throw failure(ErrorCode.COMMIT_UNKNOWN);
      }
      case COMMIT_LOST -> inner.write(h -> rolledBack(h, work, ErrorCode.COMMIT_UNKNOWN));
      case REFUSED -> inner.write(h -> rolledBack(h, work, ErrorCode.DATABASE_UNAVAILABLE));
    };
  }

  private static <T> T rolledBack(Handle handle, Function<Handle, T> work, ErrorCode code) {
    T unused = work.apply(handle);
    throw failure(code);
  }

  private static TarnException failure(ErrorCode code) {
    return new TarnException(code, "a test cut the connection");
  }

  @Override
  public <T> T read(Function<Handle, T> work) {
    return inner.read(work);
  }

  @Override
  public String kind() {
    return inner.kind();
  }

  @Override
  public void close() {
    inner.close();
  }
}
