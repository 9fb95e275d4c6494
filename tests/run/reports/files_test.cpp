#include "run/reports/files.h"

#include <algorithm>
#include <string>

#include "run/runner.h"
#include "tests/catch.h"
#include "tests/run/tiny_scenario.h"

namespace longhaul {
namespace {

std::vector<OutFile> files_of(const Scenario& scenario, std::uint64_t seed = 1) {
  SeriesSampler sampler(scenario);
  RunOptions options;
  options.sampler = &sampler;
  const RunResult result = run(scenario, seed, options);
  const Report report = make_report(scenario, result);
  const RunSeries series = sampler.take(result);
  const MonthlyCost cost = monthly_cost(scenario, result.figures);
  const LatencyLog log = latency_log(scenario, result.figures);
  return report_files({scenario, result, report, series, cost, log});
}

std::string file(const std::vector<OutFile>& files, const std::string& name) {
  const auto found = std::find_if(files.begin(), files.end(),
                                  [&](const OutFile& one) { return one.name == name; });
  REQUIRE(found != files.end());
  return found->text;
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

std::size_t occurrences(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++count;
  return count;
}

// Every element that is opened is closed, in order; enough of a parser for what we write.
bool nests(const std::string& html) {
  std::vector<std::string> open;
  const std::vector<std::string> empty{"meta", "!doctype"};
  for (std::size_t at = html.find('<'); at != html.npos; at = html.find('<', at + 1)) {
    const std::size_t end = html.find('>', at);
    if (end == html.npos) return false;
    const std::string tag = html.substr(at + 1, end - at - 1);
    const std::string name = tag.substr(0, tag.find_first_of(" /\n", tag[0] == '/' ? 1 : 0));
    if (tag.back() == '/' || std::find(empty.begin(), empty.end(), name) != empty.end()) continue;
    if (name[0] != '/') {
      open.push_back(name);
    } else if (open.empty() || open.back() != name.substr(1)) {
      return false;
    } else {
      open.pop_back();
    }
  }
  return open.empty();
}

}  // namespace

TEST_CASE("files: the same run writes the same bytes", "[run][reports]") {
  const std::vector<OutFile> once = files_of(load_tiny());
  const std::vector<OutFile> again = files_of(load_tiny());
  REQUIRE(once.size() == 8);
  for (std::size_t i = 0; i < once.size(); ++i) {
    REQUIRE(once[i].name == again[i].name);
    REQUIRE(once[i].text == again[i].text);
    REQUIRE(!once[i].text.empty());
  }
}

TEST_CASE("files: the scenario beside the report is the scenario", "[run][reports]") {
  const std::string kept = file(files_of(load_tiny()), "scenario.json");
  const ReadText read = [&](const std::string&) -> Result<std::string> { return kept; };
  const Result<Scenario> again = load_scenario("scenario.json", {}, read);
  REQUIRE(again);
  REQUIRE(again.value().digest == load_tiny().digest);
}

TEST_CASE("files: a page that needs nothing outside of itself", "[run][reports]") {
  const std::string page = file(files_of(load_tiny()), "report.html");
  REQUIRE(nests(page));
  REQUIRE(has(page, "default-src 'none'"));
  for (const char* outside : {"http:", "https:", "url(", "@import", "href", "src=", "<script",
                              "<link", "<iframe", "javascript"}) {
    REQUIRE_FALSE(has(page, outside));
  }
  // The verdict comes before everything else: of three expectations one cannot hold.
  REQUIRE(has(page, "1 of 3 expectations do not hold."));
  REQUIRE(page.find("1 of 3") < page.find("<svg"));
  REQUIRE(page.find("MISSED") < page.find(">ok<"));
  for (const char* title :
       {"What users saw", "What happened when", "Where it runs", "Latency over time",
        "Latency distributions", "Replication lag and breakers", "Who answers reads", "Servers",
        "Failovers", "What was lost", "Cost", "To run it again"}) {
    REQUIRE(occurrences(page, "<h2>" + std::string(title) + "</h2>") == 1);
  }
}

TEST_CASE("files: what a scenario says is text, whatever it says", "[run][reports]") {
  const std::vector<OutFile> files =
      files_of(load_tiny({R"(purpose=</style></p><script>alert(1)</script> | a "b" & c)"}));
  const std::string page = file(files, "report.html");
  REQUIRE(nests(page));
  REQUIRE_FALSE(has(page, "<script"));
  REQUIRE(has(page, "&lt;/style&gt;&lt;/p&gt;&lt;script&gt;alert(1)"));
  const std::string markdown = file(files, "report.md");
  REQUIRE_FALSE(has(markdown, "<script"));
  REQUIRE(has(markdown, "\\| a \"b\" &amp; c"));
}

TEST_CASE("files: sections without content say why", "[run][reports]") {
  const std::string page =
      file(files_of(load_tiny({R"(topology.nodes=[{"name": "db-us", "region": "aws:us-east-1",
                          "role": "primary"}])"})),
           "report.html");
  REQUIRE(nests(page));
  REQUIRE(has(page, "There are no replicas: nothing lags, and there are no lag breakers."));
  REQUIRE(has(page, "No server was promoted."));
  REQUIRE(has(page, "No faults."));
  REQUIRE(has(page, "Every transaction that was acknowledged is still there."));
}

TEST_CASE("files: the phases of a failover in the page are the outage", "[run][reports]") {
  const Scenario scenario =
      load_scenario(LONGHAUL_ROOT "/scenarios/limits/patroni_region_isolated.json").value();
  constexpr std::uint64_t seed = 3;  // in which both replicas try for the key
  const std::vector<OutFile> files = files_of(scenario, seed);
  const std::string page = file(files, "report.html");
  REQUIRE(nests(page));
  const RunResult result = run(scenario, seed);
  REQUIRE(result.failovers.size() == 1);
  const CanaryWatch::Outage& outage = result.failovers[0].outage;
  Duration sum;
  for (const FailoverPart& part : result.failovers[0].parts) sum += part.ended - part.began;
  REQUIRE(sum == outage.ended - outage.began);
  REQUIRE(has(page, "db-1 to db-2, promoted at"));
  REQUIRE(has(page, "Phases of the outage"));
  REQUIRE(has(page, "F1"));
  REQUIRE(has(file(files, "report.md"), "### db-1 to db-2, promoted at"));
  // Who lost the race belongs to it; that the old primary cannot follow does not.
  const std::size_t since = page.find("Refused since then");
  REQUIRE(page.find("Another member has created the leader key first.") < since);
  REQUIRE(page.find("Its log is not on the history of the new primary.") > since);
}

TEST_CASE("files: OpenMetrics with types, units and an end", "[run][reports]") {
  const std::string text = file(files_of(load_tiny()), "metrics.txt");
  REQUIRE(text.ends_with("# EOF\n"));
  REQUIRE(has(text,
              "# TYPE longhaul_read_latency_seconds summary\n"
              "# UNIT longhaul_read_latency_seconds seconds\n"));
  // Simulated time: the end of the run.
  REQUIRE(has(text,
              "longhaul_expectation_holds{metric=\"page_latency{region:aws:eu-west-1}\","
              "expect=\"max < 1ms\"} 0 20\n"));
  REQUIRE(has(text, "longhaul_reads_total{region=\"aws:eu-west-1\",served_by=\"db-eu\"} "));
  REQUIRE(has(text, "quantile=\"0.99\"} 0."));
}

}  // namespace longhaul
