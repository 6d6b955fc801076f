package tarn.duckdb.worker;

import java.io.IOException;

/** Finds the records of a raw file by their bytes. */
interface RecordReader {
  /** Longer records are rejected; their bytes stay in the raw file. */
  int MAX_RECORD = 16 << 20;

  String TOO_LONG = "longer than 16 MiB";

  /** Visits every record in order, until the sink has enough. Empty lines are no records. */
  void forEach(Sink sink) throws IOException;

  /** Takes records. Lines count from 1, offsets from 0 in the uncompressed file. */
  interface Sink {
    /** A record that may be right; its fields follow. */
    void begin(long line, long offset, int length) throws IOException;

    /** The next field of the record begins. */
    void field() throws IOException;

    /** More of the field's text. */
    void text(byte[] buffer, int start, int length) throws IOException;

    /** The same, of a text that is known to have no control characters except tabs. */
    void plain(byte[] buffer, int start, int length) throws IOException;

    /** The record has no more fields. */
    void end() throws IOException;

    /** A record that cannot be read. */
    void bad(long line, long offset, long length, String reason);

    /** Whether no more records are wanted. */
    default boolean enough() {
      return false;
    }

    /** The file cannot be read from here on. */
    void damaged(long offset, String reason);
  }
}
