package tarn.server;

/** A server's process whose operations are in memory, for tests of the doors and their speed. */
public final class MemoryServerMain {
  private MemoryServerMain() {}

  public static void main(String[] arguments) {
    System.exit(ServerMain.run(arguments, lake -> new MemoryOperations()));
  }
}
