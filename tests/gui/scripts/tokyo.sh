# The saved file is a scenario that the command line finds nothing wrong with, and its run is the one
# that was seen; the promotion is in it.
program=$1
"$program" check tokyo.json || exit 1
"$program" run tokyo.json --json >alone.json || [ $? -eq 99 ] || exit 1
shown=$(sed -n 's/^digest //p' "$2")
grep -q "\"digest\": *\"$shown\"" alone.json || { echo "shown $shown, alone another"; exit 1; }
grep -q '"promote"' tokyo.json || { echo "no promotion was saved"; exit 1; }
grep -q '^//' tokyo.json || { echo "the comments of the file are gone"; exit 1; }
