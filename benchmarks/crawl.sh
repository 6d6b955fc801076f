#!/usr/bin/env bash
# Crawl of many small files in hive partitions, first and incremental, against bare DuckDB's inference over the same files.
# usage: benchmarks/crawl.sh [files, 10000] [partitions, 1000]
files=${1:-10000}; partitions=${2:-1000}
source "$(dirname "$0")/common.sh"
tool tarn.benchmarks.ManyFiles "$scratch/first" 0 "$files" "$partitions"
tool tarn.benchmarks.ManyFiles "$scratch/more" "$files" $((files / 100)) "$partitions"
"$datalake" init "$scratch/lake" --quiet >&2 && cd "$scratch/lake"
now() { date +%s%N; }
rate() { local ms=$((($(now) - $3) / 1000000)); echo "$1_millis $ms"; echo "$1_files_per_second $(($2 * 1000 / ms))"; }
"$datalake" up --detach >&2
t=$(now); "$datalake" upload "$scratch/first" --source many --quiet >&2; rate upload "$files" "$t"
t=$(now); "$datalake" crawl >&2; rate first_crawl "$files" "$t"
"$datalake" upload "$scratch/more" --source many --quiet >&2
t=$(now); "$datalake" crawl >&2; rate next_crawl $((files / 100)) "$t"
used
echo "--- bare DuckDB, the types of the same files, every record read"
t=$(now); echo "CREATE TABLE t AS SELECT * FROM read_json('$scratch/first/**/*.json', format='newline_delimited', hive_partitioning=true, sample_size=-1); SELECT count(*) FROM t;" | bare >/dev/null; rate bare "$files" "$t"
