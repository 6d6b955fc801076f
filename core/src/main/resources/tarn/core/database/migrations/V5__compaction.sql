-- The first batch whose events a file has, if it has those of several: up to the one that lists it. Null: those of its own batch.
-- The files that had them before have the role 'gone'.
ALTER TABLE ledger_file ADD COLUMN first_seq BIGINT;
-- What is to be compacted.
CREATE INDEX ledger_file_segment ON ledger_file (source, seq) WHERE role = 'events' AND first_seq IS NULL AND state = 'stored';
