// What `longhaul run` says of failovers that were refused.
#include "run/report.h"
#include "run/runner.h"
#include "tests/catch.h"

namespace longhaul {

TEST_CASE("report: who was refused when nobody was promoted, and why", "[run][failovers]") {
  const Result<Scenario> scenario = load_scenario(
      std::string(LONGHAUL_ROOT) + "/scenarios/incidents/github_2018_10_21_hold_down.json");
  REQUIRE(scenario);
  const RunResult result = run(scenario.value(), 1);
  REQUIRE(result.failovers.empty());
  const Report report = make_report(scenario.value(), result);
  bool waits = false;
  for (const FailoverReport::Refusal& refusal : report.refusals) {
    waits = waits || refusal.reason == "awaits_hold_down";
  }
  REQUIRE(waits);
  const std::string text = failovers_text(report, false);
  INFO(text);
  REQUIRE(text.starts_with("NO FAILOVER\n"));
  // Every reason is said once of each.
  for (std::size_t i = 0; i < report.refusals.size(); ++i) {
    for (std::size_t j = i + 1; j < report.refusals.size(); ++j) {
      const bool same = report.refusals[i].node == report.refusals[j].node &&
                        report.refusals[i].reason == report.refusals[j].reason;
      REQUIRE_FALSE(same);
    }
  }
}

}  // namespace longhaul
