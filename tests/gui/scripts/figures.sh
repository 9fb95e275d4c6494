# Every figure that the screen has shown, against `longhaul run --json`.
program=$1
command -v python3 >/dev/null || { echo "there is no python3"; exit 77; }
"$program" run figures.json --json >alone.json || [ $? -eq 99 ] || exit 1
python3 - "$2" alone.json <<'PYTHON'
import json, sys

shown = dict(line.split(" ", 1) for line in open(sys.argv[1]).read().splitlines())
alone = json.load(open(sys.argv[2]))


def row(metric, **labels):
    found = [s for s in alone["metrics"][metric]["series"] if s["labels"] == labels]
    assert len(found) == 1, (metric, labels, len(found))
    return found[0]


wanted = {"digest": alone["digest"]}
for region in ("aws:us-east-2", "aws:eu-west-1"):
    pages = row("page_latency", region=region)
    wanted["figure.pages." + region] = pages["count"]
    for name, key in (("p50", "med"), ("p95", "p95"), ("p99", "p99")):
        wanted[f"figure.page_{name}.{region}"] = pages[key]
failed = [s for s in alone["metrics"]["page_latency"]["series"]
          if s["labels"].get("region") == "aws:eu-west-1" and s["labels"].get("outcome") == "error"]
wanted["figure.page_errors.aws:eu-west-1"] = sum(s["count"] for s in failed)
wanted["figure.stale_reads.aws:eu-west-1"] = row("stale_reads", region="aws:eu-west-1")["share_ppm"]
lag = row("replication_lag", replica="db-ireland", stage="replay")
for name, key in (("p50", "med"), ("p99", "p99"), ("max", "max")):
    wanted[f"figure.lag_{name}.db-ireland"] = lag[key]
wanted["figure.lost_transactions"] = sum(
    s["count"] for s in alone["metrics"]["lost_transactions"]["series"])

wrong = [f"{name}: shown {shown[name]}, alone {wanted[name]}"
         for name in shown if str(wanted[name]) != shown[name]]
print("\n".join(wrong) or f"{len(shown)} figures are the same")
sys.exit(1 if wrong or len(shown) < 14 else 0)
PYTHON
