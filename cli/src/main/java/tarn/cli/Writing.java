package tarn.cli;

import java.io.Flushable;
import java.io.IOException;

/** Appends to an output whose failure ends the command: nobody reads any more. */
final class Writing {
  private Writing() {}

  static void to(Appendable to, CharSequence text) {
    try {
      to.append(text);
    } catch (IOException e) {
      throw failed(e);
    }
  }

  static void flush(Flushable to) {
    try {
      to.flush();
    } catch (IOException e) {
      throw failed(e);
    }
  }

  private static CommandFailed failed(IOException e) {
    String why = String.valueOf(e.getMessage());
    return why.contains("Broken pipe")
        ? CommandFailed.notRead()
        : CommandFailed.external("cannot write the answer: " + why);
  }
}
