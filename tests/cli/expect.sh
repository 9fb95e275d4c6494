# expect.sh: what tests of the program as a shell sees it share. They set `program`, read this file in
# the folder that they work in, and end with `exit $failed`.
failed=0
unset NO_COLOR GITHUB_ACTIONS GITHUB_STEP_SUMMARY

# expect CODE ARGUMENTS...: runs the program, keeps what it says in ./out and ./err.
expect() {
  wanted=$1
  shift
  "$program" "$@" >out 2>err
  code=$?
  [ "$code" -eq "$wanted" ] && return
  echo "longhaul $*: exit code $code, expected $wanted"
  head -30 out err
  failed=1
}

# holds FILE TEXT, lacks FILE TEXT: whether the file contains the text.
holds() {
  grep -qF -- "$2" "$1" && return
  echo "$1 lacks: $2"
  head -40 "$1"
  failed=1
}
lacks() {
  grep -qF -- "$2" "$1" || return 0
  echo "$1 has: $2"
  failed=1
}

empty() {
  [ -s "$1" ] || return 0
  echo "$1 is not empty:"
  head -5 "$1"
  failed=1
}

fail() {
  echo "$*"
  failed=1
}
