package tarn.api.shop;

/**
 * What a stream is sent in one turn.
 *
 * @param kind what a stream with {@code id: event_id} makes of it
 * @param bytes one line without its end; an event is JSON of 300 to 400 bytes
 */
public record Generated(Kind kind, byte[] bytes) {

  /** What bytes are. Of FRESH, LATE and FUTURE ones each has an id of its own: they are stored. */
  public enum Kind {
    FRESH,
    LATE,
    FUTURE,
    /** The bytes of an earlier one. */
    DUPLICATE,
    /** The id of an earlier one, which is in no duplicate, and other bytes than any. */
    CONFLICT,
    /** No event. */
    POISON
  }

  /** Whether a stream stores it. */
  public boolean isStored() {
    return kind == Kind.FRESH || kind == Kind.LATE || kind == Kind.FUTURE;
  }
}
