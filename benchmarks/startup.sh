#!/usr/bin/env bash
# Cold start to first answer, warm command, idle memory of all processes. usage: benchmarks/startup.sh
source "$(dirname "$0")/common.sh"
"$datalake" init "$scratch/lake" --quiet >&2 && cd "$scratch/lake"
now() { date +%s%N; }
for _ in 1 2 3; do
  t=$(now); "$datalake" query 'SELECT 42 AS answer' --output csv >/dev/null; echo "cold_millis $((($(now) - t) / 1000000))"
  "$datalake" down >/dev/null
done
"$datalake" query 'SELECT 42' >/dev/null
for _ in 1 2 3 4 5 6 7 8 9 10; do
  t=$(now); "$datalake" query 'SELECT 42 AS answer' --output csv >/dev/null; echo "warm_millis $((($(now) - t) / 1000000))"
done
sleep 5
"$datalake" status --output json | grep -o '"pid": *[0-9]*' | grep -o '[0-9]*' | sort -u | while read -r pid; do awk '/VmRSS/ {print int($2/1024)}' "/proc/$pid/status"; done | awk '{s+=$1} END {print "idle_mb", s}'
