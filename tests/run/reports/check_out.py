"""Runs a scenario with --out and reads what was written with parsers that are not ours.

usage: check_out.py LONGHAUL SCENARIO.json DIRECTORY
"""

import csv
import html.parser
import json
import os
import shutil
import subprocess
import sys

FILES = ["latency_log.csv", "metrics.txt", "report.html", "report.md", "report.txt",
         "result.json", "scenario.json", "series.csv", "trace.json"]


def run(program, scenario, out, *more):
    done = subprocess.run([program, "run", scenario, "--out", out, "--quiet", *more],
                          stdout=subprocess.PIPE, check=False)
    assert done.returncode in (0, 99), done.returncode


def read(out, name):
    with open(os.path.join(out, name), newline="", encoding="utf-8") as file:
        return file.read()


def check_series(out, result):
    rows = list(csv.DictReader(read(out, "series.csv").splitlines(keepends=True)))
    assert rows
    assert list(rows[0]) == ["run", "seed", "t", "metric", "labels", "value"]
    assert {row["run"] for row in rows} == {result["scenario"]["name"]}
    times = [float(row["t"]) for row in rows]
    assert times == sorted(times) and times[-1] == result["simulated_ns"] / 1e9
    assert len(set(times)) <= 300
    for row in rows:
        float(row["value"])
    shares = [float(row["value"]) for row in rows if row["metric"].endswith("_ratio")]
    assert shares and all(0 <= share <= 1 for share in shares)
    # What was read in the measured intervals is what the result counts.
    first = (result["simulated_ns"] - result["measured_ns"]) / 1e9
    reads = sum(int(row["value"]) for row in rows
                if row["metric"] == "reads" and float(row["t"]) > first)
    counted = sum(cell["count"] for cell in result["metrics"]["reads"]["series"]
                  if len(cell["labels"]) == 2)
    assert reads == counted, (reads, counted)


def check_latency_log(out):
    rows = list(csv.DictReader(read(out, "latency_log.csv").splitlines(keepends=True)))
    assert rows
    assert {row["query"] for row in rows} <= {"read", "write", "transaction", "page"}
    for row in rows:
        if row["after_count"] not in ("", "0"):
            assert float(row["after_p50_ms"]) <= float(row["after_p95_ms"])
    return rows


class Page(html.parser.HTMLParser):
    """Elements that nest, and attributes that fetch nothing."""

    def __init__(self):
        super().__init__()
        self.open = []
        self.pictures = 0

    def handle_starttag(self, tag, attrs):
        assert tag not in ("script", "link", "iframe", "img", "object", "base"), tag
        for name, value in attrs:
            assert name not in ("src", "href", "srcset", "style"), name
            assert not name.startswith("on"), name
            assert "url(" not in (value or ""), value
        if tag != "meta":
            self.open.append(tag)
        self.pictures += tag == "svg"

    def handle_startendtag(self, tag, attrs):
        pass

    def handle_endtag(self, tag):
        assert self.open and self.open.pop() == tag, tag


def check_page(out):
    text = read(out, "report.html")
    page = Page()
    page.feed(text)
    page.close()
    assert not page.open, page.open
    assert page.pictures >= 8, page.pictures
    assert "http" not in text.replace("http-equiv", ""), "an address"
    assert "Content-Security-Policy" in text


def check_metrics(out, result):
    text = read(out, "metrics.txt")
    assert text.endswith("# EOF\n")
    try:
        from prometheus_client.openmetrics.parser import text_string_to_metric_families
    except ImportError:
        print("no python3-prometheus-client: metrics.txt was not parsed")
        return False
    families = {family.name: family for family in text_string_to_metric_families(text)}
    assert families["longhaul_reads"].type == "counter"
    assert families["longhaul_page_latency_seconds"].unit == "seconds"
    end = result["simulated_ns"] / 1e9
    for family in families.values():
        for sample in family.samples:
            assert float(sample.timestamp) == end, sample
    reads = sum(sample.value for sample in families["longhaul_reads"].samples)
    counted = sum(cell["count"] for cell in result["metrics"]["reads"]["series"]
                  if len(cell["labels"]) == 2)
    assert reads == counted
    return True


def main(program, scenario, out):
    shutil.rmtree(out, ignore_errors=True)
    first = os.path.join(out, "first")
    run(program, scenario, first)
    assert sorted(os.listdir(first)) == FILES, os.listdir(first)
    result = json.loads(read(first, "result.json"))
    check_series(first, result)
    before = check_latency_log(first)
    check_page(first)
    parsed = check_metrics(first, result)

    # The scenario beside the report gives the same run, without the comments of the first.
    again = os.path.join(out, "again")
    run(program, os.path.join(first, "scenario.json"), again, "--latency-baseline", first)
    for name in FILES:
        if name not in ("latency_log.csv", "report.html", "report.md"):
            assert read(first, name) == read(again, name), name
    for row in check_latency_log(again):
        assert row["baseline_p50_ms"] == row["after_p50_ms"], row
    assert len(before) == len(check_latency_log(again))

    # The sampler changes nothing.
    plain = subprocess.run([program, "run", scenario, "--json"], stdout=subprocess.PIPE,
                           check=False)
    assert plain.stdout.decode() == read(first, "result.json")

    # A directory that cannot be written is said before the run, on one line.
    blocked = os.path.join(out, "blocked")
    with open(blocked, "w", encoding="utf-8"):
        pass
    refused = subprocess.run([program, "run", scenario, "--out", blocked + "/in"],
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    assert refused.returncode == 2 and not refused.stdout, refused
    missing = subprocess.run([program, "run", scenario, "--out", again,
                              "--latency-baseline", out + "/none.csv"],
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    assert missing.returncode == 65 and not missing.stdout, missing
    return 0 if parsed else 77


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
