-- Where the bytes of a raw file are: 'stored' (in raw, under path), 'archived' (in the archive zone, under archive_path) or 'expired' (nowhere any more).
-- The row itself stays for ever: what landed once is known.
ALTER TABLE ledger_file ADD COLUMN state TEXT NOT NULL DEFAULT 'stored';
-- When the state last changed; null since the file landed.
ALTER TABLE ledger_file ADD COLUMN state_since BIGINT;
ALTER TABLE ledger_file ADD COLUMN archive_path TEXT;
ALTER TABLE ledger_file ADD COLUMN archive_bytes BIGINT;
ALTER TABLE ledger_file ADD COLUMN archive_encoding TEXT;
CREATE INDEX ledger_file_away ON ledger_file (source, seq) WHERE state <> 'stored';
CREATE INDEX ledger_file_archive ON ledger_file (archive_path) WHERE archive_path IS NOT NULL;

-- Objects that a file has left, and when: removed once nobody can still be reading them. Written in the transaction that moves the file.
CREATE TABLE ledger_left (
  zone TEXT NOT NULL,
  path TEXT NOT NULL,
  seq BIGINT NOT NULL,
  ordinal BIGINT NOT NULL,
  bytes BIGINT NOT NULL,
  left_at BIGINT NOT NULL,
  PRIMARY KEY (zone, path)
);
