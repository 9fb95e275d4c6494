# baseline.sh PROGRAM ROOT SCRATCH: baselines as a shell sees them.
program=$1
flagship=$2/scenarios/patterns/three_regions_read_replicas.json
scratch=$3
rm -rf "$scratch"
mkdir -p "$scratch/scenarios" && cd "$scratch" || exit 1
. "$2/tests/cli/expect.sh"
sed 's/"expect": {/"expect": {"reads": ["count > 1"],/' "$flagship" >scenarios/a.json
fast='--until 31s --seeds 1..2'

# The same bytes each time, whatever the number of threads; and nothing to complain about.
expect 0 baseline write scenarios $fast --baseline base.json --jobs 1
expect 0 baseline write scenarios $fast --baseline again.json --jobs 3
cmp -s base.json again.json || fail 'two runs, two baselines'
expect 0 baseline diff scenarios $fast --baseline base.json
holds out 'figures as they were'
lacks out 'WORSE'

# Tightened: the metric, the value before and now, the tolerance.
sed '/"page_latency{region:aws:us-east-1,outcome:ok}"/s/"value": "[^"]*"/"value": "2.5ms"/' base.json >tight.json
expect 99 baseline diff scenarios $fast --baseline tight.json
holds out 'WORSE'
holds out 'page_latency{region:aws:us-east-1,outcome:ok}'
holds out 'was 2.5ms'
holds out 'tolerance 5% or 100us'
line=$(grep -n '"page_latency{region:aws:us-east-1,outcome:ok}"' tight.json | cut -d: -f1)
GITHUB_ACTIONS=true GITHUB_STEP_SUMMARY=step.md \
  expect 99 test scenarios $fast --baseline tight.json --junit j.xml --set 'expect={"reads": ["count > 1"]}'
holds err "::error file=tight.json,line=$line::three_regions_read_replicas: page_latency{region:aws:us-east-1,outcome:ok} p(95): was 2.5ms, is "
holds step.md '**missed** | three\_regions\_read\_replicas | baseline: page\_latency{region:aws:us-east-1,outcome:ok} p(95) | was 2.5ms, is '
holds j.xml '<failure type="worse" message="was 2.5ms, is '

# A baseline and a scenario both missed give one verdict; either alone is enough.
expect 0 test scenarios $fast --baseline base.json --set 'expect={"reads": ["count > 1"]}'
expect 99 test scenarios $fast --baseline base.json --set 'expect={"reads": ["count == 1"]}'

# Missing: a metric of nobody, a label of nobody, a scenario that did not run.
sed 's/"stale_reads"/"stale_looks"/' base.json >gone.json
expect 99 baseline diff scenarios $fast --baseline gone.json
holds out 'MISSING'
holds out 'stale_looks'
sed 's/region:aws:us-east-1,outcome:ok/region:aws:us-west-9,outcome:ok/' base.json >gone.json
expect 99 baseline diff scenarios $fast --baseline gone.json
holds out 'us-west-9'
sed 's/"scenario": "three_regions_read_replicas"/"scenario": "of_old"/' base.json >gone.json
expect 99 baseline diff scenarios $fast --baseline gone.json
holds out 'of_old'
holds out 'not among those that ran'
holds out 'does not know this scenario'

# Of one file only that is asked; a directory is asked for all that the baseline has of it.
sed 's/"name": "three_regions_read_replicas"/"name": "another"/' scenarios/a.json >scenarios/b.json
expect 0 baseline write scenarios $fast --baseline two.json
expect 0 test scenarios/a.json $fast --baseline two.json --set 'expect={"reads": ["count > 1"]}'
expect 0 baseline diff scenarios/b.json $fast --baseline two.json
mkdir -p elsewhere && cp scenarios/a.json elsewhere/
expect 0 baseline diff elsewhere $fast --baseline two.json
rm scenarios/b.json
expect 99 baseline diff scenarios $fast --baseline two.json
holds out 'not among those that ran'
holds out another

