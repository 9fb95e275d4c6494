# exit_codes.sh PROGRAM ROOT SCRATCH: the program as a shell sees it.
program=$1
scenario=$2/scenarios/patterns/three_regions_read_replicas.json
scratch=$3
rm -rf "$scratch"
mkdir -p "$scratch" && cd "$scratch" || exit 1
. "$2/tests/cli/expect.sh"

sed 's/"expect": {/"expect": {"reads": ["count == 1"],/' "$scenario" >missed.json
sed 's/"format": 1/"format": 7, "nmae": 1/' "$scenario" >bad.json
fast='--until 40s'

# 0: results on standard output, nothing on standard error, not one escape code.
expect 0 run "$scenario" $fast --set 'expect={"reads": ["count > 1"]}'
holds out 'digest'
empty err
if grep -q "$(printf '\033')" out; then fail 'escape codes without a terminal'; fi
expect 0 --version
holds out 'longhaul '
expect 0 --help
holds out 'Exit codes'
expect 0 run --help
expect 0 schema
holds out '"$schema"'
expect 0 params policy.lag_breaker.open_above
holds out 'policy.lag_breaker.open_above'
expect 0 params --metrics
holds out 'read_latency'
expect 0 regions --between aws:us-east-1 aws:eu-west-1 --json
holds out '"estimate": false'
expect 0 check "$scenario"
expect 0 advise "$scenario" --until 40s --seeds 1..1 --page save_profile
holds out 'legs 1 x 69.6ms to db-us'
holds out 'WHAT HELPS'
holds out 'A month as it is'
expect 2 advise "$scenario" --until 40s --seeds 1..1 --page save
holds err 'save_profile'
expect 2 freshness "$scenario" --replica nowhere
holds err '--replica'
expect 2 freshness "$scenario" --lag 8d
holds err '--lag'
expect 2 breakers "$scenario" --replica nowhere
expect 0 breakers --help
holds out 'longhaul breakers x.json'
expect 2 site-loss "$scenario" --for 0s
holds err '--for'
expect 0 site-loss "$2/scenarios/drills/third_vote_in_a_third_region.json" --for 30s --seeds 1..1
holds out 'isolated  aws:us-east-1'
holds out 'Somebody waits'
expect 2 site-loss "$scenario" --until 40s
expect 2 sla "$scenario" --until 40s
expect 65 site-loss missed_nowhere.json
expect 65 sla "$scenario" --set sla.host.every=1s
holds err 'sla.host.every'
# A drill: somebody who promotes what is only cut off from them; the same bytes again.
drill=$2/scenarios/drills/drill_region_dark.json
printf 'wait\npromote db-eu\nwait\nwait\ndone\n' >typed
"$program" drill "$drill" --variant region_isolated --record play <typed >out 2>err
[ $? -eq 99 ] || fail 'drill: a split brain passed'
holds out 'It was region_isolated'
holds play 'promote db-eu'
expect 99 drill "$drill" --variant region_isolated --actions play --runbook runbook.md
holds runbook.md 'did not pass'
mv out first
expect 99 drill "$drill" --variant region_isolated --actions play --jobs 1
cmp -s out first || fail 'drill: not the same again'
expect 2 drill "$drill" --variant region_asleep
holds err 'expected a variant of the drill'
expect 2 drill "$drill" --clock slow
expect 65 drill "$scenario"
expect 65 drill "$drill" --actions nowhere.actions
expect 65 claims "$scenario"
holds err 'claims'
expect 0 diff "$scenario" --until 31s
holds out 'no difference'

