#!/usr/bin/env bash
# Newline JSON events -> partitioned clean Iceberg table, against DuckDB's COPY of the same files.
# usage: benchmarks/events.sh [MB] [dirty fraction]      500 0 by default; a dirty fraction takes the slow path
mb=${1:-500}; dirty=${2:-0}
source "$(dirname "$0")/common.sh"
tool tarn.testkit.bench.EventFiles "$scratch/events" "$mb" 4 42 "$dirty" >&2
"$datalake" init "$scratch/lake" --quiet >&2 && cd "$scratch/lake"
cat > tables/events.yaml <<'Y'
from: events
columns: {occurred_at: timestamp, amount: double, user_id: string}
partition: [day(occurred_at)]
Y
SECONDS=0; "$datalake" upload "$scratch/events" --source events --quiet >&2; echo "upload_seconds $SECONDS"
SECONDS=0; "$datalake" crawl >&2; echo "crawl_seconds $SECONDS"
"$datalake" query 'SELECT 1' >/dev/null
millis=$(run_millis clean.events)
echo "tarn_millis $millis"; used
clean_files=$(find "$scratch/events" -type f | sort | sed "s/.*/'&'/" | paste -sd,)
if [ "$dirty" = 0 ]; then
  types="event_id:'VARCHAR',event_type:'VARCHAR',event_subtype:'VARCHAR',user_id:'VARCHAR',session_id:'VARCHAR',occurred_at:'TIMESTAMP',country:'VARCHAR',amount:'DOUBLE',properties:'$("$datalake" query 'SELECT typeof(properties) FROM clean.events LIMIT 1' --output csv | tr -d "\r" | tail -1 | sed 's/^"//; s/"$//; s/""/"/g')'"
else
  types="event_id:'VARCHAR',event_type:'VARCHAR',event_subtype:'VARCHAR',user_id:'VARCHAR',session_id:'VARCHAR',occurred_at:'VARCHAR',country:'VARCHAR',amount:'VARCHAR',properties:'JSON'"
  tool tarn.testkit.bench.EventFiles "$scratch/clean" "$mb" 4 42 0 >&2
  clean_files=$(find "$scratch/clean" -type f | sort | sed "s/.*/'&'/" | paste -sd,)
  types="event_id:'VARCHAR',event_type:'VARCHAR',event_subtype:'VARCHAR',user_id:'VARCHAR',session_id:'VARCHAR',occurred_at:'TIMESTAMP',country:'VARCHAR',amount:'DOUBLE',properties:'JSON'"
fi
echo "--- bare DuckDB, the same files (clean ones of the same size if dirty), the same partitions"
echo "COPY (SELECT *, CAST(occurred_at AS DATE) AS d FROM read_json([$clean_files], format='newline_delimited', columns={$types})) TO '$scratch/bare' (FORMAT parquet, COMPRESSION zstd, PARTITION_BY (d), RETURN_STATS);
" | bare | tee "$scratch/bare.txt"
awk -v t="$millis" '/^millis/ {printf "ratio %.2f\n", t/$2}' "$scratch/bare.txt"
