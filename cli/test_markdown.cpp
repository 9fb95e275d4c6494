#include <fmt/format.h>

#include "cli/test_report.h"
#include "run/escaped_text.h"
#include "run/report.h"

namespace longhaul {
namespace {

constexpr std::size_t bytes_max = (std::size_t{1} << 20) - 200;

// Those that differ, and how many do not.
std::string baseline_rows(const TestedScenario& scenario) {
  std::string text;
  for (const BaselineRow& row : scenario.baseline) {
    if (row.state == BaselineState::held) continue;
    const char* verdict = row.missed()                         ? "**missed**"
                          : row.state == BaselineState::better ? "better"
                                                               : "new";
    text += fmt::format("| {} | {} | baseline: {} | {} | {} |\n", verdict,
                        escaped_markdown(scenario.name), escaped_markdown(row.name()),
                        escaped_markdown(row.text()), escaped_markdown(seeds_text(scenario.seeds)));
  }
  if (const std::size_t held = scenario.count(BaselineState::held); held > 0) {
    text += fmt::format("| ok | {} | baseline | {} as they were | {} |\n",
                        escaped_markdown(scenario.name),
                        counted(static_cast<std::int64_t>(held), "figure"),
                        escaped_markdown(seeds_text(scenario.seeds)));
  }
  return text;
}

std::string rows(const TestedScenario& scenario) {
  if (!scenario.loaded()) {
    return fmt::format(
        "| bad | {} | {} | {} | |\n", escaped_markdown(scenario.file),
        escaped_markdown(to_text(scenario.errors.front())),
        scenario.errors.size() > 1 ? fmt::format("and {} more", scenario.errors.size() - 1) : "");
  }
  std::string text = baseline_rows(scenario);
  for (const TestedExpectation& row : scenario.expectations) {
    const std::string seeds = row.holds() ? "all of " + seeds_text(scenario.seeds)
                                          : "missed in " + seeds_text(row.failing_seeds);
    text += fmt::format("| {} | {} | {} {} | {} | {} |\n", row.holds() ? "ok" : "**missed**",
                        escaped_markdown(scenario.name), escaped_markdown(row.metric),
                        escaped_markdown(row.text), escaped_markdown(row.pooled),
                        escaped_markdown(seeds));
  }
  return text;
}

}  // namespace

std::string summary_markdown(const TestReport& report) {
  std::string text = "## Longhaul\n\n" + summary_text(report, false) +
                     "\n| | scenario | expectation | found | seeds |\n|---|---|---|---|---|\n";
  const std::string cut = "\nCut here: the summary is too long.\n";
  for (const bool holds : {false, true}) {  // what failed comes first and is cut last
    for (const TestedScenario& scenario : report.scenarios) {
      if (scenario.holds() != holds) continue;
      const std::string more = rows(scenario);
      if (text.size() + more.size() > bytes_max) return text + cut;
      text += more;
    }
  }
  std::string replays;
  for (const TestedScenario& scenario : report.scenarios) {
    if (scenario.misses_baseline() && !scenario.baseline_replay.empty()) {
      replays += scenario.baseline_replay + "\n";
    }
    for (const std::string& replay : scenario.replays) replays += replay + "\n";
  }
  if (replays.empty()) return text;
  if (text.size() + replays.size() > bytes_max) return text + cut;
  return text + "\n```sh\n" + replays + "```\n";
}

}  // namespace longhaul
