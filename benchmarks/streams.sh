#!/usr/bin/env bash
# Events put over HTTP, until they are in the ledger and in a clean table; then how long one event takes from put to answer.
# usage: benchmarks/streams.sh [MB] [single events]      500 20 by default
mb=${1:-500}; singles=${2:-20}
source "$(dirname "$0")/common.sh"
tool tarn.testkit.bench.EventFiles "$scratch/events" "$mb" 1 42 0 >&2
"$datalake" init "$scratch/lake" --quiet >&2 && cd "$scratch/lake"
mkdir -p streams
printf 'shards: 2\nid: event_id\n' > streams/events.yaml
printf 'from: events\n' > tables/events.yaml
now() { date +%s%N; }
stored() { "$datalake" stream list --quiet --output csv | tr -d "\r" | tail -1 | cut -d, -f"$1"; }
rows() { "$datalake" query --quiet --output csv 'SELECT count(*) FROM clean.events' 2>/dev/null | tr -d "\r" | tail -1; }
echo '{"event_id":"first"}' | "$datalake" stream put events --quiet >&2
until [ "$(rows)" = 1 ]; do sleep 0.2; done
events=$(cat "$scratch"/events/*.json* | wc -l)
echo "events $events"
t=$(now)
cat "$scratch"/events/*.json* | "$datalake" stream put events --quiet >&2
put=$((($(now) - t) / 1000000)); echo "put_millis $put"
until [ "$(stored 5)" = $((events + 1)) ]; do sleep 0.2; done
ledger=$((($(now) - t) / 1000000)); echo "in_ledger_millis $ledger"
until [ "$(rows)" = $((events + 1)) ]; do sleep 0.2; done
table=$((($(now) - t) / 1000000)); echo "in_table_millis $table"
used
awk -v n="$events" -v p="$put" -v l="$ledger" -v t="$table" 'BEGIN {printf "put_per_second %d\nledger_per_second %d\ntable_per_second %d\n", n*1000/p, n*1000/l, n*1000/t}'
echo "--- put to queryable, one event at a time"
for i in $(seq "$singles"); do
  t=$(now)
  echo "{\"event_id\":\"single-$i\"}" | "$datalake" stream put events --quiet >&2
  until [ "$(rows)" = $((events + 1 + i)) ]; do sleep 0.1; done
  echo $((($(now) - t) / 1000000))
done | sort -n | awk '{a[NR]=$1} END {printf "p50_millis %d\np95_millis %d\nmost_millis %d\n", a[int((NR+1)/2)], a[int(NR*0.95)], a[NR]}'
"$datalake" down >&2
