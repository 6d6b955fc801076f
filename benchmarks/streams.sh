#!/usr/bin/env bash
# Events put over HTTP in requests of 500, 1 % of them twice, until they are in the ledger and in a clean table; how long events take that come
# at a rate, from put to table; how long one takes from put to answer.
# usage: benchmarks/streams.sh [MB] [single events] [seconds] [events a second ...]      1000 10 30 1000 20000 by default; 0 leaves a part out
mb=${1:-1000}; singles=${2:-10}; seconds=${3:-30}; shift $(($# < 3 ? $# : 3)); rates=${*:-1000 20000}
source "$(dirname "$0")/common.sh"
"$datalake" init "$scratch/lake" --quiet >&2 && cd "$scratch/lake"
mkdir -p streams
for stream in events clicks; do
  printf 'shards: 2\nid: event_id\ntype: event_type\nsubtype: event_subtype\ntime: occurred_at\nlate_after: 3650d\n' > "streams/$stream.yaml"
  printf 'from: %s\n' "$stream" > "tables/$stream.yaml"
done
printf 'freshness: 1s\n' >> streams/clicks.yaml
field() { grep -o "\"$1\": *\"\?[^,\"}]*" .datalake/server.json | sed 's/.*[: "]//'; }
now() { date +%s%N; }
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
# What was used since the file of before.
since() { apart | paste -d' ' - "$1" | awk '{printf "%s %.1f\n", $1, $2 - $4}'; }
load() { tool tarn.benchmarks.PutEventsLoad .datalake/server.json "$@"; }
stored() { "$datalake" stream list --quiet --output csv | tr -d "\r" | grep "^$1," | cut -d, -f5; }
rows() { "$datalake" query --quiet --output csv "SELECT count(*) FROM clean.$1" 2>/dev/null | tr -d "\r" | tail -1; }
committed() { curl -s -H "Authorization: Bearer $(field token)" "http://127.0.0.1:$(field port)/v1/tables" | grep -o "\"clean.$1\",\"kind\":\"table\",\"rows\":[0-9]*" | grep -o '[0-9]*$'; }

# Until it is compiled, and there are tables.
until [ "$("$datalake" stream list --quiet --output csv | grep -c ',running,')" = 2 ]; do sleep 0.5; done
tool tarn.testkit.bench.EventFiles "$scratch/warm" 35 1 7 0 >&2
warm=$(wc -l < "$scratch/warm/events-00000.jsonl")
for stream in events clicks; do
  load "$stream" "$scratch/warm/events-00000.jsonl" 4 500 0 >&2
  until [ "$(rows "$stream")" = "$warm" ]; do sleep 0.5; done
done

if [ "$mb" -gt 0 ]; then
echo "--- sustained: 8 connections, 500 events in a request, 1 % twice"
tool tarn.testkit.bench.EventFiles "$scratch/events" "$mb" 1 42 0 >&2
events=$(wc -l < "$scratch/events/events-00000.jsonl")
echo "events $events"
apart > "$scratch/before"
t=$(now)
load events "$scratch/events/events-00000.jsonl" 8 500 0.01
put=$((($(now) - t) / 1000000))
until [ "$(stored events)" = $((events + warm)) ]; do sleep 0.5; done
ledger=$((($(now) - t) / 1000000)); echo "in_ledger_millis $ledger"
until [ "$(committed events)" = $((events + warm)) ]; do sleep 0.2; done
table=$((($(now) - t) / 1000000)); echo "in_table_millis $table"
since "$scratch/before"
used
awk -v n="$events" -v p="$put" -v l="$ledger" -v t="$table" 'BEGIN {printf "put_per_second %d\nledger_per_second %d\ntable_per_second %d\n", n*1000/p, n*1000/l, n*1000/t}'
fi

before=$warm
if [ "$seconds" -gt 0 ]; then
for rate in $rates; do
echo "--- put to table at $rate events/s for $seconds s"
rm -rf "$scratch/rate"
tool tarn.testkit.bench.EventFiles "$scratch/rate" $((rate * seconds * 345 / 1000000 + 1)) 1 "$rate" 0 >&2
events=$(wc -l < "$scratch/rate/events-00000.jsonl")
apart > "$scratch/before"
(while :; do echo "$(date +%s%3N) $(committed clicks)"; sleep 0.05; done > "$scratch/seen") & watcher=$!
load clicks "$scratch/rate/events-00000.jsonl" 4 $((rate < 10000 ? 50 : 500)) 0 "$rate" | tee "$scratch/made"
until [ "$(committed clicks)" = $((before + events)) ]; do sleep 0.2; done
sleep 1; kill "$watcher"
# The n-th event was put at its place between begin and end; it arrived with the first look that counted it.
awk -v begin="$(awk '/began/ {print $2}' "$scratch/made")" -v millis="$(awk '/put_millis/ {print $2}' "$scratch/made")" -v n="$events" -v before="$before" \
  'BEGIN {at=1} {while (at <= n && $2 - before >= at) {print int($1 - begin - at * millis / n); at += 10}}' "$scratch/seen" |
  sort -n | awk '{a[NR]=$1} END {printf "p50_millis %d\np95_millis %d\np99_millis %d\nmost_millis %d\n", a[int((NR+1)/2)], a[int(NR*0.95)], a[int(NR*0.99)], a[NR]}'
since "$scratch/before"
before=$((before + events))
done
fi

if [ "$singles" -gt 0 ]; then
echo "--- put to answer, one event at a time, with a command for each"
for i in $(seq "$singles"); do
  t=$(now)
  echo "{\"event_id\":\"$(cat /proc/sys/kernel/random/uuid)\"}" | "$datalake" stream put clicks --quiet >&2
  until [ "$(rows clicks)" = $((before + i)) ]; do sleep 0.1; done
  echo $((($(now) - t) / 1000000))
done | sort -n | awk '{a[NR]=$1} END {printf "p50_millis %d\np95_millis %d\nmost_millis %d\n", a[int((NR+1)/2)], a[int(NR*0.95)], a[NR]}'
fi
"$datalake" down >&2
