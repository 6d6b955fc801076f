package tarn.cli;

import java.io.IOException;

/** Appends to an output whose failure ends the command: nobody reads any more. */
final class Writing {
  private Writing() {}

  static void to(Appendable to, CharSequence text) {
    try {
      to.append(text);
    } catch (IOException e) {
      throw CommandFailed.external("cannot write the answer: " + e.getMessage());
    }
  }
}
