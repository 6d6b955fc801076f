#!/usr/bin/env bash
# plan, status and tables of a lake of 100 GB in raw and 100 GB in tables: 8 sources, 10,000 files of 10 MB each way, entered in the catalog and not there.
# usage: benchmarks/large.sh [files for each of 8 sources, 1250]
files=${1:-1250}
source "$(dirname "$0")/common.sh"
"$datalake" init "$scratch/lake" --name large --quiet >&2 && cd "$scratch/lake"
for s in a b c d e f g h; do
  printf 'id,name,amount\n1,x,2.5\n' > "$scratch/$s.csv"
  "$datalake" upload --source "s_$s" "$scratch/$s.csv" --quiet >&2
  printf 'from: s_%s\nrecipe:\n  - UPPER_CASE: {sourceColumn: name}\n' "$s" > "tables/t_$s.yaml"
  printf 'SELECT name, sum(amount) AS amount FROM clean.t_%s GROUP BY name\n' "$s" > "models/m_$s.sql"
done
"$datalake" crawl --quiet >&2
"$datalake" run --quiet >&2
"$datalake" down >&2
tool tarn.benchmarks.LargeLake "$scratch/lake/.datalake" large "$files" 10000000
sed -i 's/UPPER_CASE/LOWER_CASE/' tables/t_a.yaml && printf 'on_change: backfill\n' >> tables/t_a.yaml # one table to be made anew
"$datalake" up --detach >&2
"$datalake" tables >&2 # the first command reads what is not in memory yet
for command in plan status tables; do
  for _ in 1 2 3; do
    t=$(date +%s%N); "$datalake" "$command" --output json > "$scratch/$command.json"; echo "${command}_millis $((($(date +%s%N) - t) / 1000000))"
  done
done
"$datalake" plan >&2
