#!/usr/bin/env bash
# TPC-H queries through the server against bare DuckDB on the same Parquet files. usage: benchmarks/tpch.sh [scale factor, 1]
sf=${1:-1}
source "$(dirname "$0")/common.sh"
tool tarn.testkit.bench.TpchFiles "$scratch/tpch" "$sf" 4 >&2
"$datalake" init "$scratch/lake" --quiet >&2 && cd "$scratch/lake"
for table in "$scratch"/tpch/*/; do
  name=$(basename "$table")
  printf 'from: %s\n' "$name" > "tables/$name.yaml"
  # Money and quantities are decimals, as the specification says; the crawler would take them for doubles.
  header=$(head -q -n 1 "$table"/* | head -n 1)
  money=$(tr ',' '\n' <<<"$header" | grep -E '(price|cost|bal|discount|tax|quantity)$' | grep -v shippriority || true)
  if [ -n "$money" ]; then echo 'columns:'; sed 's/$/: decimal(15,2)/; s/^/  /' <<<"$money"; fi >> "tables/$name.yaml"
  "$datalake" upload "$table" --source "$name" --quiet >&2
done
"$datalake" crawl >&2
SECONDS=0; "$datalake" run >&2; echo "load_seconds $SECONDS"
zone=$(echo .datalake/zones/*-clean-*)
{ echo "CREATE SCHEMA clean;"; for t in "$zone"/clean/*/; do n=$(basename "$t"); n=${n%-*}; echo "CREATE VIEW clean.$n AS SELECT * FROM read_parquet('$PWD/$t/data/*.parquet');"; done
  for round in 1 2 3; do for q in "$root"/benchmarks/tpch/q*.sql; do echo "$(cat "$q");"; done; done; } > "$scratch/bare.sql"
skipped=$(grep -c '^CREATE' "$scratch/bare.sql"); count=$(ls "$root"/benchmarks/tpch/q*.sql | wc -l)
bare < "$scratch/bare.sql" > "$scratch/bare.txt"
tool tarn.benchmarks.AskServer .datalake/server.json "$root/benchmarks/tpch" 3 > "$scratch/tarn.txt"
used
grep -v millis "$scratch/bare.txt" | sed 's/^/bare_/'
# The best of three rounds for each query, then the sums.
best() { grep millis "$1" | tail -n +"$(($2 + 1))" | awk -v n="$count" '{q=(NR-1)%n; if (!(q in b) || $2<b[q]) b[q]=$2} END {for (i=0;i<n;i++) print b[i]}'; }
paste -d' ' <(ls "$root"/benchmarks/tpch) <(best "$scratch/tarn.txt" 0) <(best "$scratch/bare.txt" "$skipped") |
  awk '{print $1, "tarn_millis", $2, "bare_millis", $3; t+=$2; b+=$3} END {printf "tarn_millis %d\nbare_millis %d\nratio %.2f\n", t, b, t/b}'
