# Every file of `longhaul run --out`, byte for byte, and a picture without the dialog's shadow.
program=$1
"$program" run figures.json --out alone >/dev/null 2>&1 || [ $? -eq 99 ] || exit 1
for file in alone/*; do
  cmp "$file" "kept/${file#alone/}" || exit 1
done
[ -s kept/trace.json ] && [ -s kept/pictures/timeline.svg ] && [ -s picture.png ]
