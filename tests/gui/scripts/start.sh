# The digest on the screen is that of a run without one.
program=$1
shown=$(sed -n 's/^digest //p' "$2")
wanted=$("$program" run scenarios/patterns/three_regions_read_replicas.json --json |
  sed -n 's/.*"digest": *"\([0-9a-f]*\)".*/\1/p')
for digest in $wanted; do
  [ "$digest" != "$shown" ] || exit 0
done
echo "shown $shown, alone $wanted"
exit 1
