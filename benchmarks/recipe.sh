#!/usr/bin/env bash
# A recipe of eight steps and ten rules over CSV orders, against the same by hand: DuckDB's COPY and one SELECT of aggregates.
# usage: benchmarks/recipe.sh [rows]      10000000 by default
rows=${1:-10000000}
source "$(dirname "$0")/common.sh"
mkdir -p "$scratch/orders"
for part in 0 1 2 3; do
  echo "COPY (SELECT i AS id, 'User' || (i * 7919 % 100003) || '@Example.com' AS email, ['de','fr','it','es','nl'][1 + i % 5] AS country,
    CASE WHEN i % 50 = 0 THEN 'test' ELSE 'paid' END AS status, 1 + i % 9 AS quantity, CAST((i * 31 % 10000) / 100 AS DECIMAL(8, 2)) AS price,
    TIMESTAMP '2025-01-01' + INTERVAL (i % 31000000) SECOND AS ordered_at, CASE WHEN i % 3 = 0 THEN NULL ELSE 'note ' || i % 1000 END AS note
    FROM range($((rows / 4 * part)), $((rows / 4 * (part + 1)))) r(i)) TO '$scratch/orders/orders-$part.csv' (HEADER);"
done | bare >/dev/null
"$datalake" init "$scratch/lake" --quiet >&2 && cd "$scratch/lake"
cat > tables/orders.yaml <<'Y'
from: orders
columns: {id: long, quantity: long, price: "decimal(8, 2)", ordered_at: timestamp}
recipe:
  - LOWER_CASE: {sourceColumn: email}
  - UPPER_CASE: {sourceColumn: country}
  - FILL_WITH_CUSTOM: {sourceColumn: note, value: none}
  - REMOVE_VALUES: {sourceColumn: status, condition: IS, value: test}
  - MULTIPLY: {sourceColumn1: quantity, sourceColumn2: price, targetColumn: total}
  - YEAR: {sourceColumn: ordered_at, targetColumn: year}
  - BUCKETIZATION: {sourceColumn: total, bucketNames: [small, large], splits: [0, 100, Infinity], targetColumn: size}
  - RENAME: {sourceColumn: email, targetColumn: customer}
quality: |
  Rules = [
    IsComplete "id", IsComplete "customer", ColumnValues "quantity" > 0, ColumnValues "total" >= 0,
    ColumnValues "country" in ["DE", "FR", "IT", "ES", "NL"], ColumnLength "country" = 2,
    ColumnValues "customer" matches "[a-z0-9]+@[a-z]+\.com",
    Completeness "note" >= 0.9, Mean "total" between 1 and 1000, RowCount > 10
  ]
Y
"$datalake" upload "$scratch/orders" --source orders --quiet >&2
"$datalake" crawl >&2
"$datalake" query 'SELECT 1' >/dev/null
millis=$(run_millis clean.orders)
echo "tarn_millis $millis"; used
echo "--- bare DuckDB, the same files, the same rows"
echo "COPY (SELECT id, lower(email) AS customer, upper(country) AS country, status, quantity, price, ordered_at, coalesce(note, 'none') AS note,
    quantity * price AS total, year(ordered_at) AS year, CASE WHEN quantity * price < 0 THEN NULL WHEN quantity * price < 100 THEN 'small' ELSE 'large' END AS size
    FROM read_csv('$scratch/orders/*.csv', header = true, columns = {id: 'BIGINT', email: 'VARCHAR', country: 'VARCHAR', status: 'VARCHAR', quantity: 'BIGINT',
      price: 'DECIMAL(8, 2)', ordered_at: 'TIMESTAMP', note: 'VARCHAR'})
    WHERE status <> 'test' AND CASE WHEN id IS NOT NULL AND email IS NOT NULL AND quantity > 0 AND quantity * price >= 0
      AND upper(country) IN ('DE', 'FR', 'IT', 'ES', 'NL') AND length(country) = 2 AND regexp_full_match(lower(email), '[a-z0-9]+@[a-z]+\.com')
      THEN true ELSE error('a rule is broken') END) TO '$scratch/bare.parquet' (FORMAT parquet, COMPRESSION zstd, RETURN_STATS);
SELECT count(*), count(note), avg(total) FROM '$scratch/bare.parquet';
" | bare | tee "$scratch/bare.txt"
awk -v t="$millis" '/^millis/ {b+=$2} END {printf "ratio %.2f\n", t/b}' "$scratch/bare.txt"
