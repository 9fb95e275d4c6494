# smoke.sh GUI ROOT SCRATCH: the program in a real window of a real X server, driven from outside by
# xdotool: it opens, shows something, listens to the keyboard, is idle when nothing happens, and quits.
gui=$1
root=$2
scratch=$3
for tool in xvfb-run xdotool; do
  command -v "$tool" >/dev/null || { echo "there is no $tool"; exit 77; }
done
rm -rf "$scratch"
mkdir -p "$scratch" && cd "$scratch" || exit 1
cat >inside.sh <<'INSIDE'
"$1" "$2/scenarios/patterns/three_regions_read_replicas.json" &
pid=$!
window=
tries=0
while [ -z "$window" ] && [ $tries -lt 100 ]; do
  sleep 0.2
  window=$(xdotool search --pid $pid --name '^Longhaul$' 2>/dev/null | tail -1)
  tries=$((tries + 1))
done
[ -n "$window" ] || { echo "no window"; kill $pid; exit 1; }
xdotool windowfocus "$window" 2>/dev/null
sleep 15
# Processor time of an idle window, in ticks of 1/100 s over 5 s.
before=$(awk '{ print $14 + $15 }' /proc/$pid/stat)
sleep 5
after=$(awk '{ print $14 + $15 }' /proc/$pid/stat)
echo "idle: $((after - before)) ticks of 10 ms in 5 s"
[ $((after - before)) -le 25 ] || { echo "it is not idle"; kill $pid; exit 1; }
xdotool key F1
sleep 1
kill -0 $pid || { echo "it is gone"; exit 1; }
xdotool key ctrl+q
tries=0
while kill -0 $pid 2>/dev/null && [ $tries -lt 100 ]; do
  sleep 0.2
  tries=$((tries + 1))
done
if kill -0 $pid 2>/dev/null; then
  echo "Ctrl+Q did not end it"
  kill $pid
  exit 1
fi
wait $pid
code=$?
[ $code -eq 0 ] || { echo "exit code $code"; exit 1; }
INSIDE
XDG_CONFIG_HOME=$scratch/config
LIBGL_ALWAYS_SOFTWARE=1
export XDG_CONFIG_HOME LIBGL_ALWAYS_SOFTWARE
xvfb-run -a -s "-screen 0 1400x900x24" sh inside.sh "$gui" "$root"
