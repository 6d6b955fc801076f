#!/usr/bin/env bash
# Upsert of 1 % random keys into a large table, merge-on-read. usage: benchmarks/upsert.sh [rows, 10000000]
rows=${1:-10000000}
source "$(dirname "$0")/common.sh"
tool tarn.benchmarks.KeyedFiles "$scratch/keyed" "$rows" $((rows / 100)) >&2
"$datalake" init "$scratch/lake" --quiet >&2 && cd "$scratch/lake"
printf 'from: keyed\nkey: [id]\nordering: version\n' > tables/keyed.yaml
"$datalake" upload "$scratch/keyed/base.csv" --source keyed --quiet >&2
"$datalake" crawl >&2
echo "first_load_millis $(run_millis clean.keyed)"
"$datalake" upload "$scratch/keyed/updates.csv" --source keyed --quiet >&2
"$datalake" query 'SELECT 1' >/dev/null
echo "upsert_millis $(run_millis clean.keyed)"
used
"$datalake" query 'SELECT version, count(*) AS n FROM clean.keyed GROUP BY ALL ORDER BY 1' --output csv
