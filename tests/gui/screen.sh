# Sourced: a screen without a monitor for as long as the shell lives.

# open_screen SIZE: an X server of its own on the first free number, in DISPLAY. False without Xvfb.
open_screen() {
  command -v Xvfb >/dev/null || { echo "there is no Xvfb"; return 1; }
  Xvfb -displayfd 3 -screen 0 "$1x24" -nolisten tcp 3>display 2>xvfb.log &
  screen_pid=$!
  trap 'kill $screen_pid 2>/dev/null; wait $screen_pid 2>/dev/null' EXIT
  tries=0
  while [ ! -s display ] && [ $tries -lt 150 ]; do
    sleep 0.2
    tries=$((tries + 1))
  done
  [ -s display ] || { echo "Xvfb did not come up"; cat xvfb.log; return 1; }
  DISPLAY=:$(cat display)
  LIBGL_ALWAYS_SOFTWARE=1
  XDG_CONFIG_HOME=$PWD/config
  # What the driver of OpenGL keeps to the end is no leak of ours.
  ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0
  export ASAN_OPTIONS DISPLAY LIBGL_ALWAYS_SOFTWARE XDG_CONFIG_HOME
}
