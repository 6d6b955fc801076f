#!/usr/bin/env bash
# Ids found once: the lake's delivery beside Spark's dropDuplicatesWithinWatermark over 24 hours with its Kafka source, from the same topic, which is full before.
# Brings Spark (222 MB) when first run.
# usage: benchmarks/spark.sh [events]      1000000 by default
events=${1:-1000000}
source "$(dirname "$0")/common.sh"
jars=$root/benchmarks/spark/target/lib
[ -d "$jars" ] || (cd "$root" && ./mvnw -q -B -f benchmarks/spark/pom.xml dependency:copy-dependencies >&2)
ids() { java -Xmx512m -cp "$classpath" tarn.benchmarks.Ids "$scratch/ids" "$@"; }
# What Spark asks of a JDK beyond 8.
opens=$(printf -- '--add-opens=java.base/%s=ALL-UNNAMED ' java.lang java.lang.invoke java.lang.reflect java.io java.net java.nio java.util java.util.concurrent java.util.concurrent.atomic sun.nio.ch sun.nio.cs sun.security.action sun.util.calendar)
ids fill "$events"
echo "--- tarn"
ids tarn
echo "--- spark"
mkfifo "$scratch/end"
ids serve < "$scratch/end" > "$scratch/served" & serving=$!
exec 3> "$scratch/end"
until grep -q ready "$scratch/served"; do sleep 0.2; done
# shellcheck disable=SC2086
java -Xmx2g $opens -cp "$jars/*" "$root/benchmarks/spark/SparkIds.java" "$scratch/ids/client.properties" "$scratch/spark" 2> "$scratch/spark.log" || tail -5 "$scratch/spark.log"
exec 3>&-
wait "$serving"
grep broker "$scratch/served"