# A run that is kept, asked about single requests, and made again.
expect 0 run "$scenario" $fast --set 'expect={"reads": ["count > 1"]}' --out asked
holds asked/trace.json '"traceEvents"'
expect 0 explain asked
holds out 'SLOWEST'
id=$(sed -n 's/^  \(ap[/][0-9]*#[0-9]*\) .*/\1/p' out | head -1)
[ -n "$id" ] || fail 'explain: no request of ap is listed'
expect 0 explain asked --request "$id"
holds out 'WHERE THE TIME WENT'
holds out 'WHAT THE ROUTER SAW'
mv out first
expect 0 explain asked --request "$id" --json
holds out '"sentence"'
cp out told
# Of the scenario itself it is the same request; its file is not the one that was kept.
expect 0 explain "$scenario" $fast --request "$id" --json
expect 0 explain asked --find slowest --find region:aws:ap-northeast-1 --json
holds out '"region": "aws:ap-northeast-1"'
if grep -q '"region": "aws:eu-west-1"' out; then fail 'explain: a request of another region'; fi
expect 2 explain asked --request eu_/1#1
holds err 'did you mean "eu"'
expect 2 explain asked --request 4711
holds err 'such as eu/17#42'
expect 2 explain asked --request "eu/0#1000000"
holds err 'from eu/0#0 to eu/0#'
expect 2 explain asked --find stael
holds err 'did you mean "stale"'
expect 2 explain asked --seed 2
expect 0 explain asked/result.json --request "$id" --json
cmp -s out told || fail 'explain: result.json tells something else than its directory'
expect 65 explain missing.json
mkdir -p void
expect 65 explain void
expect 0 diff asked asked
holds out 'no difference'
expect 99 diff asked asked --set-b policy.freshness.rule=none
holds out 'is about request'
sed 's/"release": "[^"]*"/"release": "0.0.0"/' asked/result.json >asked/other.json
mv asked/other.json asked/result.json
expect 0 explain asked --find stale
holds err 'made by release 0.0.0'
lacks out 'made by release'
# A run that ended early, beside the whole one: the end is named.
expect 99 diff asked "$scenario"
holds out 'end of the run (--until)'
holds out 'has ended'
# Another run than the directory's: said beside the result, and by the exit code.
sed 's/"digest": "[^"]*"/"digest": "0123456789abcdef"/' asked/result.json >asked/other.json
mv asked/other.json asked/result.json
expect 65 explain asked --find stale
holds err 'makes another run of it'
lacks out 'another run'
expect 65 diff asked asked
expect 65 run asked

# A directory is enough to make its run again: seed, end, order of ties and round trips of one's own.
printf 'aws:us-east-1,aws:eu-west-1,200\naws:eu-west-1,aws:us-east-1,200\n' >rtt.csv
expect 99 run "$scenario" --until 35s --seed 3 --tie-order permute:9 --rtt-csv rtt.csv --out mine --json
cp out whole
rm rtt.csv
expect 99 run mine --json
cmp -s out whole || fail 'run: the directory gives another run'
expect 0 diff mine mine
empty err
expect 2 run mine --seed 4
expect 99 run "$scenario" --until 35s --out mine --set workload.eu.rate=1/s --set 'expect={"reads": ["count == 1"]}'
[ -e mine/rtt.csv ] && fail 'run: round trips of an earlier run are still there'

# 99: a miss, and runs that differ.
expect 99 run missed.json $fast
holds out 'MISSED'
expect 99 test missed.json $fast --seeds 3..4
holds out 'missed.json --seed 3 --until 40s'
expect 99 diff "$scenario" --seed 1 --seed-b 2
holds out 'The runs differ'

# 65: bad scenarios, with all mistakes; wins over 99, and the others still run.
expect 65 run bad.json
empty out
holds err 'format: 7'
holds err 'nmae'
holds err 'did you mean "name"'
expect 65 run missing.json
holds err 'missing.json'
expect 65 test bad.json missed.json $fast --seeds 1
holds out 'MISSED'
holds err 'nmae'
expect 65 check bad.json "$scenario"
expect 65 run "$scenario" --set workload.eu.rate=50
expect 65 run "$scenario" --set workload.eu.rat=50/s
holds err 'did you mean "rate"'
expect 65 regions --between aws:us-east-1 aws:eu-west-9

# 2: wrong usage, said on standard error.
for arguments in '' 'run' 'fly' 'run x.json --speed 3' 'run x.json --seed x' 'test x.json --seeds 5..1' \
                 'test x.json --jobs 0' 'run x.json --until 5' 'run x.json --tie-order random' \
                 'params no.such' 'regions --between aws:us-east-1'; do
  expect 2 $arguments
  empty out
