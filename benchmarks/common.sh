# Shared by the benchmark scripts: builds what they need, a scratch folder, and what processes used. Linux only.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
datalake=$root/datalake
scratch=${SCRATCH:-$(mktemp -d "${TMPDIR:-/tmp}/tarn-bench-XXXXXX")}
export DATALAKE_AUTOSTART=1
"$datalake" version >/dev/null
if [ ! -d "$root/benchmarks/target/lib" ] || [ -n "$(find "$root/benchmarks/src" "$root/testkit/src/main" -newer "$root/benchmarks/target/lib" -print -quit)" ]; then
  (cd "$root" && ./mvnw -q -B -Dtarn.quick -DskipTests -pl benchmarks -am package >&2) && touch "$root/benchmarks/target/lib"
fi
classpath="$root/benchmarks/target/lib/*:$(ls "$root"/benchmarks/target/tarn-benchmarks-*.jar)"
tool() { java -cp "$classpath" "$@"; }
bare() { java -Xss64m -cp "$classpath" tarn.benchmarks.BareDuckDb; }
finish() { (cd "$scratch/lake" 2>/dev/null && "$datalake" down >/dev/null 2>&1) || true; [ -n "${SCRATCH:-}" ] || rm -rf "$scratch"; }
trap finish EXIT
# CPU seconds and peak memory (MB) of the server and its workers.
used() {
  "$datalake" status --output json | grep -o '"pid": *[0-9]*' | grep -o '[0-9]*' | sort -u | while read -r pid; do
    [ -r "/proc/$pid/stat" ] || continue
    awk -v hz="$(getconf CLK_TCK)" '{printf "%.1f ", ($14+$15+$16+$17)/hz}' "/proc/$pid/stat"
    awk '/VmHWM/ {print int($2/1024)}' "/proc/$pid/status"
  done | awk '{cpu+=$1; mem+=$2} END {printf "cpu_seconds %.1f\npeak_mb %d\n", cpu, mem}'
}
# The "millis" column of one table in the answer of `datalake run`.
run_millis() { "$datalake" run "$1" --output csv | tr -d "\r" | awk -F, -v t="$1" 'NR==1 {for(i=1;i<=NF;i++) if($i=="millis") c=i} $1==t {print $c} /failed/ {print $0 > "/dev/stderr"}'; }
