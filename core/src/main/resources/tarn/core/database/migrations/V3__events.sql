-- What a file of a batch is for: 'landed' (as it came), 'events' (a segment of a stream), 'ids' (of the events in it) or 'dead' (letters: what could not be taken).
ALTER TABLE ledger_file ADD COLUMN role TEXT NOT NULL DEFAULT 'landed';
-- The same content lands once; two segments of a stream may have the same bytes.
DROP INDEX ledger_file_content;
CREATE UNIQUE INDEX ledger_file_content ON ledger_file (source, folder, sha256) WHERE role = 'landed';

-- Events of a batch; null for other kinds. received = stored + duplicate + conflict + rejected.
ALTER TABLE ledger_batch ADD COLUMN events_received BIGINT;
ALTER TABLE ledger_batch ADD COLUMN events_stored BIGINT;
ALTER TABLE ledger_batch ADD COLUMN events_duplicate BIGINT;
ALTER TABLE ledger_batch ADD COLUMN events_conflict BIGINT;
ALTER TABLE ledger_batch ADD COLUMN events_rejected BIGINT;

-- The same, of all that a stream ever delivered, with those that made no batch.
CREATE TABLE ledger_event_count (
  source TEXT PRIMARY KEY,
  received BIGINT NOT NULL,
  stored BIGINT NOT NULL,
  duplicate BIGINT NOT NULL,
  conflict BIGINT NOT NULL,
  rejected BIGINT NOT NULL
);
