#include "cli/test_report.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/commands.h"
#include "cli/loading.h"
#include "run/report.h"
#include "run/text_table.h"

namespace longhaul {
namespace {

constexpr std::size_t replays_shown = 5;

std::int64_t of(std::size_t count) { return static_cast<std::int64_t>(count); }

// A count over all seeds grows with their number, so the smallest and the largest stand for it.
std::string counts_text(const Expectation& expectation, const SweepResult& result, std::size_t i) {
  std::int64_t least = result.pooled[i].value;
  std::int64_t most = 0;
  for (const SeedResult& seed : result.seeds) {
    least = std::min(least, seed.verdicts[i].value);
    most = std::max(most, seed.verdicts[i].value);
  }
  const std::string first = value_text(expectation, least);
  return least == most ? first : first + " .. " + value_text(expectation, most);
}

std::string pooled_text(const Expectation& expectation, const SweepResult& result, std::size_t i) {
  const Verdict& verdict = result.pooled[i];
  if (verdict.no_samples) return "no samples";
  std::string text = expectation.aggregation == Aggregation::count
                         ? counts_text(expectation, result, i)
                         : value_text(expectation, verdict.value);
  if (verdict.upper_bound_ppm) {
    text += fmt::format(" (at 95% less than {})", share_text(*verdict.upper_bound_ppm));
  }
  return text;
}

Cell state_cell(const BaselineRow& row) {
  switch (row.state) {
    case BaselineState::worse:
      return {"WORSE", Tone::bad};
    case BaselineState::missing:
      return {"MISSING", Tone::bad};
    case BaselineState::better:
      return {"better", Tone::good};
    case BaselineState::added:
      return {"new", Tone::plain};
    case BaselineState::held:
      return {"held", Tone::good};
  }
  __builtin_unreachable();
}

// What differs from the baseline; how much of it does not, in a line.
std::string against_baseline(const TestedScenario& scenario, bool quiet, bool colour) {
  std::string text;
  const std::size_t known = scenario.baseline.size() - scenario.count(BaselineState::added);
  if (known == 0) {
    if (quiet || !scenario.complete()) return text;
    const std::size_t figures = scenario.baseline.size();
    return fmt::format("  {}: does not know this scenario, {} {} new\n", scenario.baseline_file,
                       counted(of(figures), "figure"), figures == 1 ? "is" : "are");
  }
  if (!quiet) {
    text = fmt::format("  {}: {} of {} as they were{}\n", scenario.baseline_file,
                       scenario.count(BaselineState::held), counted(of(known), "figure"),
                       scenario.changed_since ? "; the scenario has changed since" : "");
  }
  TextTable table({"", "<", "<", "<", "<", "<", "<"});
  for (const BaselineRow& row : scenario.baseline) {
    if (row.state == BaselineState::held || (quiet && !row.missed())) continue;
    const bool both = row.state == BaselineState::worse || row.state == BaselineState::better;
    table.row({state_cell(row), row.metric, row.aggregation,
               row.was.empty() ? "" : "was " + row.was,
               row.state == BaselineState::missing ? row.why : "is " + row.is, row.change,
               both ? "tolerance " + row.allowed : ""});
  }
  return table.empty() ? text : text + table.text(colour);
}

std::string verdict_text(const TestedExpectation& row) {
  return row.holds() ? "ok" : row.no_samples ? "NO SAMPLES" : "MISSED";
}

}  // namespace

bool TestedScenario::holds() const {
  return loaded() &&
         std::all_of(expectations.begin(), expectations.end(),
                     [](const TestedExpectation& row) { return row.holds(); }) &&
         !misses_baseline();
}

bool TestedScenario::misses_baseline() const {
  return std::any_of(baseline.begin(), baseline.end(),
                     [](const BaselineRow& row) { return row.missed(); });
}

std::size_t TestedScenario::count(BaselineState state) const {
  return static_cast<std::size_t>(
      std::count_if(baseline.begin(), baseline.end(),
                    [state](const BaselineRow& row) { return row.state == state; }));
}

std::size_t TestReport::bad_count() const {
  return static_cast<std::size_t>(
      std::count_if(scenarios.begin(), scenarios.end(),
                    [](const TestedScenario& scenario) { return !scenario.loaded(); }));
}

std::size_t TestReport::missed_count() const {
  return static_cast<std::size_t>(std::count_if(
      scenarios.begin(), scenarios.end(),
      [](const TestedScenario& scenario) { return scenario.loaded() && !scenario.holds(); }));
}

int TestReport::code() const {
  if (interrupted) return exit_code::interrupted;
  if (bad_count() > 0) {
    const bool usage =
        std::all_of(scenarios.begin(), scenarios.end(), [](const TestedScenario& scenario) {
          return scenario.loaded() || is_usage(scenario.errors);
        });
    return usage ? exit_code::usage : exit_code::bad_input;
  }
  return missed_count() > 0 ? exit_code::missed : exit_code::ok;
}

TestedScenario tested(const Scenario& scenario, const SeedRange& seeds, const SweepResult& result,
                      const std::vector<std::string>& replays) {
  TestedScenario row;
  row.file = scenario.file;
  row.name = scenario.config.name;
  row.seeds_asked = static_cast<std::size_t>(seeds.last - seeds.first + 1);
  row.replays = replays;
  for (const SeedResult& seed : result.seeds) row.seeds.push_back(seed.seed);
  for (std::size_t i = 0; i < scenario.expectations.size(); ++i) {
    const Expectation& expectation = scenario.expectations[i];
    TestedExpectation found;
    found.metric = expectation.selector_text;
    found.text = expectation.text;
    found.line = scenario.expectation_lines[i];
    found.pooled = pooled_text(expectation, result, i);
    for (const SeedResult& seed : result.seeds) {
      if (seed.verdicts[i].holds) continue;
      found.failing_seeds.push_back(seed.seed);
      found.no_samples |= seed.verdicts[i].no_samples;
    }
    row.expectations.push_back(std::move(found));
  }
  return row;
}

std::string seeds_text(const std::vector<std::uint64_t>& seeds) {
  std::string text;
  for (std::size_t i = 0; i < seeds.size();) {
    std::size_t last = i;
    while (last + 1 < seeds.size() && seeds[last + 1] == seeds[last] + 1) last += 1;
    if (!text.empty()) text += ", ";
    text += std::to_string(seeds[i]);
    if (last > i) text += (last > i + 1 ? ".." : ", ") + std::to_string(seeds[last]);
    i = last + 1;
  }
  return text;
}

std::string scenario_text(const TestedScenario& scenario, bool quiet, bool colour) {
  if (quiet && scenario.holds()) return "";
  if (!scenario.loaded()) {
    return toned("BAD", Tone::bad, colour) + "     " + toned(scenario.file, Tone::strong, colour) +
           "\n  " + counted(of(scenario.errors.size()), "mistake") + ", see standard error\n";
  }
  const bool holds = scenario.holds();
  std::string text = holds ? toned("ok", Tone::good, colour) + "      "
                           : toned("MISSED", Tone::bad, colour) + "  ";
  text += toned(scenario.name, Tone::strong, colour) + "  " + scenario.file;
  if (scenario.is_absent()) return text + ": " + scenario.baseline.front().why + "\n";
  text += std::string(", seed") + (scenario.seeds.size() == 1 ? " " : "s ") +
          seeds_text(scenario.seeds);
  if (!scenario.complete()) text += fmt::format(" of {}, interrupted", scenario.seeds_asked);
  text += "\n";
  TextTable table({"", "<", "<", "<", "<"});
  for (const TestedExpectation& row : scenario.expectations) {
    if (quiet && row.holds()) continue;
    std::string seeds;
    if (!row.holds()) {
      seeds = fmt::format("in {} of {}: {}", row.failing_seeds.size(), scenario.seeds.size(),
                          seeds_text(row.failing_seeds));
    }
    table.row({{verdict_text(row), row.holds() ? Tone::good : Tone::bad},
               row.metric,
               row.text,
               row.pooled,
               seeds});
  }
  if (!scenario.expectations.empty()) {
    text += table.text(colour);
  } else if (scenario.baseline_file.empty()) {
    text += "  expects nothing\n";
  }
  if (!scenario.baseline_file.empty()) text += against_baseline(scenario, quiet, colour);
  if (scenario.misses_baseline() && !scenario.baseline_replay.empty()) {
    text += "  " + scenario.baseline_replay + "\n";
  }
  for (std::size_t i = 0; i < std::min(replays_shown, scenario.replays.size()); ++i) {
    text += "  " + scenario.replays[i] + "\n";
  }
  if (scenario.replays.size() > replays_shown) {
    const std::size_t more = scenario.replays.size() - replays_shown;
    text += fmt::format("  and {} more seed{}\n", more, more == 1 ? "" : "s");
  }
  return text;
}

std::string summary_text(const TestReport& report, bool colour) {
  const std::size_t bad = report.bad_count();
  const std::size_t missed = report.missed_count();
  const std::size_t ok = report.scenarios.size() - bad - missed;
  std::string text = counted(of(report.scenarios.size()), "scenario") + ": ";
  text += toned(fmt::format("{} ok", ok), ok > 0 ? Tone::good : Tone::plain, colour);
  if (missed > 0) text += ", " + toned(fmt::format("{} missed", missed), Tone::bad, colour);
  if (bad > 0) text += ", " + toned(fmt::format("{} bad", bad), Tone::bad, colour);
  if (report.interrupted) text += ", " + toned("interrupted", Tone::warning, colour);
  text += "\n";
  std::size_t better = 0;
  for (const TestedScenario& scenario : report.scenarios) {
    better += scenario.count(BaselineState::better) + scenario.count(BaselineState::added);
  }
  if (better == 0) return text;
  return text +
         fmt::format("{} {} better than the baseline or new to it. To hold on to that:\n  {}\n",
                     counted(of(better), "figure"), better == 1 ? "is" : "are", report.renew);
}

}  // namespace longhaul
