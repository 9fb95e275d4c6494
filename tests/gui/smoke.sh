# smoke.sh GUI ROOT SCRATCH: the program in a real window of a real X server, driven from outside by
# xdotool: it opens, shows something, listens to the keyboard, is idle when nothing happens, and quits.
gui=$1
root=$2
scratch=$3
command -v xdotool >/dev/null || { echo "there is no xdotool"; exit 77; }
. "$root/tests/gui/screen.sh"
rm -rf "$scratch"
mkdir -p "$scratch" && cd "$scratch" || exit 1
open_screen 1400x900 || exit 77
# A picture needs no script: it is of the finished run.
"$gui" --screenshot one.png "$root/scenarios/limits/patroni_primary_host_lost.json" || exit 1
[ "$(head -c 4 one.png | tail -c 3)" = PNG ] || { echo "one.png is no picture"; exit 1; }
"$gui" "$root/scenarios/patterns/three_regions_read_replicas.json" &
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
# Once its first run is over it is to be idle: ticks of 10 ms in two seconds.
tries=0
ticks=1000
while [ $ticks -gt 10 ] && [ $tries -lt 60 ]; do
  before=$(awk '{ print $14 + $15 }' /proc/$pid/stat)
  sleep 2
  ticks=$(($(awk '{ print $14 + $15 }' /proc/$pid/stat) - before))
  tries=$((tries + 1))
done
echo "idle: $ticks ticks of 10 ms in 2 s"
[ $ticks -le 10 ] || { echo "it is not idle"; kill $pid; exit 1; }
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
