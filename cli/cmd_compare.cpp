#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/interrupt.h"
#include "cli/loading.h"
#include "cli/sweeping.h"
#include "run/compare.h"

namespace longhaul {
namespace {

// Designs that are named by a file, by values of their own, or by both.
struct Sides {
  std::vector<Scenario> scenarios;
  std::vector<CompareSide> sides;
  std::vector<Error> wrong;
};

Sides load_sides(const CompareArgs& args) {
  Sides sides;
  for (std::size_t i = 0; i < args.sets.size(); ++i) {
    const bool has_file = i < args.scenarios.size();
    if (!has_file && args.sets[i].empty()) continue;
    const std::string& file = has_file ? args.scenarios[i] : args.scenarios[0];
    Result<Scenario> scenario = load(file, args.with, args.sets[i]);
    if (!scenario) {
      sides.wrong.insert(sides.wrong.end(), scenario.errors().begin(), scenario.errors().end());
      continue;
    }
    CompareSide side;
    side.name = std::string(1, static_cast<char>('A' + i));
    side.scenario = scenario.value().config.name;
    side.file = file;
    side.sets = args.sets[i];
    sides.sides.push_back(std::move(side));
    sides.scenarios.push_back(std::move(scenario).value());
  }
  return sides;
}

}  // namespace

int cmd_compare(const CompareArgs& args, Terminal& terminal) {
  Sides sides = load_sides(args);
  if (!sides.wrong.empty()) return refuse(sides.wrong, terminal);
  if (sides.scenarios.size() < 2) {
    terminal.error("compare: one design only; name another file, or give it values with --set-b");
    return exit_code::usage;
  }
  const SweepOptions options = sweep_options(run_options(args.with), args.jobs, terminal);
  const SeedRange seeds = args.seeds.value_or(seeds_to_compare(sides.scenarios[0]));
  const auto report = compare(sides.scenarios, std::move(sides.sides), seeds, options);
  if (!report) {
    terminal.error("interrupted; half a comparison has no result");
    return exit_code::interrupted;
  }
  terminal.out(args.json ? compare_json(*report) : compare_text(*report, terminal.out_colour()));
  return exit_code::ok;
}

}  // namespace longhaul
