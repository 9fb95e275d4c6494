#include "run/report.h"

#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "tests/catch.h"
#include "tests/run/tiny_scenario.h"

namespace longhaul {
namespace {

using json = nlohmann::ordered_json;

Summary times(std::int64_t unit_ns) {
  return {.count = 1234,
          .min = unit_ns,
          .avg = 2 * unit_ns,
          .med = 3 * unit_ns,
          .p90 = 4 * unit_ns,
          .p95 = 5 * unit_ns,
          .p99 = 6 * unit_ns,
          .p999 = 7 * unit_ns,
          .max = 8 * unit_ns};
}

RegionReport sample_region() {
  RegionReport region;
  region.region = "aws:eu-west-1";
  region.pages = times(1'000'000);
  region.page_errors = 2;
  region.errors_by_kind = {{"timeout", 2}};
  region.reads = 1000;
  region.read_latency = times(100'000);
  region.reads_by_node = {{"db-eu", 970}, {"db-us", 30}};
  region.write_latency = times(10'000'000);
  region.stale_reads = {21, 1000};
  region.staleness = times(5'000'000);
  region.own_writes_missed = {0, 1000};
  region.went_back = {3, 1000};
  region.users_hit = {0, 10};
  region.write_outage = {.count = 1, .max = 42'000'000'000};
  region.write_outage_censored = true;
  region.availability = {9, 10};
  return region;
}

Report sample_report() {
  Report report;
  report.effective.name = "sample";
  report.effective.purpose = "Shows what a report looks like.";
  report.file = "sample.json";
  report.seed = 7;
  report.simulated = minutes(10);
  report.measured = seconds(570);
  report.warnings = {"policy.router.use_replica_reads: off, so replicas serve nothing"};
  report.estimates = {"ibm:eu-de - aws:eu-west-1"};
  report.regions = {sample_region()};
  ReplicaReport replica;
  replica.name = "db-eu";
  replica.lag = {times(1'000), times(1'000'000), times(2'000'000), times(3'000'000)};
  replica.lag_bytes = {.count = 1, .max = 4096};
  replica.observed_lag = times(9'000'000);
  replica.breaker_opened = 2;
  replica.breaker_moves = 6;
  replica.breaker_open = times(1'000'000'000);
  report.replicas = {replica};
  NodeReport node;
  node.name = "db-us";
  node.region = "aws:us-east-1";
  node.primary = true;
  node.cpu = {.count = 1, .avg = 22'800, .p99 = 254'000, .max = 1'000'000};
  node.connections = {.count = 1, .avg = 65, .max = 100};
  node.max_connections = 100;
  node.commit_latency = times(500'000);
  node.wal_bytes = 6'500'000;
  report.nodes = {node};
  report.regions[0].reads_failed = 12;
  report.traffic = {
      {"aws:us-east-1", "aws:eu-west-1", {6'500'000, 800'000, 0, 50'000, 0, 0, 0, 0}}};
  MetricReport lost{Metric::replicas_lost, {}, {}};
  lost.total.counter.count = 2;
  MetricReport waits{Metric::pool_wait, {}, {}};
  waits.total.summary = times(3'000'000);
  MetricReport none{Metric::cancelled_waits, {}, {}};
  report.metrics = {waits, none, lost};
  report.write_outages = {
      {"aws:eu-west-1", TimePoint{558'000'000'000}, TimePoint{600'000'000'000}, true}};
  report.expectations = {
      {"page_latency", "p(95) < 10ms", {.holds = true, .value = 5'000'000}, "ns", "5ms"},
      {"write_outage", "max == 0s", {.holds = false, .value = 42'000'000'000}, "ns", "42s"},
      {"commit_latency", "med < 1s", {.holds = false, .no_samples = true}, "ns", "0s"},
      {"read_your_writes_violations",
       "count == 0",
       {.holds = true, .value = 0, .upper_bound_ppm = 3'000},
       "count",
       "0"},
  };
  report.events = 1'588'795;
  report.ties = 39'527;
  report.digest = 0x9182e06926c4bd9d;
  return report;
}

std::string golden(const std::string& name, const std::string& printed) {
  const std::string path = LONGHAUL_ROOT "/tests/golden/" + name;
  if (std::getenv("LONGHAUL_REWRITE") != nullptr) std::ofstream(path) << printed;
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

}  // namespace

TEST_CASE("report: text: the tables of a fixed report", "[run][report]") {
  const std::string text = report_text(sample_report());
  REQUIRE(text == golden("report.txt", text));
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    INFO(line);
    REQUIRE(line.size() <= 100);
    REQUIRE((line.empty() || line.back() != ' '));
  }
}

TEST_CASE("report: text: tables that have nothing to say are left out", "[run][report]") {
  Report report = sample_report();
  report.replicas.clear();
  report.traffic.clear();
  report.metrics.clear();
  report.write_outages.clear();
  report.regions[0].write_latency = {};
  const std::string text = report_text(report);
  for (const char* title : {"TRUE LAG", "BETWEEN REGIONS", "ALSO COUNTED", "WRITE OUTAGES",
                            "\nWRITES", "TRANSACTIONS"}) {
    INFO(title);
    REQUIRE(text.find(title) == text.npos);
  }
  REQUIRE(text.find("READS") != text.npos);
}

TEST_CASE("report: text: each verdict is a word", "[run][report]") {
  REQUIRE(verdict_word({.holds = true}) == "ok");
  REQUIRE(verdict_word({.holds = false}) == "MISSED");
  REQUIRE(verdict_word({.holds = false, .no_samples = true}) == "NO SAMPLES");
}

TEST_CASE("report: numbers: shares keep three digits and never round to nothing or all",
          "[run][report]") {
  REQUIRE(share_text(0) == "0%");
  REQUIRE(share_text(1) == "0.0001%");
  REQUIRE(share_text(4'211) == "0.421%");
  REQUIRE(share_text(42'149) == "4.21%");
  REQUIRE(share_text(974'499) == "97.4%");
  REQUIRE(share_text(974'500) == "97.5%");
  REQUIRE(share_text(999'999) == "99.9%");
  REQUIRE(share_text(1'000'000) == "100%");
  REQUIRE(count_text(0) == "0");
  REQUIRE(count_text(999) == "999");
  REQUIRE(count_text(1'000) == "1,000");
  REQUIRE(count_text(-1'234'567) == "-1,234,567");
}

TEST_CASE("report: a zero leaves three in n", "[run][report]") {
  // 3 / 81'000 = 37.04 ppm, rounded up.
  REQUIRE(share_bound_ppm({0, 81'000}) == 38);
  REQUIRE(share_bound_ppm({0, 2}) == 1'000'000);
  REQUIRE(!share_bound_ppm({0, 0}));
  REQUIRE(!share_bound_ppm({1, 81'000}));
  REQUIRE(share_ppm({1, 3}) == 333'333);
  REQUIRE(!share_ppm({0, 0}));
}

TEST_CASE("report: a run's figures arrive in it", "[run][report]") {
  const Scenario scenario = load_tiny();
  const RunResult result = run(scenario, 2);
  const Report report = make_report(scenario, result);
  REQUIRE(report.seed == 2);
  REQUIRE(report.simulated == seconds(20));
  REQUIRE(report.measured == seconds(19));
  REQUIRE(report.events == result.events);
  REQUIRE(report.digest == result.digest);
  // Users are in one of the two regions; only that one has a row.
  REQUIRE(report.regions.size() == 1);
  const RegionReport& eu = report.regions[0];
  // 20 pages a second for 19 s; a Poisson number lies within five deviations of its mean.
  REQUIRE(eu.pages.count > 380 - 5 * 20);
  REQUIRE(eu.pages.count < 380 + 5 * 20);
  // Every page is one statement, a read or a write; a few pages are under way at both ends.
  REQUIRE(std::abs(eu.reads + eu.write_latency.count - eu.pages.count) < 10);
  // Nobody reads elsewhere: the replica is near and not behind.
  REQUIRE(eu.reads_by_node.front().first == "db-eu");
  REQUIRE(report.replicas.size() == 1);
  REQUIRE(report.nodes.size() == 2);
  REQUIRE(report.nodes[0].primary);
  // The first expectation holds, a page over the ocean takes more than 1 ms, nothing was missed.
  REQUIRE(report.expectations[0].verdict.holds);
  REQUIRE(!report.expectations[1].verdict.holds);
  REQUIRE(report.expectations[2].verdict.holds);
  REQUIRE(!report.holds());
}

TEST_CASE("report: the canary's pages are not the users'", "[run][report]") {
  const Scenario with = load_tiny();
  const Scenario without = load_tiny({"canary=0/s"});
  const Report a = make_report(with, run(with, 1));
  const Report b = make_report(without, run(without, 1));
  // Users draw from their own streams, so the canary does not change how many pages they ask for.
  REQUIRE(std::abs(a.regions[0].pages.count - b.regions[0].pages.count) <= 2);
  REQUIRE(a.regions[0].write_outage.count == 1);
}

TEST_CASE("report: json: well-formed, ordered and the same every time", "[run][report]") {
  const Scenario scenario = load_tiny();
  const std::string text = report_json(make_report(scenario, run(scenario, 1)));
  REQUIRE(text == report_json(make_report(load_tiny(), run(scenario, 1))));
  REQUIRE(text.back() == '\n');
  const json object = json::parse(text);
  std::vector<std::string> keys;
  for (const auto& [key, value] : object.items()) keys.push_back(key);
  REQUIRE(keys == std::vector<std::string>{
                      "format", "release", "scenario", "seed", "simulated_ns", "measured_ns",
                      "holds", "expectations", "write_outages", "metrics", "warnings", "estimates",
                      "effective", "statements", "unfinished_pages", "events", "ties", "digest"});
  REQUIRE(object["format"] == 1);
  REQUIRE(object["digest"].get<std::string>().size() == 16);
  REQUIRE(object["expectations"][1]["holds"] == false);
  REQUIRE(object["expectations"][1]["unit"] == "ns");
  // Every metric is there, in the order of the table.
  std::size_t i = 0;
  for (const auto& [name, metric] : object["metrics"].items()) {
    REQUIRE(name == metric_table()[i++].name);
    // No label, or one without values, such as caches where there are none, leaves nothing to say.
    const std::vector<Label>& labels = info(metric_table()[i - 1].metric).labels;
    const bool silent = labels.empty() || label_values(scenario.cluster)[labels.front()].empty();
    REQUIRE(metric["series"].empty() == silent);
  }
  REQUIRE(i == metric_count);
}

TEST_CASE("report: json: a label set says what the expectation on it finds", "[run][report]") {
  const Scenario scenario = load_tiny();
  const RunResult result = run(scenario, 1);
  const json object = json::parse(report_json(make_report(scenario, result)));
  int compared = 0;
  for (const char* name : {"page_latency", "read_latency", "reads", "replication_lag",
                           "cross_region_bytes", "cpu_utilisation"}) {
    for (const json& row : object["metrics"][name]["series"]) {
      std::string selector = std::string(name) + "{";
      for (const auto& [label, value] : row["labels"].items()) {
        selector += label + ":" + value.get<std::string>() + ",";
      }
      selector.back() = '}';
      const Result<Selector> parsed = parse_selector(selector, result.figures.labels);
      REQUIRE(parsed);
      const Figure figure = result.figures.select(parsed.value());
      INFO(selector);
      if (figure.kind == MetricKind::counter) {
        REQUIRE(row["count"] == figure.counter.count);
        if (row.contains("of")) REQUIRE(row["of"] == figure.counter.population);
      } else if (!figure.empty()) {
        REQUIRE(row["p99"] == figure.quantile(percent(99)));
        REQUIRE(row["avg"] == figure.average());
      }
      compared += 1;
    }
  }
  REQUIRE(compared > 20);
}

TEST_CASE("report: the effective scenario runs like the one it was made from", "[run][report]") {
  const Scenario scenario = load_tiny({"workload.eu.rate=30/s"});
  const std::string text = scenario_json(scenario.config);
  const Result<Scenario> again = load_scenario(
      "kept.json", {}, [&](const std::string&) -> Result<std::string> { return text; });
  REQUIRE(again);
  REQUIRE(again.value().config == scenario.config);
  REQUIRE(again.value().digest == scenario.digest);
  REQUIRE(run(again.value(), 1).digest == run(scenario, 1).digest);
}

}  // namespace longhaul
