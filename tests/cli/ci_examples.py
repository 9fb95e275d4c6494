"""ci_examples.py PROGRAM ROOT SCRATCH: runs what the examples for CI say.

Every YAML file of examples/ is read. The commands that call longhaul are run in a directory as the
examples expect it: scenarios/ and baseline.json, or the variables of their step. Where that takes
more than one step of a workflow (shards, then a merge), the steps are run in their order.
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys

try:
    import yaml
except ImportError:
    print("skipped: no python3-yaml")
    sys.exit(77)

program, root, scratch = (pathlib.Path(argument) for argument in sys.argv[1:4])
examples = root / "examples"
flagship = root / "scenarios/patterns/three_regions_read_replicas.json"


def read(path):
    return yaml.safe_load((examples / path).read_text())


def run(command, code=0, **variables):
    environment = {key: value for key, value in os.environ.items() if not key.startswith("GITHUB")}
    environment.update(variables, PATH=f"{scratch / 'bin'}:{os.environ['PATH']}")
    done = subprocess.run(["bash", "-eo", "pipefail", "-c", command], cwd=scratch / "work",
                          env=environment, capture_output=True, text=True)
    if done.returncode != code:
        sys.exit(f"{command}\nexit code {done.returncode}, expected {code}\n"
                 f"{done.stdout[-3000:]}{done.stderr[-3000:]}")
    return done


def step(workflow, job, name):
    return next(step for step in workflow["jobs"][job]["steps"] if step.get("name") == name)


def check(truth, what):
    if not truth:
        sys.exit(f"expected: {what}")


shutil.rmtree(scratch, ignore_errors=True)
(scratch / "bin").mkdir(parents=True)
(scratch / "bin/longhaul").symlink_to(program)
work = scratch / "work"
(work / "scenarios").mkdir(parents=True)
text = flagship.read_text()
check('"duration": "10min"' in text, "the flagship's duration")
text = text.replace('"duration": "10min"', '"duration": "31s"').replace('"seeds": "1..5"', '"seeds": "1..2"')
# Half a minute is too short for what ten are expected to show.
head, _ = text.split('"expect"')
(work / "scenarios/flagship.json").write_text(head + '"expect": {"reads": ["count > 1"]}\n}\n')
run("longhaul baseline write scenarios --baseline baseline.json")

for path in sorted(examples.rglob("*.y*ml")):
    check(list(yaml.safe_load_all(path.read_text())), f"{path} to be YAML")

guide = (root / "docs/ci.md").read_text()
for name in ("github-test.yml", "gitlab-ci.yml", "Jenkinsfile"):
    check((examples / "ci" / name).read_text() in guide, f"docs/ci.md to show {name}")

# GitHub: a summary appended, annotations when something is worse.
test = step(read("ci/github-test.yml"), "test", "Test")["run"]
github = {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(work / "summary.md")}
done = run(test, **github)
check("::error" not in done.stderr, "no annotation")
baseline = work / "baseline.json"
kept = baseline.read_text()
baseline.write_text("".join(
    re.sub(r'"value": "[^"]*"', '"value": "1ms"', line) if '"page_latency{' in line else line
    for line in kept.splitlines(keepends=True)))
done = run(test, code=99, **github)
check("::error file=baseline.json,line=" in done.stderr, "an annotation")
print(next(line for line in done.stderr.splitlines() if line.startswith("::error")))
check((work / "summary.md").read_text().count("## Longhaul") == 2, "two summaries")
check("<failure" in (work / "longhaul.xml").read_text(), "a failure in longhaul.xml")
baseline.write_text(kept)

# GitLab and Jenkins: the same command.
for line in read("ci/gitlab-ci.yml")["longhaul"]["script"]:
    run(line)
check("## Longhaul" in (work / "longhaul.md").read_text(), "a summary for GitLab")
jenkins = (examples / "ci/Jenkinsfile").read_text()
run(jenkins.split("sh '")[1].split("'")[0])

# A matrix of shards, merged: as one process does it.
sweep = read("ci/github-sweep.yml")
variables = {"SCENARIO": "scenarios/flagship.json", "VARY": "policy.freshness.wait=10ms,20ms"}
shards = sweep["jobs"]["shard"]["strategy"]["matrix"]["shard"]
for shard in shards:
    run(step(sweep, "shard", "Sweep")["run"], SHARD=str(shard), **variables)
merge = step(sweep, "merge", "Merge")["run"]
merged = run(merge).stdout
whole = run("longhaul sweep $SCENARIO --vary $VARY --seeds 1..20 --store one.sqlite", **variables)
check(merged == whole.stdout, "the merged sweep to equal that of one process")
dumps = [run(f"sqlite3 {name} .dump").stdout for name in ("whole.sqlite", "one.sqlite")]
check(dumps[0] == dumps[1], "the same content")

# Kubernetes: an index a pod; the shell of the pod does the arithmetic.
job = read("kubernetes/sweep-job.yaml")["spec"]
check(job["completionMode"] == "Indexed" and job["completions"] == 8, "an indexed Job of 8")
command = job["template"]["spec"]["containers"][0]["command"]
check(command[:2] == ["sh", "-c"] and "/8 " in command[2], "8 shards")
for part in work.glob("part-*.sqlite"):
    part.unlink()
(work / "scenario.json").write_text((work / "scenarios/flagship.json").read_text())
for index in range(job["completions"]):
    run(command[2].replace("/sweep/", f"{work}/").replace("--seeds 1..20", "--seeds 1..2"),
        JOB_COMPLETION_INDEX=str(index))
check(len(list(work.glob("part-*.sqlite"))) == 8, "8 parts")
print("every command of the examples runs")
