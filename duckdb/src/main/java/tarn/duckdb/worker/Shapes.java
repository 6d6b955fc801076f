package tarn.duckdb.worker;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Set;

/**
 * Tells whether a JSON object shows anything about its columns that no object before it has shown:
 * a place where there was no value yet, or a value of another class. Classes are finer than types:
 * two texts are of one class only if every date, time or UUID format that takes one takes the
 * other. What is not plainly understood is new, always.
 */
final class Shapes {
  private static final int MAX_DEPTH = 100;
  private static final int LONGEST_DATE = 40;
  private static final int UUID_HEX = 32;

  /** By then a date has said its year, however many spaces it begins with. */
  private static final int DATE_ENDS = 14;

  private static final int LONGEST_UUID = 80;
  private static final int LONGEST_WORD = 24;
  private static final String LARGEST_LONG = "9223372036854775807";
  private static final String LARGEST_UNSIGNED = "18446744073709551615";

  /** What the engine takes for a date although it has no digit. */
  private static final Set<String> DATE_WORDS = Set.of("epoch", "infinity", "-infinity");

  /** What stands between the digits of dates and times. */
  private static final String DATE_MARKS = " \t:-/.,+()TZUCGBDAPMapmtzutcbd";

  private static final long PRIME = 0x100000001b3L;
  private static final long ROOT = 0xcbf29ce484222325L;
  private static final long ELEMENT = 0x9e3779b97f4a7c15L;

  private static final int NULL = 1;
  private static final int BOOLEAN = 2;
  private static final int REAL = 3;
  private static final int WHOLE = 4;
  private static final int NEGATIVE = 5;
  private static final int LONG = 6;
  private static final int NEGATIVE_LONG = 7;
  private static final int UNSIGNED = 8;
  private static final int OBJECT = 9;
  private static final int ARRAY = 10;
  private static final int TEXT = 11;
  private static final int SCIENTIFIC = 12;

  /** With more, telling them apart is no help. */
  private static final int MOST = 1 << 20;

  private final LongSet seen = new LongSet();
  private byte[] bytes = new byte[0];
  private int at;
  private int end;
  private boolean fresh;
  private boolean unsure;

  /** Whether the object in these bytes shows something new; it counts as seen then. */
  boolean isNew(byte[] from, int start, int length) {
    bytes = from;
    at = start;
    end = start + length;
    fresh = false;
    unsure = false;
    skipSpaces();
    if (at < end && bytes[at] == '{') {
      object(ROOT, 0);
      skipSpaces();
      unsure |= at != end;
    } else {
      unsure = true;
    }
    return fresh || unsure;
  }

  private void value(long path, int depth) {
    skipSpaces();
    if (at >= end || depth > MAX_DEPTH) {
      unsure = true;
      return;
    }
    switch (bytes[at]) {
      case '{' -> object(path, depth);
      case '[' -> array(path, depth);
      case '"' -> see(path, text());
      case 't' -> word(path, "true", BOOLEAN);
      case 'f' -> word(path, "false", BOOLEAN);
      case 'n' -> word(path, "null", NULL);
      default -> see(path, number());
    }
  }

  private void object(long path, int depth) {
    see(path, OBJECT);
    at++;
    skipSpaces();
    if (at < end && bytes[at] == '}') {
      at++;
      return;
    }
    while (!unsure) {
      skipSpaces();
      long key = key(path);
      skipSpaces();
      if (unsure || at >= end || bytes[at] != ':') {
        unsure = true;
        return;
      }
      at++;
      value(key, depth + 1);
      if (ends('}')) {
        return;
      }
    }
  }

  private void array(long path, int depth) {
    see(path, ARRAY);
    at++;
    skipSpaces();
    if (at < end && bytes[at] == ']') {
      at++;
      return;
    }
    long element = (path ^ ELEMENT) * PRIME;
    while (!unsure) {
      value(element, depth + 1);
      if (ends(']')) {
        return;
      }
    }
  }

  /** Whether it ends here; else a comma was read, or what is there is not understood. */
  private boolean ends(int close) {
    skipSpaces();
    if (unsure || at >= end) {
      unsure = true;
      return true;
    }
    int found = bytes[at++];
    unsure = found != close && found != ',';
    return found != ',';
  }

