# Each of these must be refused: by class of attack.
# Other kinds of statements, and several of them
INSERT INTO clean.orders VALUES (1)
UPDATE clean.orders SET id = 1
DELETE FROM clean.orders
CREATE TABLE x AS SELECT 1
CREATE MACRO f() AS 1
DROP TABLE clean.orders
ALTER TABLE clean.orders ADD COLUMN x INT
COPY clean.orders TO '/tmp/x.csv'
COPY (SELECT 1) TO '/tmp/x.csv'
ATTACH '/tmp/x.db'
DETACH memory
USE memory
PRAGMA database_list
PRAGMA table_info('orders')
SET memory_limit = '1GB'
RESET memory_limit
CALL pragma_version()
EXPORT DATABASE '/tmp/x'
IMPORT DATABASE '/tmp/x'
INSTALL httpfs
LOAD httpfs
PREPARE p AS SELECT 1
EXECUTE p
DEALLOCATE p
BEGIN
COMMIT
CHECKPOINT
VACUUM
ANALYZE
MERGE INTO clean.orders USING customers ON true WHEN MATCHED THEN DELETE
SHOW ALL TABLES
SHOW DATABASES
SHOW VARIABLES
SHOW orders
SHOW search_path
DESCRIBE
DESCRIBE '/etc/passwd'
DESCRIBE "/etc/passwd"
DESCRIBE SELECT * FROM read_csv('/etc/passwd')
DESCRIBE INSERT INTO clean.orders VALUES (1)
SUMMARIZE orders
EXPLAIN INSERT INTO clean.orders VALUES (1)
EXPLAIN ANALYZE COPY clean.orders TO '/tmp/x'
EXPLAIN ANALYZE SELECT * FROM read_text('/etc/passwd')
EXPLAIN (FORMAT json) SELECT 1
EXPLAIN EXPLAIN SELECT 1
SELECT 1; SELECT 2
SELECT 1; COPY clean.orders TO '/tmp/x'
SELECT 1 /* ; */; DROP TABLE clean.orders
SELECT $$a$$; DROP TABLE clean.orders; SELECT $$b$$
SELECT 'a\\'; DROP TABLE clean.orders; --'
SELECT E'a\\'; DROP TABLE clean.orders; --'
PIVOT orders ON country USING sum(total)
WITH x AS (INSERT INTO clean.orders VALUES (1) RETURNING *) SELECT * FROM x
WITH x AS (DELETE FROM clean.orders RETURNING *) SELECT * FROM x
# Files
SELECT * FROM '/etc/passwd'
SELECT * FROM "/etc/passwd"
SELECT * FROM '/tmp/x.parquet'
SELECT * FROM "data.csv"
SELECT * FROM 's3://bucket/x.parquet'
SELECT * FROM 'https://example.org/x.csv'
SELECT * FROM clean."../../etc/passwd"
SELECT * FROM read_csv('/etc/passwd')
SELECT * FROM READ_CSV_AUTO('/etc/passwd')
SELECT * FROM "read_text"('/etc/passwd')
SELECT * FROM read_text /* x */ ('/etc/passwd')
SELECT * FROM main.read_text('/etc/passwd')
SELECT * FROM system.main.read_text('/etc/passwd')
SELECT * FROM read_blob('/etc/passwd')
SELECT * FROM read_json('/x')
SELECT * FROM read_parquet(['/x'])
SELECT * FROM parquet_scan('/x')
SELECT * FROM parquet_metadata('/x')
SELECT * FROM glob('/*')
SELECT * FROM sniff_csv('/etc/passwd')
SELECT * FROM read_duckdb('/x')
SELECT * FROM seq_scan('orders')
SELECT * FROM arrow_scan(1, 2, 3)
SELECT (SELECT content FROM read_text('/etc/passwd'))
SELECT 1 WHERE EXISTS (FROM read_text('/etc/passwd'))
SELECT 1 ORDER BY (SELECT count(*) FROM glob('/*'))
SELECT 1 LIMIT (SELECT count(*) FROM glob('/*'))
SELECT * FROM orders JOIN read_text('/etc/passwd') ON true
SELECT * FROM orders, LATERAL (SELECT * FROM read_text(orders.country))
SELECT list_transform([1], x -> (SELECT content FROM read_text('/etc/passwd')))
SELECT [c FOR c IN (SELECT list(content) FROM read_text('/etc/passwd'))]
SELECT CASE WHEN (SELECT count(*) > 0 FROM glob('/*')) THEN 1 END
SELECT sum(id) FILTER (WHERE (SELECT count(*) FROM glob('/*')) > 0) FROM orders
SELECT sum(id) OVER (ORDER BY (SELECT count(*) FROM glob('/*'))) FROM orders
SELECT sum(id) OVER w FROM orders WINDOW w AS (PARTITION BY (SELECT count(*) FROM glob('/*')))
SELECT id FROM orders GROUP BY (SELECT count(*) FROM glob('/*')), id
SELECT id FROM orders GROUP BY ROLLUP (id, (SELECT count(*) FROM glob('/*')))
SELECT count(*) FROM orders HAVING (SELECT count(*) FROM glob('/*')) > 0
SELECT id FROM orders QUALIFY (SELECT count(*) FROM glob('/*')) > 0
SELECT * REPLACE ((SELECT count(*) FROM glob('/*')) AS id) FROM orders
SELECT DISTINCT ON ((SELECT count(*) FROM glob('/*'))) id FROM orders
VALUES ((SELECT count(*) FROM glob('/*')))
SELECT * FROM (VALUES ((SELECT count(*) FROM glob('/*')))) v
SELECT * FROM orders PIVOT (sum(total) FOR (SELECT count(*) FROM glob('/*')) IN (1))
SELECT * FROM range((SELECT count(*) FROM glob('/*')))
SELECT * FROM unnest((SELECT list(file) FROM glob('/*')))
SELECT 1 UNION ALL SELECT count(*) FROM glob('/*')
WITH x AS (SELECT * FROM glob('/*')) SELECT 1
WITH RECURSIVE x(n) AS (SELECT 1 UNION ALL SELECT n FROM x, glob('/*')) SELECT 1
SELECT COLUMNS(c -> (SELECT true FROM glob('/*'))) FROM orders
# Settings, environment, variables, secrets
SELECT getenv('HOME')
SELECT GetEnv('HOME')
SELECT "getenv"('HOME')
SELECT 'HOME'.getenv()
SELECT main.getenv('HOME')
SELECT system.main.getenv('HOME')
SELECT list_transform(['HOME'], x -> getenv(x))
SELECT list_transform(['HOME'], lambda x: getenv(x))
SELECT current_setting('memory_limit')
SELECT getvariable('x')
SELECT current_query()
SELECT current_database()
SELECT current_schemas(true)
SELECT in_search_path('a', 'b')
SELECT * FROM duckdb_settings()
SELECT * FROM duckdb_variables()
SELECT * FROM duckdb_secrets()
SELECT * FROM which_secret('s3://x', 's3')
SELECT * FROM duckdb_settings
SELECT * FROM duckdb_secrets
SELECT * FROM pragma_user_agent()
# Catalogs and internals
SELECT * FROM duckdb_tables()
SELECT * FROM duckdb_columns
SELECT * FROM duckdb_functions()
SELECT * FROM duckdb_logs()
SELECT * FROM duckdb_temporary_files()
SELECT * FROM duckdb_memory()
SELECT * FROM pragma_table_info('orders')
SELECT * FROM pragma_database_size()
SELECT * FROM pragma_storage_info('orders')
SELECT * FROM information_schema.tables
SELECT * FROM pg_catalog.pg_class
SELECT * FROM sqlite_master
SELECT * FROM memory.clean.orders
SELECT * FROM memory.main.orders
SELECT * FROM system.information_schema.tables
SELECT * FROM temp.orders
SELECT * FROM (SHOW TABLES)
SELECT * FROM (SHOW DATABASES)
SELECT * FROM (DESCRIBE orders)
FROM (SUMMARIZE orders)
SELECT * FROM test_all_types()
SELECT stats(id) FROM orders
SELECT pg_get_viewdef(1)
SELECT format_type(1, 2)
SELECT get_block_size('memory')
# SQL from text, sequences, sleeping, logs
SELECT * FROM query('SELECT 1')
SELECT * FROM query_table('orders')
SELECT * FROM query_table(['orders'])
SELECT json_execute_serialized_sql('x')
SELECT * FROM json_execute_serialized_sql('x')
SELECT json_serialize_plan('FROM read_csv(''/etc/passwd'')')
SELECT nextval('s')
SELECT currval('s')
SELECT setval('s', 1)
SELECT setseed(0.5)
SELECT txid_current()
SELECT sleep_ms(100000)
SELECT write_log('x')
SELECT * FROM enable_logging()
SELECT * FROM checkpoint()
SELECT * FROM force_checkpoint()
SELECT * FROM histogram('orders', 'id')
SELECT * FROM summary(orders)
SELECT * FROM repeat(1, 1000000)
SELECT * FROM json_each('[1]')
# Names that hide
WITH "duckdb_settings" AS (SELECT 1) SELECT * FROM duckdb_settings
WITH "/etc/passwd" AS (SELECT 1) SELECT * FROM "/etc/passwd"
WITH "a.csv" AS (SELECT 1) SELECT * FROM (WITH b AS (FROM "a.csv") FROM b)
WITH a AS (SELECT * FROM unknown_b), unknown_b AS (SELECT 1) SELECT * FROM a
WITH unknown_b AS (SELECT * FROM unknown_b) SELECT * FROM unknown_b
SELECT * FROM (WITH inner_only AS (SELECT 1) SELECT * FROM inner_only) x, inner_only
(WITH left_only AS (SELECT 1) SELECT * FROM left_only) UNION ALL SELECT * FROM left_only
WITH a AS (SELECT 1) SELECT * FROM clean.a
WITH RECURSIVE r AS (SELECT * FROM r UNION ALL SELECT * FROM r) SELECT * FROM r
WITH a AS (SELECT 1) SELECT * FROM a AT (VERSION => 1)
SELECT * FROM recurring.orders_x
SELECT * FROM "orderſ"
SELECT ｇｅｔｅｎｖ('HOME')
SELECT * FROM t0
SELECT * FROM "t0"
SELECT * FROM main.t0
# Types, collations, parameters, time travel by computed values
SELECT 1::secret_type
SELECT 1::main.mytype
SELECT 'x' COLLATE "/etc/passwd"
SELECT 'x' COLLATE mycollation
SELECT ?
SELECT $1
SELECT $name
SELECT * FROM orders AT (VERSION => getvariable('x'))
SELECT * FROM orders AT (VERSION => (SELECT 1))
SELECT * FROM orders AT (VERSION => '1')
SELECT * FROM orders AT (TIMESTAMP => now())
SELECT * FROM orders AT (TIMESTAMP => current_timestamp)
SELECT * FROM orders PIVOT (sum(total) FOR country IN some_enum)
SELECT country.lower() FROM orders, LATERAL (SELECT orders.getenv())
SELECT DEFAULT
