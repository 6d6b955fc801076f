package tarn.core.source;

/** Until when a database is followed. */
public enum Goal {
  /** For as long as nobody stops it. */
  ALWAYS,
  /** Until all tables are loaded. */
  LOADED,
  /** Until all tables are loaded, and what the log had at the beginning is in the ledger. */
  CAUGHT_UP
}