# A miss comes with the command that finds it again.
sed '/cost_usd/s/"value": "[^"]*"/"value": "1"/' base.json >cheap.json
GITHUB_ACTIONS=true expect 99 baseline diff scenarios $fast --baseline cheap.json
again='longhaul baseline diff scenarios/a.json --baseline cheap.json --seeds 1..2 --until 31s'
holds out "$again"
holds err "$again"
expect 99 ${again#longhaul }

# New and better are said, and are no miss.
sed -e '/"metric": "stale_reads"/d' -e '/cost_usd/s/"value": "[^"]*"/"value": "99999"/' base.json >old.json
expect 0 baseline diff scenarios $fast --baseline old.json
holds out 'new'
holds out 'better'
holds out 'longhaul baseline write scenarios --baseline old.json --seeds 1..2 --until 31s'

# Renewed: values, not what somebody decided.
sed -e '/cost_usd/s/"relative": "1%"/"relative": "7%"/' -e '/cost_usd/s/"value": "[^"]*"/"value": "1"/' \
  -e '/"metric": "errors"/s/lower_is_better/either/' -e '/"metric": "stale_reads"/d' \
  -e 's/      "figures"/      "leave_out": ["stale_reads"],\n      "figures"/' base.json >mine.json
expect 0 baseline write scenarios $fast --baseline mine.json
grep cost_usd mine.json >line
holds line '"relative": "7%"'
lacks line '"value": "1"'
grep '"metric": "errors"' mine.json >line
holds line either
holds mine.json '"leave_out": ["stale_reads"]'
lacks mine.json '"metric": "stale_reads"'
cp mine.json kept.json
expect 0 baseline write scenarios $fast --baseline mine.json
cmp -s mine.json kept.json || fail 'renewing what is new changes it'

# Other runs are refused unless somebody says that they may be compared.
expect 65 baseline diff scenarios --until 31s --seeds 1..3 --baseline base.json
holds err 'seeds: "1..2"; expected 1..3, as now'
holds err '--allow-other seeds'
expect 65 baseline diff scenarios --until 32s --seeds 1..2 --baseline base.json
holds err 'until'
sed 's/"catalogue": "[^"]*"/"catalogue": "0123456789abcdef"/' base.json >other.json
expect 65 baseline diff scenarios $fast --baseline other.json
holds err 'other.json:4: catalogue: "0123456789abcdef"'
expect 0 baseline diff scenarios $fast --baseline other.json --allow-other catalogue
# One seed in place of two has half the reads.
expect 99 baseline diff scenarios --until 31s --seeds 2..2 --baseline base.json --allow-other seeds
holds out 'reads '
expect 2 test scenarios --allow-other seeds
expect 2 baseline diff scenarios --baseline base.json --allow-other weather

# Bad files: where, what, and what was expected.
sed -e '/cost_usd/s/"value": "[^"]*"/"value": "cheap"/' -e 's/"format": 1/"format": 2/' \
  -e '/"metric": "errors"/s/lower_is_better/lowest_is_better/' base.json >bad.json
line=$(grep -n cost_usd bad.json | cut -d: -f1)
expect 65 baseline diff scenarios $fast --baseline bad.json
holds err 'bad.json:2:'
holds err 'format: 2'
holds err 'did you mean "lower_is_better"'
sed -e '/cost_usd/s/"value": "[^"]*"/"value": "cheap"/' base.json >bad.json
expect 65 test scenarios $fast --baseline bad.json
holds err "bad.json:$line:"
holds err 'value: "cheap"; expected a whole number'
expect 65 baseline write scenarios $fast --baseline bad.json
expect 65 baseline diff scenarios $fast --baseline nowhere.json
expect 2 baseline
expect 2 baseline write scenarios
# Said before anything runs.
expect 2 baseline write scenarios $fast --baseline nowhere/base.json
holds err 'nowhere/base.json'

exit $failed
