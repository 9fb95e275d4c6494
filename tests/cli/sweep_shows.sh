# sweep_shows.sh PROGRAM ROOT SCRATCH [PAIRS [UNTIL]]: 20 thresholds of the lag breaker × 20 seeds of
# the flagship, up to UNTIL (40s) of simulated time.
#
# Killed with kill -9 half-way and resumed, with one thread and with two: the same content as
# undisturbed. Prints how much faster two threads are, the best of PAIRS (1) runs with one and two
# threads one after the other. On a machine with other work a ratio of wall-clock times says little,
# so it is only judged when LONGHAUL_SPEEDUP_MIN says how much it has to be: LONGHAUL_SPEEDUP_MIN=1.6
program=$1
scenario=$2/scenarios/patterns/three_regions_read_replicas.json
scratch=$3
pairs=${4:-1}
until=${5:-40s}
vary=policy.lag_breaker.open_above=150ms,200ms,250ms,300ms,400ms,500ms,600ms,700ms,800ms,900ms,1s,1.2s,1.5s,2s,2.5s,3s,4s,5s,7s,10s
rm -rf "$scratch"
mkdir -p "$scratch" && cd "$scratch" || exit 1

fail() {
  echo "$*"
  exit 1
}
# What all sweeps are asked for.
set -- "$scenario" --vary "$vary" --set policy.lag_breaker.close_below=100ms --seeds 1..20 \
  --until "$until" --quiet
count() { sqlite3 "$1" 'SELECT count(*) FROM cell' 2>/dev/null || echo 0; }
content() { sqlite3 "$1" .dump >"$1.sql"; }

# timed JOBS: wall-clock and processor time of one sweep, in seconds, to ./time$JOBS.
timed() {
  rm -f "jobs$1.sqlite"
  jobs=$1
  shift
  bash -c 'TIMEFORMAT="%R %U %S"; time "$@"' - "$program" sweep "$@" --jobs "$jobs" \
    --store "jobs$jobs.sqlite" >"jobs$jobs.out" 2>"time$jobs" || fail "$(cat "time$jobs")"
}

best=0
for pair in $(seq "$pairs"); do
  timed 1 "$@"
  timed 2 "$@"
  line=$(cat time1 time2 | awk -v load="$(cut -d' ' -f1 /proc/loadavg)" '
    NR == 1 { one = $1; cpu1 = $2 + $3 }
    NR == 2 { printf "%.2f  1 job %.1f s (%.1f s of processor), 2 jobs %.1f s (%.1f s), load %s",
                     one / $1, one, cpu1, $1, $2 + $3, load }')
  echo "speed-up $line"
  best=$(awk -v a="$best" -v b="${line%% *}" 'BEGIN { print (a > b ? a : b) }')
done
[ "$(count jobs1.sqlite)" -eq 400 ] || fail "400 cells expected, $(count jobs1.sqlite) found"
content jobs1.sqlite
content jobs2.sqlite
cmp -s jobs1.sqlite.sql jobs2.sqlite.sql || fail 'the number of threads changes the content'
cmp -s jobs1.out jobs2.out || fail 'the number of threads changes the table'

"$program" sweep "$@" --jobs 2 --store killed.sqlite >killed.out 2>killed.err &
pid=$!
while kill -0 "$pid" 2>/dev/null && [ "$(count killed.sqlite)" -lt 200 ]; do sleep 0.05; done
kill -9 "$pid" 2>/dev/null || fail 'it was done before it could be killed'
wait "$pid" 2>/dev/null
at=$(count killed.sqlite)
[ "$at" -lt 400 ] || fail 'it was done before it could be killed'
"$program" sweep "$@" --jobs 1 --store killed.sqlite >killed.out || fail 'it was not resumed'
content killed.sqlite
cmp -s jobs1.sqlite.sql killed.sqlite.sql || fail 'killed and resumed, the content differs'
cmp -s jobs1.out killed.out || fail 'killed and resumed, the table differs'
echo "400 cells equal with 1 and 2 jobs, and killed after $at cells;" \
  "$(wc -c <jobs1.sqlite.sql) bytes of SQL; speed-up $best at two jobs"
awk -v best="$best" -v min="${LONGHAUL_SPEEDUP_MIN:-0}" 'BEGIN { exit !(best >= min) }' ||
  fail "the speed-up is below $LONGHAUL_SPEEDUP_MIN"
