# fault.sh PROGRAM: a failed CHECK exits with 70 and says where the run was and what led there.
errors=$("$1" 2>&1 >/dev/null)
code=$?
printf '%s\n' "$errors"
[ "$code" -eq 70 ] || { echo "exit code $code, expected 70"; exit 1; }
for part in "internal fault: CHECK(world.scheduler.events() < 1000)" "scenario tiny (tiny.json)" \
            "seed 3" "event 1000" "last events" "    993 at " "    1,000 at "; do
  case "$errors" in
    *"$part"*) ;;
    *) echo "missing: $part"; exit 1 ;;
  esac
done

errors=$("$1" sweep 2>&1 >/dev/null)
code=$?
printf '%s\n' "$errors"
[ "$code" -eq 70 ] || { echo "exit code $code, expected 70"; exit 1; }
for part in "scenario tiny (tiny.json)" "seed 2" "cell 4 of 6: workload.eu.rate=20/s"; do
  case "$errors" in
    *"$part"*) ;;
    *) echo "missing: $part"; exit 1 ;;
  esac
done