  /** The path to a key's value: of the bytes as they stand. */
  private long key(long path) {
    if (at >= end || bytes[at] != '"') {
      unsure = true;
      return path;
    }
    long hash = path * 31 + 1;
    for (at++; at < end; at++) {
      int b = bytes[at];
      if (b == '"') {
        at++;
        return mixed(hash);
      } else if (b == '\\') {
        hash = (hash ^ b) * PRIME;
        b = ++at < end ? bytes[at] : 0;
      }
      hash = (hash ^ b) * PRIME;
    }
    unsure = true;
    return path;
  }

  // ---- classes of values ----

  private void word(long path, String word, int is) {
    for (int i = 0; i < word.length(); i++, at++) {
      if (at >= end || bytes[at] != word.charAt(i)) {
        unsure = true;
        return;
      }
    }
    see(path, is);
  }

  private long number() {
    int start = at;
    boolean negative = bytes[at] == '-';
    if (negative) {
      at++;
    }
    int digits = at;
    skipDigits();
    int count = at - digits;
    if (at < end && bytes[at] == '.') {
      at++;
      int fraction = at;
      skipDigits();
      unsure |= fraction == at || count == 0;
      return at < end && isExponent(bytes[at]) ? scientific(start) : REAL;
    } else if (at < end && isExponent(bytes[at]) && count > 0) {
      return scientific(start);
    } else if (count == 0) {
      return rest(start);
    } else if (count < LARGEST_LONG.length()) {
      unsure |= bytes[digits] == '0' && (count > 1 || negative);
      return negative ? NEGATIVE : WHOLE;
    }
    return large(negative, new String(bytes, digits, count, StandardCharsets.US_ASCII), start);
  }

  private long large(boolean negative, String digits, int start) {
    if (digits.length() == LARGEST_LONG.length() && digits.compareTo(LARGEST_LONG) <= 0) {
      return negative ? NEGATIVE_LONG : LONG;
    } else if (!negative
        && (digits.length() < LARGEST_UNSIGNED.length()
            || digits.length() == LARGEST_UNSIGNED.length()
                && digits.compareTo(LARGEST_UNSIGNED) <= 0)) {
      return UNSIGNED;
    }
    return literal(start, at);
  }

  /** One that is neither too large nor too small for a double is a class; each other is its own. */
  private long scientific(int start) {
    int from = at + 1;
    at = from < end && (bytes[from] == '+' || bytes[from] == '-') ? from + 1 : from;
    int digits = at;
    skipDigits();
    unsure |= at == digits;
    return at - digits <= 2 && at - start <= LONGEST_DATE ? SCIENTIFIC : literal(start, at);
  }

  private static boolean isExponent(byte b) {
    return b == 'e' || b == 'E';
  }

  /** What is written differently from what is common is a class of its own. */
  private long rest(int start) {
    while (at < end && bytes[at] != ',' && bytes[at] != '}' && bytes[at] != ']') {
      at++;
    }
    unsure |= at == start;
    return literal(start, at);
  }

  private void skipDigits() {
    while (at < end && isDigit(bytes[at])) {
      at++;
    }
  }

  private long text() {
    int start = ++at;
    boolean plain = true;
    while (at < end && bytes[at] != '"') {
      if (bytes[at] == '\\') {
        plain = false;
        at++;
      }
      at++;
    }
    if (at >= end) {
      unsure = true;
      return TEXT;
    }
    int length = at - start;
    at++;
    if (length == 0) {
      return TEXT;
    } else if (!plain) {
      return mayHideDate(start, length) ? literal(start, at - 1) : TEXT;
    } else if (length <= LONGEST_DATE && isDateLike(bytes[start])) {
      long date = date(start, length);
      if (date != TEXT) {
        return date;
      }
    }
    if (length >= UUID_HEX && length <= LONGEST_UUID) {
      return hex(start, length);
    }
    boolean maybeWord = length <= LONGEST_WORD && "eEiI- \t".indexOf(bytes[start]) >= 0;
    return maybeWord && isDateWord(start, length) ? literal(start, at - 1) : TEXT;
  }

