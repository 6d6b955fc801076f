package tarn.testkit.shop;

/**
 * Why a record belongs in quarantine.
 *
 * @param kind the kind of failure
 * @param detail for UNREADABLE what is wrong with the bytes, for TYPE the column, for RULE the rule
 *     as the table's definition writes it
 */
public record Reason(Kind kind, String detail) implements Comparable<Reason> {

  /** Where reading a record fails. */
  public enum Kind {
    /** It is no record of its format. */
    UNREADABLE,
    /** A value is not of its column's type. */
    TYPE,
    /** It breaks a quality rule. */
    RULE
  }

  static Reason unreadable(String detail) {
    return new Reason(Kind.UNREADABLE, detail);
  }

  static Reason type(String column) {
    return new Reason(Kind.TYPE, column);
  }

  static Reason rule(String text) {
    return new Reason(Kind.RULE, text);
  }

  @Override
  public int compareTo(Reason other) {
    int byKind = kind.compareTo(other.kind);
    return byKind != 0 ? byKind : detail.compareTo(other.detail);
  }

  @Override
  public String toString() {
    return kind + " " + detail;
  }
}
