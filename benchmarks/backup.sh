#!/usr/bin/env bash
# Backup, second backup with nothing new, and restore of a lake, against cp -r and sync of the same zones.
# usage: benchmarks/backup.sh [rows]      10000000 by default
rows=${1:-10000000}
source "$(dirname "$0")/common.sh"
tool tarn.benchmarks.KeyedFiles "$scratch/keyed" "$rows" $((rows / 100)) >&2
"$datalake" init "$scratch/lake" --quiet >&2 && cd "$scratch/lake"
printf 'from: keyed\nkey: [id]\nordering: version\n' > tables/keyed.yaml
"$datalake" upload "$scratch/keyed/base.csv" "$scratch/keyed/updates.csv" --source keyed --quiet >&2
"$datalake" crawl --quiet >&2
"$datalake" run --quiet >&2
zones=$(find .datalake -maxdepth 1 -name zones); mb=$(du -sm "$zones" | cut -f1)
echo "lake_mb $mb"
now() { date +%s%N; }
took() { echo "$1 $((($(now) - $2) / 1000000))"; }
sync
t=$(now); "$datalake" backup "$scratch/backups" --quiet >&2; took backup_millis "$t"
t=$(now); "$datalake" backup "$scratch/backups" --quiet >&2; took second_backup_millis "$t"
"$datalake" verify --output json > "$scratch/before.json"
"$datalake" down >&2
t=$(now); "$datalake" restore "$scratch/backups" "$scratch/restored" --quiet >&2; took restore_millis "$t"
(cd "$scratch/restored" && "$datalake" verify --output json > "$scratch/after.json" && "$datalake" down >&2)
diff <(grep -o '"hash": *"[^"]*"' "$scratch/before.json") <(grep -o '"hash": *"[^"]*"' "$scratch/after.json") >&2 && echo "same_content yes"
t=$(now); cp -r "$zones" "$scratch/copy" && sync -f "$scratch/copy"; took cp_millis "$t"
