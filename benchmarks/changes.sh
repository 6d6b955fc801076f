#!/usr/bin/env bash
# A table of PostgreSQL loaded into its copy, beside COPY alone; then changes (40 % inserts, 50 % updates, 10 % deletes) until the copy has them; then their freshness at a rate; then reading the copy before and after its compaction. PostgreSQL runs on the same processors.
# usage: benchmarks/changes.sh [rows] [changes] [rate] [seconds]      4000000 1000000 2000 30 by default
rows=${1:-4000000}; changes=${2:-1000000}; rate=${3:-2000}; seconds=${4:-30}
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
answer() { "$datalake" query --quiet --output csv "$1" 2>/dev/null | tr -d "\r" | tail -1; }
until [ "$(answer 'SELECT count(*) FROM clean.accounts')" = $((rows + 1)) ]; do sleep 0.5; done
millis() { echo $((($(date +%s%N) - began) / 1000000)); }
echo "load_millis $(millis)"
echo "load_rows_per_second $((rows * 1000 / $(millis)))"
awk -v a="$ours_before" -v b="$(ours)" 'BEGIN {printf "load_cpu_seconds %.1f\n", b-a}'
awk -v a="$before" -v b="$(ask cpu)" 'BEGIN {printf "load_cpu_seconds_postgres %.1f\n", b-a}'
before=$(ask cpu); ours_before=$(ours); began=$(date +%s%N)
echo "changes_seconds_in_the_database $(ask changes "$changes" 1000)"
ask mark 1 > /dev/null
until [ "$(answer 'SELECT branch FROM clean.accounts WHERE id = -1')" = 1 ]; do sleep 0.5; done
echo "changes_millis $(millis)"
echo "changes_per_second $((changes * 1000 / $(millis)))"
awk -v a="$ours_before" -v b="$(ours)" 'BEGIN {printf "changes_cpu_seconds %.1f\n", b-a}'
awk -v a="$before" -v b="$(ask cpu)" 'BEGIN {printf "changes_cpu_seconds_postgres %.1f\n", b-a}'
echo "rate $rate" >&2
for i in $(seq 2 11); do
  ask rate "$rate" $((seconds / 10)) > /dev/null
  began=$(date +%s%N); ask mark "$i" > /dev/null
  until [ "$(answer 'SELECT branch FROM clean.accounts WHERE id = -1')" = "$i" ]; do sleep 0.05; done
  millis
done | sort -n | awk '{v[NR]=$1} END {print "fresh_millis_median " v[int((NR+1)/2)]; print "fresh_millis_most " v[NR]}'
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
exec 3>&-
