# Without a database the policy refuses, with its reason, and libpq's own words reach the operator.
set -u
program=$1
log=$(mktemp)
trap 'rm -f "$log"' EXIT
out=$(echo 'SELECT 1' | "$program" 'host=127.0.0.1 port=1 connect_timeout=2' 2>"$log")
code=$?
fail() {
  echo "$1"
  echo "$out"
  cat "$log"
  exit 1
}
[ "$code" -eq 1 ] || fail "exit code $code instead of 1"
[ "$out" = 'refused, no_primary: SELECT 1' ] || fail "another answer"
grep -q 'connection to server at "127.0.0.1", port 1 failed' "$log" || fail "another error"
