#include "run/sla.h"

#include <nlohmann/json.hpp>

#include "tests/catch.h"
#include "tests/run/tiny_scenario.h"

namespace longhaul {
namespace {

SiteRun run_with(WriteFate fate, Duration out, std::int64_t lost) {
  SiteRun run;
  run.regions.push_back({fate, out, {}, 0, 0});
  run.lost = lost;
  return run;
}

SiteLine line_of(SiteKind kind, Duration lasts, std::vector<SiteRun> runs) {
  SiteLine line;
  line.what = {kind, "x", {}, {}};
  line.lasts = lasts;
  line.gone = {false};
  line.runs = std::move(runs);
  return line;
}

SiteLoss table_of(std::vector<SiteLine> lines) {
  SiteLoss table;
  table.scenario = "x";
  table.regions = {"eu"};
  table.sessions = {10};
  table.lines = std::move(lines);
  return table;
}

}  // namespace

TEST_CASE("sla: failures a year times the mean outage", "[run][sla]") {
  // Two hosts that fail once in two years each: one failure a year, of 20 s and 40 s by the seeds.
  SlaConfig config;
  config.host = {days(730), minutes(10)};
  const auto host = [] {
    return line_of(SiteKind::host, minutes(10),
                   {run_with(WriteFate::resumed, seconds(20), 4),
                    run_with(WriteFate::resumed, seconds(40), 0)});
  };
  const SlaReport report = sla_report(table_of({host(), host()}), config);
  REQUIRE(report.lines.size() == 1);
  REQUIRE(report.lines[0].failures_milli == 1'000);
  REQUIRE(report.lines[0].worst == seconds(30));
  REQUIRE(report.downtime() == seconds(30));
  REQUIRE(report.lost_milli() == 2'000);
}

TEST_CASE("sla: who waits waits for the whole repair, who is stuck for people as well",
          "[run][sla]") {
  // A region is lost for 4 h, of which 10 min are simulated: 12 min of outage are 2 min more than
  // the loss. Once in ten years.
  SlaConfig config;
  config.region = {days(3650), minutes(240)};
  config.by_hand = minutes(30);
  const auto report_of = [&](WriteFate fate) {
    return sla_report(
        table_of({line_of(SiteKind::region, minutes(10), {run_with(fate, minutes(12), 0)})}),
        config);
  };
  REQUIRE(report_of(WriteFate::resumed).downtime() == seconds(72));
  REQUIRE(report_of(WriteFate::waited).downtime() == seconds(1'452));
  REQUIRE(report_of(WriteFate::stuck).downtime() == minutes(27));
}

TEST_CASE("sla: the targets are 8.77 h, 4.38 h and 52.6 min a year", "[run][sla]") {
  REQUIRE(sla_targets()[0].allowed == milliseconds(31'557'600));
  REQUIRE(sla_targets()[1].allowed == milliseconds(15'778'800));
  REQUIRE(sla_targets()[2].allowed == milliseconds(3'155'760));
  // An hour a year misses the third one only.
  SlaConfig config;
  config.host = {days(365), minutes(10)};
  const SlaReport report = sla_report(
      table_of(
          {line_of(SiteKind::host, minutes(10), {run_with(WriteFate::resumed, minutes(60), 0)})}),
      config);
  const nlohmann::json parsed = nlohmann::json::parse(sla_json(report));
  REQUIRE(parsed["all_users"]["met"]["99.9%"] == true);
  REQUIRE(parsed["all_users"]["met"]["99.95%"] == true);
  REQUIRE(parsed["all_users"]["met"]["99.99%"] == false);
}

TEST_CASE("sla: a scenario overrides one figure of a kind and keeps the others", "[run][sla]") {
  const SlaConfig config = load_tiny({"sla.region.every=100d"}).config.sla;
  REQUIRE(config.region.every == days(100));
  REQUIRE(config.region.repair == SlaConfig{}.region.repair);
  REQUIRE(config.zone == SlaConfig{}.zone);
}

}  // namespace longhaul
