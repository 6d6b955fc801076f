#!/usr/bin/env bash
# PutRecords of 500 x 200 bytes through the Kinesis door, until they are in the ledger, and what each process used; the same client against moto where it is installed.
# usage: benchmarks/kinesis.sh [connections] [seconds]      4 10 by default
connections=${1:-4}; seconds=${2:-10}
source "$(dirname "$0")/common.sh"
# CPU seconds of a process and what it started that ended; 0 if it is gone.
cpu() { awk -v hz="$(getconf CLK_TCK)" '{printf "%.1f", ($14+$15)/hz}' "/proc/$1/stat" 2>/dev/null || echo 0; }
pids() { "$datalake" status --output json | tr '{' '\n' | sed -n 's/.*"name":"'"$1"'","pid":\([0-9]*\).*/\1/p'; }
"$datalake" init "$scratch/lake" --quiet >&2 && cd "$scratch/lake"
mkdir -p streams
printf 'shards: 2\nid: id\n' > streams/load.yaml
"$datalake" stream list --quiet >&2
eval "$("$datalake" env)"
load() { tool tarn.benchmarks.PutRecordsLoad "$AWS_ENDPOINT_URL" "$1" "$connections" "$2"; }
load load 3 > /dev/null # until it is compiled
server=$("$datalake" status --output json | sed -n 's/.*"server":{"pid":\([0-9]*\).*/\1/p')
broker=$(pgrep -P "$server" -f BrokerMain | head -1)
before_server=$(cpu "$server"); before_broker=$(cpu "$broker")
load load "$seconds"
awk -v a="$before_server" -v b="$(cpu "$server")" 'BEGIN {printf "server_cpu_seconds %.1f\n", b-a}'
awk -v a="$before_broker" -v b="$(cpu "$broker")" 'BEGIN {printf "broker_cpu_seconds %.1f\n", b-a}'
began=$(date +%s%N)
until [ "$("$datalake" stream list --quiet --output csv | tr -d "\r" | tail -1 | cut -d, -f9)" = 0 ]; do sleep 0.2; done
echo "in_ledger_millis_after $((($(date +%s%N) - began) / 1000000))"
"$datalake" down >&2
if command -v moto_server >/dev/null; then
  echo "--- moto"
  moto_server -H 127.0.0.1 -p 4599 >/dev/null 2>&1 & moto=$!
  export AWS_ENDPOINT_URL=http://127.0.0.1:4599
  until curl -s -o /dev/null "$AWS_ENDPOINT_URL"; do sleep 0.2; done
  curl -s -o /dev/null -H 'X-Amz-Target: Kinesis_20131202.CreateStream' -H 'Content-Type: application/x-amz-json-1.1' -H "Authorization: AWS4-HMAC-SHA256 Credential=a/20260101/$AWS_REGION/kinesis/aws4_request, SignedHeaders=host, Signature=0" -d '{"StreamName":"load","ShardCount":2}' "$AWS_ENDPOINT_URL"
  load load "$seconds" || true
  echo "server_cpu_seconds $(cpu "$moto")"
  kill "$moto"
fi