done
: >file
expect 2 run "$scenario" $fast --out file
expect 2 fly
holds err 'fly: no such command'
expect 2 rnu x.json
holds err 'did you mean "run"'
expect 2 run "$scenario" $fast --out asked --trace-window 50s..60s
holds err 'before the run ends, at 40s'
# A time before the end of the warm-up, which the option alone does not tell.
for command in run test check compare explain diff advise lag-threshold failovers; do
  expect 2 $command "$scenario" --until 5s
  holds err 'after the warm-up'
done
expect 65 check bad.json "$scenario" --until 5s
expect 0 site-loss --help
lacks out '--until'
# Where nothing can be written is said before the work.
for option in 'test --junit' 'test --summary' 'failovers --svg' 'outage --svg' 'lag-threshold --svg' \
              'site-loss --svg'; do
  expect 2 $option nowhere/file "$scenario" --seeds 1..100000
  holds err 'nowhere/file'
done
expect 65 pareto "$scenario" "$scenario" --until 31s --seeds 1..2
holds err 'another design'

# The same bytes each time, whatever the number of threads.
expect 0 run "$scenario" $fast --json --set 'expect={"reads": ["count > 1"]}'
cp out first
expect 0 run "$scenario" $fast --json --set 'expect={"reads": ["count > 1"]}'
cmp -s out first || fail 'two runs, two results'
expect 99 test missed.json $fast --seeds 1..4 --jobs 1 --junit j1.xml --summary s1.md
cp out first
expect 99 test missed.json $fast --seeds 1..4 --jobs 3 --junit j3.xml --summary s3.md
cmp -s out first && cmp -s j1.xml j3.xml && cmp -s s1.md s3.md || fail 'threads change the result'

# --out keeps everything; the kept scenario gives the same run.
expect 99 run missed.json $fast --out kept/run
[ "$(ls kept/run | tr '\n' ' ')" = 'latency_log.csv metrics.txt report.html report.md report.txt result.json scenario.json series.csv trace.json ' ] ||
  fail "kept: $(ls kept/run)"
cmp -s out kept/run/report.txt || fail 'report.txt is not what was printed'
expect 99 run kept/run/scenario.json $fast --json
cmp -s out kept/run/result.json || fail 'the kept scenario gives another result'

# --quiet says what did not hold, and nothing else.
expect 99 run missed.json $fast --quiet
holds out MISSED
grep -q ok out && fail 'quiet says what holds'
expect 0 run "$scenario" $fast --quiet --set 'expect={"reads": ["count > 1"]}'
empty out

# The latency log is compared with an earlier one.
expect 2 run "$scenario" $fast --latency-baseline kept/run
expect 65 run "$scenario" $fast --out kept/again --latency-baseline none
expect 65 run "$scenario" $fast --out kept/again --latency-baseline kept/run/report.md
expect 0 run "$scenario" $fast --out kept/again --latency-baseline kept/run --set 'expect={"reads": ["count > 1"]}'
holds kept/again/report.html 'Latency before and after'

# GitHub: annotations beside the result, the summary appended.
echo before >summary.md
GITHUB_ACTIONS=true GITHUB_STEP_SUMMARY=summary.md expect 99 test missed.json $fast --seeds 1
holds err '::error file=missed.json,line='
holds summary.md before
holds summary.md '## Longhaul'

# A reader that leaves is no error; a full disk is.
"$program" regions 2>err | head -1 >/dev/null
empty err
{ "$program" run "$scenario" $fast --json --set 'expect={"reads": ["count > 1"]}' 2>err
  echo $? >code; } | :
[ "$(cat code)" -eq 0 ] || fail "broken pipe: exit code $(cat code)"
empty err
if [ -w /dev/full ]; then
  "$program" regions >/dev/full 2>err
  [ $? -eq 70 ] || fail 'a full disk went unnoticed'
  holds err 'standard output'
fi

# SIGINT keeps what is finished.
"$program" test "$scenario" --seeds 1..100000 --jobs 1 >out 2>err &
pid=$!
sleep 3
kill -INT $pid
wait $pid
[ $? -eq 130 ] || fail 'SIGINT: not 130'
holds out 'interrupted'
holds out ' of 100000, interrupted'  # one seed or more, by the speed of the build

exit $failed
