#!/usr/bin/env bash
# TPC-H in a PostgreSQL, its eight tables loaded into their copies, beside COPY alone, Spark's JDBC reader (to Parquet) and Debezium's initial load (to a consumer that counts). PostgreSQL runs on the same processors.
# Brings Spark (222 MB) and Debezium (38 MB) when first run.
# usage: benchmarks/initial-load.sh [scale factor] [peers]      1 "spark debezium" by default; scale factor 1 is 8.66 million rows, 1.1 GB
scale=${1:-1}; peers=${2-spark debezium}
source "$(dirname "$0")/common.sh"
export BENCH_PASSWORD=postgres
"$datalake" init "$scratch/lake" --quiet >&2 && cd "$scratch/lake"
mkdir -p sources; rm -f sources/README.md
mkfifo "$scratch/in" "$scratch/out"
tool tarn.benchmarks.TpchDatabase "$scale" "$scratch" < "$scratch/in" > "$scratch/out" &
exec 3> "$scratch/in" 4< "$scratch/out"
ask() { echo "$*" >&3; read -r answer <&4; echo "$answer"; }
since() { awk -v a="$2" -v b="$3" -v n="$1" 'BEGIN {printf "%s %.1f\n", n, b-a}'; }
rows=$(ask rows)
echo "rows $rows"
echo "--- copy"
before=$(ask cpu)
echo "copy_seconds $(ask copy)"
echo "copy_seconds_again $(ask copy)"
since copies_cpu_seconds_postgres "$before" "$(ask cpu)"
echo "--- tarn"
"$datalake" up --detach >&2
ours() { used | awk '/cpu_seconds/ {print $2}'; }
before=$(ask cpu); ours_before=$(ours)
cp "$scratch/tpch.yaml" sources/tpch.yaml
began=$(date +%s%N)
"$datalake" source list --quiet >&2
counts=$(for table in region nation supplier customer part partsupp orders lineitem; do printf '(SELECT count(*) FROM clean.%s) + ' $table; done)
echo "SELECT 1 FROM (SELECT ${counts}0 AS n) WHERE n = $rows" | tool tarn.benchmarks.AwaitRows .datalake/server.json 500 > /dev/null
millis=$((($(date +%s%N) - began) / 1000000))
echo "load_millis $millis"
echo "load_rows_per_second $((rows * 1000 / millis))"
since load_cpu_seconds "$ours_before" "$(ours)"
since load_cpu_seconds_postgres "$before" "$(ask cpu)"
used | grep peak
echo "raw_mb $(du -sm .datalake/zones/*-raw-* | awk '{s+=$1} END {print s}')"
"$datalake" down >&2
for peer in $peers; do
  echo "--- $peer"
  jars=$root/benchmarks/$peer/target/lib
  [ -d "$jars" ] || (cd "$root" && ./mvnw -q -B -f "benchmarks/$peer/pom.xml" dependency:copy-dependencies >&2)
  before=$(ask cpu)
  case $peer in
    spark)
      ls "$jars"/spark-sql_*.jar | sed 's/.*_\(.*\)\.jar/version \1/'
      # What Spark asks of a JDK beyond 8.
      opens=$(printf -- '--add-opens=java.base/%s=ALL-UNNAMED ' java.lang java.lang.invoke java.lang.reflect java.io java.net java.nio java.util java.util.concurrent java.util.concurrent.atomic sun.nio.ch sun.nio.cs sun.security.action sun.util.calendar)
      # shellcheck disable=SC2086
      java -Xmx2g $opens -cp "$jars/*:$(ls "$root"/benchmarks/target/lib/postgresql-*.jar)" "$root/benchmarks/spark/SparkLoad.java" "$scratch/tpch.properties" "$scratch/spark" 2> "$scratch/spark.log" || tail -5 "$scratch/spark.log" ;;
    debezium)
      ls "$jars"/debezium-embedded-*.jar | sed 's/.*embedded-\(.*\)\.jar/version \1/'
      java -Xmx2g -cp "$jars/*" "$root/benchmarks/debezium/DebeziumLoad.java" "$scratch/tpch.properties" 2> "$scratch/debezium.log" || tail -5 "$scratch/debezium.log" ;;
  esac
  since load_cpu_seconds_postgres "$before" "$(ask cpu)"
done
exec 3>&-
