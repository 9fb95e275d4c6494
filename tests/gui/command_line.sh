# command_line.sh GUI ROOT SCRATCH: what the program says before there is any window.
gui=$1
root=$2
scratch=$3
failed=0
rm -rf "$scratch"
mkdir -p "$scratch" && cd "$scratch" || exit 1

# expect CODE TEXT ARGUMENTS...
expect() {
  wanted=$1
  text=$2
  shift 2
  "$gui" "$@" >out 2>&1
  code=$?
  [ "$code" -eq "$wanted" ] && grep -qF -- "$text" out && return
  echo "longhaul-gui $*: exit code $code, expected $wanted and \"$text\""
  head -5 out
  failed=1
}

expect 0 "Usage: longhaul-gui" --help
expect 0 "longhaul-gui " --version
expect 2 "--nonsense is no option" --nonsense
expect 2 "--script needs a file" --script
expect 2 "is not from 75 to 300" --scale 20
expect 2 "is not WIDTHxHEIGHT" --size 10x10
expect 2 "at most four scenarios" a b c d e
expect 65 "no_such_file" --script no_such_file
env -u DISPLAY -u WAYLAND_DISPLAY "$gui" >out 2>&1
[ $? -eq 70 ] && grep -q DISPLAY out || { echo "without a display:"; cat out; failed=1; }
exit $failed
