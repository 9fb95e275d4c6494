# sweep_killed.sh PROGRAM ROOT SCRATCH: a sweep that is killed goes on where it stopped, and ends
# with the content of one that nobody disturbed, whatever the number of threads and shards.
program=$1
scenario=$2/scenarios/limits/patroni_primary_host_lost.json
scratch=$3
rm -rf "$scratch"
mkdir -p "$scratch" && cd "$scratch" || exit 1

fail() {
  echo "$*"
  exit 1
}

# content FILE: all its rows as text.
content() { sqlite3 "$1" .dump | grep -v '^PRAGMA' >"$1.sql"; }

# sweep FILE OPTIONS...
sweep() {
  file=$1
  shift
  "$program" sweep "$scenario" --vary control.order_timeout=20s,30s --seeds 1..6 \
    --store "$file" "$@" >"$file.out" 2>"$file.err"
}

count() { sqlite3 "$1" 'SELECT count(*) FROM cell' 2>/dev/null || echo 0; }

sweep whole.sqlite --jobs 2 || fail "the undisturbed sweep failed: $(cat whole.sqlite.err)"
content whole.sqlite
[ "$(count whole.sqlite)" -eq 12 ] || fail "12 cells expected, $(count whole.sqlite) found"

# Killed as soon as something stands in the file, until it is complete.
kills=0
for attempt in 1 2 3 4 5 6; do
  before=$(count killed.sqlite)
  # Not the function: a shell would stand between, and be killed in its place.
  "$program" sweep "$scenario" --vary control.order_timeout=20s,30s --seeds 1..6 \
    --store killed.sqlite --jobs 1 >killed.sqlite.out 2>killed.sqlite.err &
  pid=$!
  while kill -0 "$pid" 2>/dev/null; do
    now=$(count killed.sqlite)
    if [ "${now:-0}" -gt "${before:-0}" ] && [ "${now:-0}" -lt 12 ] && [ "$kills" -lt 3 ]; then
      kill -9 "$pid" && kills=$((kills + 1))
      break
    fi
  done
  wait "$pid" 2>/dev/null && break
done
[ "$kills" -gt 0 ] || fail "it was never killed half-way"
content killed.sqlite
cmp -s whole.sqlite.sql killed.sqlite.sql || fail "killed $kills times: the content differs"

for part in 1 2 3; do
  sweep "part$part.sqlite" --shard "$part/3" || fail "shard $part failed: $(cat part$part.sqlite.err)"
done
"$program" merge merged.sqlite part3.sqlite part1.sqlite part2.sqlite >merged.out || fail "merge failed"
content merged.sqlite
cmp -s whole.sqlite.sql merged.sqlite.sql || fail "the merged content differs"
cmp -s whole.sqlite.out merged.out || fail "the merged table differs"
echo "killed $kills times, equal"
