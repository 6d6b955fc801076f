-- One text for SQLite and PostgreSQL. Times are epoch microseconds. The ledger and lake_table are the truth; the rest can be rebuilt.

CREATE TABLE ledger_clock (id BIGINT PRIMARY KEY, seq BIGINT NOT NULL);
INSERT INTO ledger_clock (id, seq) VALUES (1, 0);

CREATE TABLE ledger_offset (
  source TEXT NOT NULL,
  part TEXT NOT NULL,
  value TEXT NOT NULL,
  epoch BIGINT NOT NULL,
  PRIMARY KEY (source, part)
);

CREATE TABLE ledger_batch (
  seq BIGINT PRIMARY KEY,
  source TEXT NOT NULL,
  kind TEXT NOT NULL,
  part TEXT NOT NULL,
  offset_from TEXT NOT NULL,
  offset_to TEXT NOT NULL,
  epoch BIGINT NOT NULL,
  landed_at BIGINT NOT NULL,
  files BIGINT NOT NULL,
  bytes BIGINT NOT NULL,
  duplicates BIGINT NOT NULL
);
CREATE INDEX ledger_batch_source ON ledger_batch (source, seq);

CREATE TABLE ledger_file (
  seq BIGINT NOT NULL,
  ordinal BIGINT NOT NULL,
  path TEXT NOT NULL,
  source TEXT NOT NULL,
  folder TEXT NOT NULL,
  name TEXT NOT NULL,
  bytes BIGINT NOT NULL,
  sha256 TEXT NOT NULL,
  modified BIGINT NOT NULL,
  PRIMARY KEY (seq, ordinal)
);
CREATE UNIQUE INDEX ledger_file_content ON ledger_file (source, folder, sha256);
CREATE INDEX ledger_file_path ON ledger_file (path);

CREATE TABLE ledger_count (
  source TEXT PRIMARY KEY,
  received BIGINT NOT NULL,
  stored BIGINT NOT NULL,
  duplicate BIGINT NOT NULL,
  bytes BIGINT NOT NULL
);

-- Where the current metadata of every table is: moved by compare-and-set, several tables in one transaction.
CREATE TABLE lake_table (
  namespace TEXT NOT NULL,
  name TEXT NOT NULL,
  id TEXT NOT NULL,
  metadata_location TEXT NOT NULL,
  version BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (namespace, name)
);
CREATE UNIQUE INDEX lake_table_id ON lake_table (id);

-- What was committed to which table, by whom; outlives the snapshots. Written in the transaction of the commit.
CREATE TABLE table_commit (
  table_id TEXT NOT NULL,
  version BIGINT NOT NULL,
  metadata_location TEXT NOT NULL,
  snapshot_id BIGINT,
  committed_at BIGINT NOT NULL,
  operation TEXT NOT NULL,
  principal TEXT NOT NULL,
  ledger_seq BIGINT,
  summary TEXT NOT NULL,
  PRIMARY KEY (table_id, version)
);

-- What the crawler found in raw. A cache: crawling again from the ledger makes it anew.
CREATE TABLE dataset (
  name TEXT PRIMARY KEY,
  source TEXT NOT NULL,
  definition TEXT NOT NULL,
  crawled_seq BIGINT NOT NULL,
  updated_at BIGINT NOT NULL
);

CREATE TABLE dataset_schema (
  name TEXT NOT NULL,
  version BIGINT NOT NULL,
  columns TEXT NOT NULL,
  seen_seq BIGINT NOT NULL,
  changed_at BIGINT NOT NULL,
  PRIMARY KEY (name, version)
);

-- Files that no metadata lists, and since when that is known: they are removed a grace period later. A cache: losing it only delays.
CREATE TABLE orphan_candidate (
  path TEXT PRIMARY KEY,
  seen_at BIGINT NOT NULL
);
