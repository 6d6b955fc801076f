#!/usr/bin/env bash
# Ids found once: the lake's delivery, and Kafka Streams with exactly-once processing, from the same topic, which is full before.
# usage: benchmarks/ids.sh [events] [way…]      1000000 "tarn" "kv 2" "window 2" "kv 2 repartition" by default
events=${1:-1000000}; shift || true
[ $# -gt 0 ] || set -- "tarn" "kv 2" "window 2" "kv 2 repartition"
source "$(dirname "$0")/common.sh"
ids() { java -Xmx512m -cp "$classpath" tarn.benchmarks.Ids "$scratch/ids" "$@"; }
ids fill "$events"
for way; do
  echo "--- $way"
  # shellcheck disable=SC2086
  ids $way
done
