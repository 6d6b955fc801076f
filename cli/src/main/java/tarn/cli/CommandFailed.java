package tarn.cli;

import tarn.api.Failure;

/** Ends a command with one line on standard error and an exit code. */
final class CommandFailed extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int exitCode;
  private final String code;

  private CommandFailed(int exitCode, String code, String message) {
    super(message);
    this.exitCode = exitCode;
    this.code = code;
  }

  /** The person typed or asked something wrong. */
  static CommandFailed usage(String message) {
    return new CommandFailed(2, "BAD_REQUEST", message);
  }

  /** Something outside, like a file, does not work. */
  static CommandFailed external(String message) {
    return new CommandFailed(3, "STORAGE_UNAVAILABLE", message);
  }

  /** The reader of the answer, {@code head} perhaps, has read enough: nothing is said about it. */
  static CommandFailed notRead() {
    return new CommandFailed(141, "CANCELLED", "");
  }

  /** A fault of Tarn's own. */
  static CommandFailed internal(String message) {
    return new CommandFailed(70, "INTERNAL", message);
  }

  /** What the server told. */
  static CommandFailed told(Failure failure) {
    return new CommandFailed(exitCode(failure.kind()), failure.code(), failure.message());
  }

  int exitCode() {
    return exitCode;
  }

  String code() {
    return code;
  }

  private static int exitCode(String kind) {
    return switch (kind) {
      case "USER" -> 2;
      case "EXTERNAL" -> 3;
      case "RESOURCE" -> 4;
      default -> 70;
    };
  }
}
