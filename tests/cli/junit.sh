# junit.sh PROGRAM ROOT SCRATCH: the JUnit XML of `longhaul test` as others read it.
#
# One report holds all there is: cases that pass, fail and err, figures of a baseline, control
# characters and markup in names. It is validated by xmllint against junit.xsd beside this file, and
# against the schema named by LONGHAUL_JENKINS_XSD, if any: junit-10.xsd of Jenkins' xUnit plug-in.
program=$1
root=$2
here=$root/tests/cli
flagship=$root/scenarios/patterns/three_regions_read_replicas.json
scratch=$3
command -v xmllint >/dev/null || { echo 'skipped: no xmllint (Debian: libxml2-utils)'; exit 77; }
unset GITHUB_ACTIONS GITHUB_STEP_SUMMARY
rm -rf "$scratch"
mkdir -p "$scratch/scenarios" && cd "$scratch" || exit 1

fail() {
  echo "$*"
  exit 1
}
# is XPATH TEXT: what the expression gives in the report.
is() {
  found=$(xmllint --xpath "string($1)" report.xml)
  [ "$found" = "$2" ] || fail "$1 is \"$found\", expected \"$2\""
}

fast='--until 31s --seeds 1..2'
sed 's/"expect": {/"expect": {"reads": ["count > 1"],/' "$flagship" >scenarios/holds.json
sed -e 's/"expect": {/"expect": {"reads": ["count == 1"], "writes": ["count > 0"],/' \
    -e 's/"name": "three_regions_read_replicas"/"name": "misses"/' "$flagship" >scenarios/misses.json
# Written \u0001 and so on: legal in JSON, banned from XML.
printf '%s\n' '{"format": 1, "name": "a\u0001\u001b[31m<b>&\"c\u007f\ufffe", "nmae\u0002": 1}' \
  >scenarios/bad.json
"$program" baseline write scenarios/holds.json $fast --baseline base.json >out 2>&1 ||
  fail "no baseline: $(cat out)"
# A cost that nobody reaches, and a metric that no longer is.
sed -e '/cost_usd/s/"value": "[0-9]*"/"value": "1"/' -e 's/"stale_reads"/"stale_looks"/' \
  base.json >tight.json
"$program" test scenarios $fast --baseline tight.json --junit report.xml >out 2>err
[ $? -eq 65 ] || fail "exit code $?, expected 65: $(cat err)"

xmllint --noout --schema "$here/junit.xsd" report.xml 2>err || fail "$(cat err)"
if [ -n "$LONGHAUL_JENKINS_XSD" ]; then
  xmllint --noout --schema "$LONGHAUL_JENKINS_XSD" report.xml 2>err || fail "$(cat err)"
  echo "valid by $LONGHAUL_JENKINS_XSD"
fi

# What GitLab shows: the class as the suite, the name, and the text of what is wrong.
is 'count(//testsuite)' 3
is '//testsuite[1]/testcase/error/@type' 'bad scenario'
is 'count(//testsuite[1]/testcase/error[contains(., "nmae")])' 1
is 'count(//testcase[@classname="misses"][@name="reads count == 1"]/failure)' 1
is 'count(//testcase[@classname="misses"][@name="writes count > 0"]/failure)' 0
is 'count(//failure[contains(., "found")][contains(., "scenarios/misses.json:")][contains(., "--seed 1")]) > 0' true
is 'count(//testcase[@classname="three_regions_read_replicas"][starts-with(@name, "baseline cost_usd_per_month avg")]/failure[contains(., "was 1, is ")][contains(., "tight.json:")])' 1
is 'count(//testcase[@name="baseline stale_looks share"]/failure[contains(., "missing")])' 1
is 'count(//testcase[not(@classname)] | //testcase[not(@name)])' 0
# Numbers add up.
is 'sum(//testsuite/@tests) = count(//testcase)' true
is 'sum(//testsuite/@failures) = count(//failure)' true
is 'number(/testsuites/@failures) = count(//failure)' true
is 'number(/testsuites/@errors) = count(//error)' true
echo "valid: $(xmllint --xpath 'count(//testcase)' report.xml) cases," \
  "$(xmllint --xpath 'count(//failure)' report.xml) failures," \
  "$(xmllint --xpath 'count(//error)' report.xml) error"
