# drill.sh PROGRAM OUT SCRATCH: what was clicked, as a file, has the same score and the same runbook in
# the terminal.
score=$(sed -n 's/^drill.score //p' "$2")
[ -n "$score" ] || { echo "no score"; exit 1; }
cd "$3" || exit 1
grep -q "played with --seed 1 --variant" my_drill_play1.actions || { echo "of what play?"; exit 1; }
"$1" drill my_drill.json --actions my_drill_play1.actions --runbook terminal.md >terminal
cmp terminal.md my_drill_play1.md || { echo "another runbook"; exit 1; }
grep -q "^SCORE  $score " terminal || { echo "not $score:"; grep SCORE terminal; exit 1; }
grep -q "note it was paused" terminal || { echo "the note is lost"; exit 1; }
grep -q "resume replay" my_drill_play1.md || { echo "no runbook"; exit 1; }
