# Queries that people write. Each must pass the guard, and give the same rows after the rewrite.
SELECT * FROM clean.orders
SELECT * FROM orders
FROM orders
FROM clean.orders SELECT id, total WHERE id < 5
TABLE clean.orders
VALUES (1, 'a'), (2, 'b')
SELECT * FROM (VALUES (1, 'a'), (2, 'b')) v(x, y)
SELECT 1;
(SELECT 1 AS x) UNION ALL (SELECT 2)
SELECT count(*), sum(total), avg(total), min(day), max(day) FROM clean.orders
SELECT country, count(*) AS n FROM orders GROUP BY country HAVING count(*) > 1 ORDER BY n DESC, country LIMIT 5 OFFSET 1
SELECT country, day, sum(total) FROM orders GROUP BY ALL ORDER BY ALL
SELECT country, paid, sum(total), grouping(country) FROM orders GROUP BY GROUPING SETS ((country), (paid), ())
SELECT country, paid, sum(total) FROM orders GROUP BY ROLLUP (country, paid)
SELECT country, paid, count(*) FROM orders GROUP BY CUBE (country, paid)
SELECT o.id, c.name FROM clean.orders o JOIN clean.customers c ON o.customer = c.id
SELECT orders.id, customers.name FROM clean.orders JOIN clean.customers ON orders.customer = customers.id
SELECT clean.orders.id, clean.customers.name FROM clean.orders, clean.customers WHERE clean.orders.customer = clean.customers.id
SELECT clean.orders.address.zip FROM clean.orders
SELECT Orders.ID FROM Clean.ORDERS WHERE CLEAN.Orders.Id = 3
SELECT "orders"."id" FROM "clean"."orders"
SELECT * FROM orders o LEFT JOIN customers c ON o.customer = c.id AND c.grade > 2
SELECT * FROM orders o RIGHT JOIN customers c ON o.customer = c.id
SELECT c.id, o.id FROM orders o FULL JOIN customers c ON o.id = c.id
SELECT * FROM customers SEMI JOIN orders ON customers.id = orders.customer
SELECT * FROM customers ANTI JOIN orders ON customers.id = orders.customer
SELECT * FROM orders NATURAL JOIN (SELECT id, name FROM customers) c
SELECT * FROM orders JOIN customers USING (id)
SELECT a.id, b.id FROM orders a ASOF JOIN orders b ON a.country = b.country AND a.placed > b.placed
SELECT a.id, b.id FROM (FROM customers ORDER BY id) a POSITIONAL JOIN (FROM customers ORDER BY id) b
SELECT a.id, b.id FROM orders a CROSS JOIN customers b
SELECT a.id, b.id FROM orders a, customers b, daily d WHERE a.customer = b.id AND a.day = d.day
SELECT o.id, x.n FROM orders o, LATERAL (SELECT count(*) AS n FROM customers c WHERE c.id <= o.id) x
SELECT id, (SELECT name FROM clean.customers c WHERE c.id = o.customer) AS name FROM clean.orders o
SELECT id FROM orders WHERE customer IN (SELECT id FROM customers WHERE grade > 1)
SELECT id FROM orders o WHERE EXISTS (SELECT 1 FROM customers c WHERE c.id = o.customer AND c.grade = 1)
SELECT id FROM orders WHERE total > ALL (SELECT grade FROM customers)
SELECT id FROM orders WHERE total >= (SELECT avg(total) FROM orders)
WITH big AS (SELECT * FROM orders WHERE total > 50) SELECT count(*) FROM big
WITH orders AS (SELECT * FROM clean.orders WHERE id < 3) SELECT count(*) FROM orders
WITH orders AS (SELECT * FROM orders WHERE id < 3) SELECT count(*) FROM orders
WITH a AS (SELECT 1 AS x), b AS (SELECT x + 1 AS x FROM a) SELECT * FROM a, b
WITH t0 AS (SELECT 1 AS x) SELECT t0.x, o.id FROM t0, orders o
WITH a AS MATERIALIZED (SELECT id FROM orders) SELECT * FROM a WHERE id > 3
WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 10) SELECT sum(n) FROM r
WITH RECURSIVE r(n) AS (SELECT min(id) FROM orders UNION ALL SELECT n + 1 FROM r WHERE n < 10) SELECT n FROM r
WITH RECURSIVE r(a, b) USING KEY (a) AS (SELECT 1, 3 UNION SELECT a, b - 1 FROM r WHERE b > 0) SELECT * FROM r
SELECT * FROM (WITH customers AS (SELECT 9 AS id) SELECT * FROM customers) x, customers
SELECT id, sum(total) OVER (PARTITION BY country ORDER BY day ROWS BETWEEN 2 PRECEDING AND CURRENT ROW) FROM orders
SELECT id, row_number() OVER w, rank() OVER w, lag(total, 1, 0) OVER w, first_value(id) OVER w, ntile(3) OVER w FROM orders WINDOW w AS (ORDER BY id)
SELECT id, sum(total) FILTER (WHERE paid) OVER (ORDER BY id RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW EXCLUDE CURRENT ROW) FROM orders
SELECT country, id FROM orders QUALIFY row_number() OVER (PARTITION BY country ORDER BY id) = 1
SELECT DISTINCT country FROM orders
SELECT DISTINCT ON (country) country, id FROM orders ORDER BY country, id
SELECT count(DISTINCT country), count(*) FILTER (WHERE paid), string_agg(country, ',' ORDER BY id), list(id ORDER BY id) FROM orders
SELECT * EXCLUDE (items, address) REPLACE (upper(country) AS country) RENAME (id AS key) FROM orders
SELECT o.* EXCLUDE (id), c.name FROM orders o JOIN customers c ON o.customer = c.id
SELECT COLUMNS('i.*') FROM orders
SELECT min(COLUMNS(* EXCLUDE (items, address))) FROM orders
SELECT COLUMNS(lambda c: c LIKE 'c%') FROM orders
SELECT id, CASE WHEN total > 100 THEN 'big' WHEN total > 50 THEN 'mid' ELSE 'small' END, CASE country WHEN 'DE' THEN 1 END FROM orders
SELECT id FROM orders WHERE day BETWEEN DATE '2025-01-03' AND '2025-01-09'::DATE AND country IN ('DE', 'FR') AND NOT paid
SELECT id FROM orders WHERE country LIKE 'D%' OR country ILIKE 'f_' OR country NOT LIKE '%' OR country SIMILAR TO 'U.' OR country ^@ 'X' OR country GLOB 'Q*'
SELECT id FROM orders WHERE country LIKE 'a!%' ESCAPE '!' OR regexp_matches(country, '^[A-D]') OR country ~ 'U.*'
SELECT id FROM orders WHERE country IS NULL OR paid IS NOT NULL OR paid IS TRUE OR total IS DISTINCT FROM 5 OR total IS NOT DISTINCT FROM 6
SELECT coalesce(country, 'none'), nullif(customer, 3), ifnull(customer, 1), greatest(id, customer), if(paid, 1, 2), try_cast(country AS INTEGER), try(1) FROM orders
SELECT extract(year FROM placed), date_trunc('month', placed), placed + INTERVAL 3 DAY, placed - INTERVAL '2 hours', date_part('dow', day), strftime(placed, '%Y-%m'), age(placed, TIMESTAMP '2024-01-01') FROM orders
SELECT day + 1, make_date(2025, 1, id::INTEGER % 27 + 1), date_diff('day', DATE '2024-01-01', day), last_day(day), epoch(placed), to_timestamp(5) FROM orders
SELECT list_transform(items, lambda x: x + 1), list_filter(items, lambda x, i: x > i), [x * 2 FOR x IN items IF x > 2], items[1], items[1:2], len(items), unnest(items) FROM orders
SELECT address.street, address['zip'], address.*, struct_pack(a := id, b := 2), {'x': id}, MAP {'k': id}, map_keys(MAP {'k': id}), row(id, 1), (id, 2) FROM orders
SELECT id, u.x FROM orders, unnest(items) u(x)
SELECT * FROM range(5) r(i), generate_series(1, 3) g(j)
SELECT * FROM range(3) WITH ORDINALITY
SELECT to_json(address), json_extract('{"a": {"b": 2}}', '$.a.b'), '{"a": 1}'::JSON -> 'a', '{"a": 1}'::JSON ->> '$.a' FROM orders
SELECT (country).lower(), 'a,b'.split(','), upper(country), country || '!' || id, substring(country FROM 1 FOR 1), trim(BOTH 'D' FROM country), position('E' IN country), overlay('abc' PLACING 'x' FROM 2) FROM orders
SELECT CAST(id AS VARCHAR), id::DOUBLE, total::DECIMAL(12,1), id::TINYINT, ['1', '2']::INTEGER[], {'a': 1}::STRUCT(a BIGINT), 'x'::ENUM('x', 'y'), placed::TIMESTAMP WITH TIME ZONE, MAP {'a': 1}::MAP(VARCHAR, BIGINT) FROM orders
SELECT country COLLATE nocase, country COLLATE de.noaccent FROM orders ORDER BY country COLLATE nocase DESC NULLS FIRST
SELECT 1 + 2 * 3 - 4 / 5 % 6 ** 2, 7 // 2, 5 & 3, 5 | 3, 1 << 3, ~5, -id, @id, id = 3, id <> 3, id != 4 FROM orders
SELECT id FROM orders UNION SELECT id FROM customers EXCEPT SELECT 3 INTERSECT SELECT id FROM orders
SELECT id, total FROM orders UNION ALL BY NAME SELECT id, name FROM customers
SELECT country FROM orders ORDER BY 1 LIMIT 20 PERCENT
SELECT * FROM orders PIVOT (sum(total) AS s, count(*) FOR country IN ('DE', 'FR' AS france) GROUP BY paid)
SELECT * FROM (SELECT id, customer, total FROM orders) UNPIVOT (v FOR n IN (customer, id))
SELECT 'it''s', "id", $$dollar; DROP$$, $x$ it's $x$, E'a\\tb', x'ff'::BLOB, 1e3, .5, 0xff, 1_000, 99999999999999999999 FROM orders
SELECT /* a /* nested */ comment; */ id -- and ; another\n FROM orders -- end
SELECT a: id, b: total FROM orders
SELECT o FROM orders o WHERE o.id < 2
SELECT id AS "weird ; name" FROM orders WHERE "id" > 1
SELECT current_date IS NULL, now() IS NULL, current_timestamp IS NULL, random() < 2, uuid() IS NULL, today() IS NULL, user, current_user, session_user
SELECT approx_count_distinct(country), quantile_cont(total, 0.5), median(total), percentile_cont(0.5) WITHIN GROUP (ORDER BY total), mode(country), arg_max(id, total), histogram(country), stddev(total), bool_and(paid), any_value(1) FROM orders
SELECT list_aggregate(items, 'sum'), list_sum(items), array_to_string(items, '-'), list_sort(items), list_contains(items, 3), array_agg(id) OVER (PARTITION BY country ORDER BY id) FROM orders
SELECT #1, #2 FROM (SELECT id, country FROM orders)
SELECT id FROM orders ORDER BY (SELECT max(id) FROM customers), id
SELECT md5(country), sha256(country), hash(id) IS NULL, base64('a'::BLOB), url_encode(country), format('{} {}', id, country), printf('%d', id) FROM orders
