package tarn.api;

/** Which Tarn this is. The launcher gives server and client the same {@code tarn.build}. */
public final class Build {
  /** The released version. */
  public static final String VERSION = "0.1.0";

  /** What tells two builds of one version apart; {@code none} outside the launcher. */
  public static final String ID = System.getProperty("tarn.build", "none");

  private Build() {}
}
