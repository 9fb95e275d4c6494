# longhaul check on every broken scenario: exit code 65, the place on standard error, nothing on
# standard output.
#   check_bad_scenarios.sh PROGRAM FOLDER
program=$1
cd "$2" || exit 1
count=0
failures=0
for file in *.json; do
  output=$("$program" check "$file" 2>/dev/null)
  errors=$("$program" check "$file" 2>&1 >/dev/null)
  code=$?
  count=$((count + 1))
  if [ "$code" -ne 65 ] || [ -n "$output" ] ||
     ! printf '%s\n' "$errors" | grep -Eq '(^|[^[:alnum:]])[a-z0-9_/]+\.json:[0-9]+:'; then
    failures=$((failures + 1))
    printf '%s: exit code %s\n%s\n%s\n' "$file" "$code" "$output" "$errors"
  fi
done
printf '%d files, %d not refused as they should be\n' "$count" "$failures"
[ "$count" -ge 150 ] && [ "$failures" -eq 0 ]