  /** Whether a text with escapes could stand for ASCII that is a date, time or UUID. */
  private boolean mayHideDate(int start, int length) {
    if (length > LONGEST_UUID * 2) {
      return false;
    }
    for (int i = start; i < start + length - 1; i++) {
      if (bytes[i] == '\\') {
        i++;
        boolean ascii =
            bytes[i] != 'u' || i + 2 < end && bytes[i + 1] == '0' && bytes[i + 2] == '0';
        if (!ascii) {
          return false;
        }
      }
    }
    byte first = bytes[start];
    return isDateLike(first) || first == '\\' || length <= LONGEST_DATE;
  }

  private boolean isDateWord(int start, int length) {
    String word = new String(bytes, start, length, StandardCharsets.ISO_8859_1);
    return DATE_WORDS.contains(word.strip().toLowerCase(Locale.ROOT));
  }

  private static boolean isDateLike(byte b) {
    return isDigit(b) || b == ' ' || b == '-' || b == '+' || b == '\t';
  }

  /**
   * Which digits may stand where: what decides whether a text is a date is the length of its
   * numbers, and which limits of months, days, hours and minutes they keep to.
   */
  private long date(int start, int length) {
    long hash = ROOT;
    boolean endOfMonth = false;
    int i = start;
    while (i < start + length) {
      byte b = bytes[i];
      if (isDigit(b)) {
        int from = i;
        int value = 0;
        while (i < start + length && isDigit(bytes[i])) {
          value = Math.min(99_999, value * 10 + (bytes[i] - '0'));
          i++;
        }
        int range = range(value, i - from);
        endOfMonth |= i - from <= 2 && value > 28 && value <= 31;
        hash = (hash ^ ((i - from) * 16L + range)) * PRIME;
      } else if (DATE_MARKS.indexOf(b) >= 0) {
        hash = (hash ^ b) * PRIME;
        i++;
      } else {
        return TEXT;
      }
    }
    return mixed(endOfMonth ? hash ^ literal(start, start + Math.min(length, DATE_ENDS)) : hash);
  }

  private static int range(int value, int digits) {
    if (digits > 2) {
      return value == 0 ? 0 : 1;
    }
    int range = 0;
    for (int limit : new int[] {0, 12, 23, 28, 31, 59, 68}) {
      if (value > limit) {
        range++;
      }
    }
    return range;
  }

  /** Hexadecimal digits with what a UUID may have between them, or a text. */
  private long hex(int start, int length) {
    long hash = ROOT ^ length;
    for (int i = start; i < start + length; i++) {
      byte b = bytes[i];
      if (b == '-' || b == '{' || b == '}') {
        hash = (hash ^ (b + (long) (i - start) * 256)) * PRIME;
      } else if (!(isDigit(b) || b >= 'a' && b <= 'f' || b >= 'A' && b <= 'F')) {
        return TEXT;
      }
    }
    return mixed(hash);
  }

  private long literal(int start, int to) {
    long hash = ROOT;
    for (int i = start; i < to; i++) {
      hash = (hash ^ bytes[i]) * PRIME;
    }
    return mixed(hash);
  }

  private static boolean isDigit(byte b) {
    return b >= '0' && b <= '9';
  }

  private void skipSpaces() {
    while (at < end && (bytes[at] == ' ' || bytes[at] == '\t')) {
      at++;
    }
  }

  private void see(long path, long is) {
    fresh |= seen.add(mixed(path + is * ELEMENT));
    unsure |= seen.size > MOST;
  }

  private static long mixed(long hash) {
    long mixed = (hash ^ (hash >>> 32)) * ELEMENT;
    return mixed ^ (mixed >>> 29);
  }

  /** Numbers in a table with open addresses, at most half full. */
  private static final class LongSet {
    private long[] table = new long[1 << 12];
    private int size;

    /** Whether it was not there. Zero is never there: what has it is new, always. */
    boolean add(long number) {
      int mask = table.length - 1;
      int place = (int) number & mask;
      while (table[place] != 0) {
        if (table[place] == number) {
          return false;
        }
        place = (place + 1) & mask;
      }
      table[place] = number;
      if (++size * 2 > table.length) {
        grow();
      }
      return true;
    }

    private void grow() {
      long[] old = table;
      table = new long[old.length * 2];
      size = 0;
      for (long number : old) {
        if (number != 0) {
          add(number);
        }
      }
    }
  }
}
