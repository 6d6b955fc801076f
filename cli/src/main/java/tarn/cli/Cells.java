package tarn.cli;

import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;
import tarn.api.Fields;
import tarn.api.Json;

/** Values as text: one line each, and nothing that a terminal would obey. */
final class Cells {
  private Cells() {}

  /** The value as a person writes it; empty for null. */
  static String text(@Nullable Object value) {
    if (value == null) {
      return "";
    }
    if (value instanceof BigDecimal number) {
      return Math.abs((long) number.scale()) > 60 ? number.toString() : number.toPlainString();
    }
    boolean nested = value instanceof java.util.List || value instanceof Fields;
    return nested ? Json.write(value) : value.toString();
  }

  /** On one line, with control characters written out. */
  static String oneLine(String text) {
    StringBuilder line = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '\n' -> line.append("\\n");
        case '\r' -> line.append("\\r");
        case '\t' -> line.append("\\t");
        default -> line.append(obeyed(c) ? hex(c) : String.valueOf(c));
      }
    }
    return line.toString();
  }

  /** How many columns of a terminal a text takes. */
  static int width(String text) {
    int width = 0;
    for (int i = 0; i < text.length(); ) {
      int c = text.codePointAt(i);
      width += width(c);
      i += Character.charCount(c);
    }
    return width;
  }

  /** The text, cut with an ellipsis if it is wider. */
  static String cut(String text, int most) {
    if (width(text) <= most) {
      return text;
    }
    int end = 0;
    int width = 0;
    while (end < text.length()) {
      int c = text.codePointAt(end);
      if (width + width(c) > most - 1) {
        break;
      }
      width += width(c);
      end += Character.charCount(c);
    }
    return text.substring(0, end) + "…";
  }

  private static boolean obeyed(char c) {
    boolean control = c < 0x20 || (c >= 0x7f && c < 0xa0);
    boolean direction = (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
    return control || direction || c == 0x2028 || c == 0x2029;
  }

  private static String hex(char c) {
    String digits = Integer.toHexString(c);
    return "\\u" + "0".repeat(4 - digits.length()) + digits;
  }

  private static int width(int c) {
    if (c < 0x300) {
      return 1;
    }
    int type = Character.getType(c);
    if (type == Character.NON_SPACING_MARK
        || type == Character.ENCLOSING_MARK
        || type == Character.FORMAT) {
      return 0;
    }
    boolean wide =
        (c >= 0x1100 && c <= 0x115f)
            || (c >= 0x2e80 && c <= 0xa4cf)
            || (c >= 0xac00 && c <= 0xd7a3)
            || (c >= 0xf900 && c <= 0xfaff)
            || (c >= 0xfe30 && c <= 0xfe6f)
            || (c >= 0xff00 && c <= 0xff60)
            || (c >= 0x1f300 && c <= 0x1faff)
            || (c >= 0x20000 && c <= 0x3fffd);
    return wide ? 2 : 1;
  }
}
