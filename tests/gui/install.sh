# install.sh CMAKE BUILD ROOT SCRATCH: what `cmake --install` leaves works without the checkout: the
# programs, the scenarios they come with, and the desktop's entry.
cmake=$1
build=$2
root=$3
scratch=$4
. "$root/tests/gui/screen.sh"
rm -rf "$scratch"
mkdir -p "$scratch" && cd "$scratch" || exit 1
"$cmake" --install "$build" --prefix "$scratch/usr" >install.log 2>&1 || { cat install.log; exit 1; }
entry=usr/share/applications/longhaul-gui.desktop
shipped=usr/share/longhaul/scenarios
failed=0
lacks() {
  echo "$*"
  failed=1
}
program=$(sed -n 's/^Exec=\([^ ]*\).*/\1/p' $entry)
[ -x "usr/bin/$program" ] || lacks "$entry starts $program, which is not in bin/"
[ -f "usr/share/icons/hicolor/scalable/apps/$(sed -n 's/^Icon=//p' $entry).svg" ] ||
  lacks "the icon of $entry is not there"
of_checkout=$(find "$root/scenarios" -type f | wc -l)
installed=$(find $shipped -type f | wc -l)
[ "$installed" -eq "$of_checkout" ] || lacks "$installed of $of_checkout files of scenarios/"
usr/bin/longhaul check $shipped/patterns/three_regions_read_replicas.json >check.log 2>&1 ||
  { cat check.log; lacks "the shipped flagship is not sound"; }
# Away from the checkout the start page offers what was installed.
open_screen 1300x900 || exit 77
cat >script.txt <<'S'
size 1280 800
expect start_page
wait_mark start.template.backfill_with_throttling
S
(unset LONGHAUL_SCENARIOS; usr/bin/longhaul-gui --script script.txt) || lacks "no templates"
exit $failed
