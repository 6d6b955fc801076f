-- The shards that a stream ever had. Ranges of hashes are 32 hexadecimal digits, both ends included. ends_at is the offset behind a closed shard's last event;
-- null until it is certain that none comes any more.
CREATE TABLE stream_shard (
  stream TEXT NOT NULL,
  shard BIGINT NOT NULL,
  hash_from TEXT NOT NULL,
  hash_to TEXT NOT NULL,
  parent BIGINT,
  adjacent_parent BIGINT,
  opened_at BIGINT NOT NULL,
  closed_at BIGINT,
  ends_at BIGINT,
  PRIMARY KEY (stream, shard)
);

CREATE TABLE stream_consumer (
  stream TEXT NOT NULL,
  consumer TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (stream, consumer)
);

-- How far a consumer is: the offset it reads next, moved by compare-and-set. since_*: where it was a minute or two ago, for its rate; mark_*: what becomes that next.
CREATE TABLE stream_consumer_offset (
  stream TEXT NOT NULL,
  consumer TEXT NOT NULL,
  shard BIGINT NOT NULL,
  next BIGINT NOT NULL,
  committed_at BIGINT NOT NULL,
  since_next BIGINT NOT NULL,
  since_at BIGINT NOT NULL,
  mark_next BIGINT NOT NULL,
  mark_at BIGINT NOT NULL,
  PRIMARY KEY (stream, consumer, shard)
);
