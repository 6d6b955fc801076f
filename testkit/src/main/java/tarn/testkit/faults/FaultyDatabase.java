package tarn.testkit.faults;

import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import tarn.core.database.Database;

/** A database whose caller may die before a transaction or right after its commit. */
public record FaultyDatabase(Database database, Faults faults) implements Database {
  @Override
  public <T> T write(Function<Handle, T> work) {
    return faults.effect(() -> database.write(work));
  }

  @Override
  public <T> T read(Function<Handle, T> work) {
    return faults.read(() -> database.read(work));
  }

  @Override
  public String kind() {
    return database.kind();
  }

  @Override
  public void close() {
    database.close();
  }
}
