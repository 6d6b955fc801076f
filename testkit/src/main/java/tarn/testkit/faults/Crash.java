package tarn.testkit.faults;

/** The process ends here. An error, so that nothing takes it for a failure that it can handle. */
public final class Crash extends Error {
  private static final long serialVersionUID = 1L;

  Crash() {
    super("crashed on purpose");
  }
}
