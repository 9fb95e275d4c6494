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

command -v xvfb-run >/dev/null || { echo "there is no xvfb-run"; exit 77; }
rm -rf "$scratch"
mkdir -p "$scratch" && cd "$scratch" || exit 1
ln -s "$root/scenarios" scenarios
cp "$scripts"/*.json .
XDG_CONFIG_HOME=$scratch/config
LIBGL_ALWAYS_SOFTWARE=1
export XDG_CONFIG_HOME LIBGL_ALWAYS_SOFTWARE

xvfb-run -a -s "-screen 0 2600x1700x24" "$gui" --script "$scripts/$name.txt" >out 2>err
code=$?
cat out err
[ "$code" -eq 0 ] || { echo "exit code $code"; exit 1; }
[ ! -f "$scripts/$name.sh" ] || sh "$scripts/$name.sh" "$program" out "$scratch"
