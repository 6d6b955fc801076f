-- What is remembered of a workflow beside its definition. basis: the schedule that looked_at is about, and whether it was enabled; looked_at: up to when due times were
-- looked for. switched: 'enabled' or 'disabled' by command, as long as the definition is switched_for. overrides: settings by command, JSON.
CREATE TABLE workflow (
  name TEXT NOT NULL PRIMARY KEY,
  basis TEXT NOT NULL,
  looked_at BIGINT NOT NULL,
  switched TEXT,
  switched_for TEXT,
  overrides TEXT NOT NULL
);

-- A RUNNING run that nobody holds (its lease is over) is begun again: after a crash, or as a retry at the time that its lease says.
-- notice: null if nobody is to be told, 'due', 'telling' (until lease_until), 'told' or what went wrong.
CREATE TABLE workflow_run (
  id TEXT NOT NULL PRIMARY KEY,
  workflow TEXT NOT NULL,
  cause TEXT NOT NULL,
  due_at BIGINT,
  after_run TEXT,
  state TEXT NOT NULL,
  attempt BIGINT NOT NULL,
  failures BIGINT NOT NULL,
  crashes BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  started_at BIGINT,
  ended_at BIGINT,
  rows_read BIGINT NOT NULL,
  rows_upserted BIGINT NOT NULL,
  rows_deleted BIGINT NOT NULL,
  progress TEXT NOT NULL,
  problem TEXT NOT NULL,
  log TEXT NOT NULL,
  stop_asked BIGINT NOT NULL,
  owner TEXT NOT NULL,
  lease_until BIGINT NOT NULL,
  notice TEXT,
  UNIQUE (workflow, due_at),
  UNIQUE (workflow, after_run)
);
-- One at a time runs, and one at most waits.
CREATE UNIQUE INDEX workflow_run_running ON workflow_run (workflow) WHERE state = 'RUNNING';
CREATE UNIQUE INDEX workflow_run_queued ON workflow_run (workflow) WHERE state = 'QUEUED';
CREATE INDEX workflow_run_history ON workflow_run (workflow, created_at);
