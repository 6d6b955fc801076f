#!/usr/bin/env bash
# Events put over HTTP, until they are in the ledger and in a clean table; then how long one event takes from put to answer;
# then how long events take that come at a rate, put to table.
# usage: benchmarks/streams.sh [MB] [single events] [events a second] [seconds]      500 20 1000 60 by default; 0 leaves a part out
mb=${1:-500}; singles=${2:-20}; rate=${3:-1000}; seconds=${4:-60}
source "$(dirname "$0")/common.sh"
"$datalake" init "$scratch/lake" --quiet >&2 && cd "$scratch/lake"
mkdir -p streams
printf 'shards: 2\nid: event_id\n' > streams/events.yaml
printf 'from: events\n' > tables/events.yaml
printf 'id: event_id\npartition_key: user_id\nfreshness: 1s\n' > streams/clicks.yaml
printf 'from: clicks\n' > tables/clicks.yaml
TIMEFORMAT='client_cpu_seconds %U %S'
field() { grep -o "\"$1\": *\"\?[^,\"}]*" .datalake/server.json | sed 's/.*[: "]//'; }
# CPU seconds of the server itself, of its broker, and of its workers, those that ended included.
apart() {
  local server; server=$(field pid)
  awk -v hz="$(getconf CLK_TCK)" '{sub(/.*\) /, ""); printf "server_cpu_seconds %.1f\n", ($12+$13)/hz; print "gone", ($14+$15)/hz > "/dev/stderr"}' "/proc/$server/stat" 2>"$scratch/gone"
  for child in BrokerMain WorkerMain; do
    for pid in $(cat "/proc/$server/task/"*/children); do
      tr '\0' ' ' < "/proc/$pid/cmdline" | grep -q "$child" && awk -v c="$child" -v hz="$(getconf CLK_TCK)" '{sub(/.*\) /, ""); print c, ($12+$13)/hz}' "/proc/$pid/stat"
    done || true
  done | cat - "$scratch/gone" | awk '/Broker/ {b+=$2} /Worker|gone/ {w+=$2} END {printf "broker_cpu_seconds %.1f\nworkers_cpu_seconds %.1f\n", b, w}'
}
now() { date +%s%N; }
stored() { "$datalake" stream list --quiet --output csv | tr -d "\r" | tail -1 | cut -d, -f"$1"; }
rows() { "$datalake" query --quiet --output csv 'SELECT count(*) FROM clean.events' 2>/dev/null | tr -d "\r" | tail -1; }
echo '{"event_id":"first"}' | "$datalake" stream put events --quiet >&2
until [ "$(rows)" = 1 ]; do sleep 0.2; done
if [ "$mb" -gt 0 ]; then
tool tarn.testkit.bench.EventFiles "$scratch/events" "$mb" 1 42 0 >&2
events=$(cat "$scratch"/events/*.json* | wc -l)
echo "events $events"
t=$(now)
time "$datalake" stream put events "$scratch/events/$(ls "$scratch/events" | head -1)" --quiet >&2
put=$((($(now) - t) / 1000000)); echo "put_millis $put"
until [ "$(stored 5)" = $((events + 1)) ]; do sleep 0.2; done
ledger=$((($(now) - t) / 1000000)); echo "in_ledger_millis $ledger"
until [ "$(rows)" = $((events + 1)) ]; do sleep 0.2; done
table=$((($(now) - t) / 1000000)); echo "in_table_millis $table"
used
apart
awk -v n="$events" -v p="$put" -v l="$ledger" -v t="$table" 'BEGIN {printf "put_per_second %d\nledger_per_second %d\ntable_per_second %d\n", n*1000/p, n*1000/l, n*1000/t}'
else events=0; fi
echo "--- put to queryable, one event at a time"
for i in $(seq "$singles"); do
  t=$(now)
  echo "{\"event_id\":\"single-$i\"}" | "$datalake" stream put events --quiet >&2
  until [ "$(rows)" = $((events + 1 + i)) ]; do sleep 0.1; done
  echo $((($(now) - t) / 1000000))
done | sort -n | awk '{a[NR]=$1} END {printf "p50_millis %d\np95_millis %d\nmost_millis %d\n", a[int((NR+1)/2)], a[int(NR*0.95)], a[NR]}'
if [ "$rate" -gt 0 ]; then
echo "--- put to table at $rate events/s for $seconds s"
"$datalake" generate events clicks --count 100 --seed 1 --duplicates 0 --poison 0 --conflicts 0 --quiet --output csv >&2
committed() { curl -s -H "Authorization: Bearer $(field token)" "http://127.0.0.1:$(field port)/v1/tables" | grep -o '"clean.clicks","kind":"table","rows":[0-9]*' | grep -o '[0-9]*$'; }
until [ "$(committed)" = 100 ]; do sleep 0.2; done
apart > "$scratch/before"
(while :; do echo "$(date +%s%3N) $(committed)"; sleep 0.05; done > "$scratch/seen") & watcher=$!
time "$datalake" generate events clicks --rate "$rate" --seconds "$seconds" --duplicates 0 --poison 0 --conflicts 0 --late 0 --seed 2 --quiet --output csv > "$scratch/made"
ended=$(date +%s%3N)
until [ "$(committed)" = $((100 + rate * seconds)) ]; do sleep 0.2; done
sleep 1; kill "$watcher"
tail -1 "$scratch/made" | tr -d "\r" | awk -F, '{print "put_per_second", $14}'
millis=$(tail -1 "$scratch/made" | tr -d "\r" | cut -d, -f13)
# The n-th event was put at its place between begin and end; it arrived with the first look that counted it.
awk -v begin=$((ended - millis)) -v millis="$millis" -v n=$((rate * seconds)) 'BEGIN {at=1} {while (at <= n && $2 - 100 >= at) {print int($1 - begin - at * millis / n); at += 10}}' "$scratch/seen" |
  sort -n | awk '{a[NR]=$1} END {printf "p50_millis %d\np95_millis %d\np99_millis %d\nmost_millis %d\n", a[int((NR+1)/2)], a[int(NR*0.95)], a[int(NR*0.99)], a[NR]}'
apart | paste -d' ' - "$scratch/before" | awk '{printf "%s %.1f\n", $1, $2 - $4}'
fi
"$datalake" down >&2
