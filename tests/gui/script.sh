# script.sh GUI PROGRAM ROOT SCRATCH NAME: does what scripts/NAME.txt says in a window on a screen
# without a monitor. The script runs in SCRATCH, where `scenarios` are the shipped ones; files that it
# saves stay there. If there is a scripts/NAME.sh, that judges what came out afterwards, with
# PROGRAM, the script's output and SCRATCH.
gui=$1
program=$2
root=$3
scratch=$4/$5
scripts=$root/tests/gui/scripts
name=$5
. "$root/tests/gui/screen.sh"

rm -rf "$scratch"
mkdir -p "$scratch" && cd "$scratch" || exit 1
ln -s "$root/scenarios" scenarios
cp "$scripts"/*.json .
open_screen 2600x1700 || exit 77
"$gui" --script "$scripts/$name.txt" >out 2>err
code=$?
cat out err
[ "$code" -eq 0 ] || { echo "exit code $code"; exit 1; }
[ ! -f "$scripts/$name.sh" ] || sh "$scripts/$name.sh" "$program" out "$scratch"
