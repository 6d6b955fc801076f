package tarn.api;

/** Something that is one JSON object on the wire. */
public interface Message {
  /** Its fields, in the order in which they are written. */
  Fields fields();
}
