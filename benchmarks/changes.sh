#!/usr/bin/env bash
# A table of PostgreSQL loaded into its copy, beside COPY alone; then changes (40 % inserts, 50 % updates, 10 % deletes) that were made while nobody followed, until the copy has them; then their freshness at a rate; then reading the copy before and after its compaction.
# PostgreSQL runs on the same processors.
# usage: benchmarks/changes.sh [rows] [changes] [rate] [seconds]      4000000 1000000 2000 60 by default
rows=${1:-4000000}; changes=${2:-1000000}; rate=${3:-2000}; seconds=${4:-60}
source "$(dirname "$0")/common.sh"
export BENCH_PASSWORD=postgres
"$datalake" init "$scratch/lake" --quiet >&2 && cd "$scratch/lake"
mkdir -p sources; rm -f sources/README.md
mkfifo "$scratch/in" "$scratch/out"
tool tarn.benchmarks.BusyDatabase "$rows" "$scratch/bank.yaml" < "$scratch/in" > "$scratch/out" &
exec 3> "$scratch/in" 4< "$scratch/out"
ask() { echo "$*" >&3; read -r answer <&4; echo "$answer"; }
echo "copy_seconds $(ask copy)"
echo "copy_seconds_again $(ask copy)"
before=$(ask cpu)
"$datalake" up --detach >&2
ours() { used | awk '/cpu_seconds/ {print $2}'; }
ours_before=$(ours)
cp "$scratch/bank.yaml" sources/bank.yaml
began=$(date +%s%N)
"$datalake" source list --quiet >&2
mkfifo "$scratch/asked" "$scratch/answered"
tool tarn.benchmarks.AwaitRows .datalake/server.json 200 < "$scratch/asked" > "$scratch/answered" &
exec 5> "$scratch/asked" 6< "$scratch/answered"
await() { echo "$1" >&5; read -r waited <&6; }
marked() { await "SELECT 1 FROM clean.accounts WHERE id = -1 - $1"; }
await "SELECT 1 FROM clean.accounts LIMIT 1"
millis() { echo $((($(date +%s%N) - began) / 1000000)); }
took=$(millis)
echo "load_millis $took"
echo "load_rows_per_second $((rows * 1000 / took))"
awk -v a="$ours_before" -v b="$(ours)" 'BEGIN {printf "load_cpu_seconds %.1f\n", b-a}'
awk -v a="$before" -v b="$(ask cpu)" 'BEGIN {printf "load_cpu_seconds_postgres %.1f\n", b-a}'
"$datalake" down >&2
echo "changes_seconds_in_the_database $(ask changes "$changes" 1000)"
ask mark 1 > /dev/null
before=$(ask cpu); began=$(date +%s%N)
"$datalake" up --detach >&2
marked 1
took=$(millis)
echo "changes_millis $took"
echo "changes_per_second $((changes * 1000 / took))"
echo "changes_cpu_seconds $(ours)"
awk -v a="$before" -v b="$(ask cpu)" 'BEGIN {printf "changes_cpu_seconds_postgres %.1f\n", b-a}'
echo "rate $rate" >&2
ours_before=$(ours)
snapshot=$("$datalake" history clean.accounts --output csv | tr -d "\r" | awk -F, 'NR==1 {for (i=1;i<=NF;i++) if ($i=="snapshot") c=i} NR==2 {print $c}')
# Nobody asks meanwhile: the commits that brought the marks tell when they did.
for i in $(seq 2 $((seconds / 3 + 1))); do
  ask rate "$rate" 3 > /dev/null
  ask mark "$i" > /dev/null
done
marked "$i"
awk -v a="$ours_before" -v b="$(ours)" 'BEGIN {printf "fresh_cpu_seconds %.1f\n", b-a}'
fresh='epoch_ms(_commit_timestamp) - epoch_ms("at")'
"$datalake" query --quiet --output csv "SELECT median($fresh)::INT AS fresh_millis_median, quantile_disc($fresh, 0.95)::INT AS fresh_millis_p95, max($fresh)::INT AS fresh_millis_most FROM table_changes('clean.accounts', $snapshot) WHERE branch = -1" | tr -d "\r" | awk -F, 'NR==1 {for (i=1;i<=NF;i++) n[i]=$i} NR==2 {for (i=1;i<=NF;i++) print n[i], $i}'
used
# Reading: the best of five rounds of each query, and of how much the copy is made.
mkdir -p "$scratch/queries"
echo "SELECT branch, count(*), sum(balance) FROM clean.accounts GROUP BY branch" > "$scratch/queries/1_all_rows.sql"
echo "SELECT count(*), max(filler) FROM clean.accounts WHERE id BETWEEN $((rows / 2)) AND $((rows / 2 + 1000))" > "$scratch/queries/2_some_keys.sql"
reading() {
  "$datalake" tables --output csv | tr -d "\r" | awk -F, -v w="$1" 'NR==1 {for (i=1;i<=NF;i++) h[$i]=i} NR>1 && $0 ~ /clean.accounts/ {printf "files_%s %d\nmb_%s %d\n", w, $h["files"], w, $h["bytes"]/1048576}'
  tool tarn.benchmarks.AskServer .datalake/server.json "$scratch/queries" 5 | awk -v w="$1" '{q=(NR-1)%2; if (!(q in b) || $2<b[q]) b[q]=$2} END {printf "all_rows_millis_%s %d\nsome_keys_millis_%s %d\n", w, b[0], w, b[1]}'
}
reading before
ours_before=$(ours); began=$(date +%s%N)
"$datalake" maintain clean.accounts --output csv >&2
echo "compaction_millis $(millis)"
awk -v a="$ours_before" -v b="$(ours)" 'BEGIN {printf "compaction_cpu_seconds %.1f\n", b-a}'
reading after
exec 3>&- 5>&-
