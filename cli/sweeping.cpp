#include "cli/sweeping.h"

#include <fmt/format.h>

#include "cli/watched_run.h"

namespace longhaul {
Result<Axis> parse_axis(const std::string& option, const std::string& text) {
  const std::size_t equals = text.find('=');
  if (equals == text.npos || equals == 0 || equals + 1 == text.size()) {
    Error error;
    error.path = option;
    error.value = '"' + text + '"';
    error.expected = "a parameter and its values, such as policy.lag_breaker.open_above=1s,3s";
    return error;
  }
  Axis axis{text.substr(0, equals), {""}};
  int depth = 0;
  bool quoted = false;
  for (const char c : text.substr(equals + 1)) {
    quoted = quoted != (c == '"');
    if (!quoted && (c == '[' || c == '{')) depth += 1;
    if (!quoted && (c == ']' || c == '}')) depth -= 1;
    if (c == ',' && depth == 0 && !quoted) {
      axis.values.emplace_back();
    } else {
      axis.values.back() += c;
    }
  }
  return axis;
}

RunOptions run_options(const ScenarioArgs& args) {
  RunOptions options;
  options.permute_ties = args.permute_ties;
  return options;
}

SweepOptions sweep_options(const RunOptions& each, std::optional<unsigned> jobs,
                           Terminal& terminal) {
  SweepOptions options;
  options.jobs = jobs.value_or(default_jobs());
  options.run_seed = [each](const Scenario& scenario, std::uint64_t seed) {
    return watched_run(scenario, seed, each);
  };
  options.progress = [&terminal](std::uint64_t finished, std::uint64_t whole) {
    terminal.progress(fmt::format("{} of {} runs", finished, whole));
  };
  return options;
}

Result<std::vector<Axis>> parse_axes(const std::vector<std::string>& texts) {
  std::vector<Axis> axes;
  std::vector<Error> wrong;
  for (const std::string& text : texts) {
    Result<Axis> axis = parse_axis("--vary", text);
    if (axis) {
      axes.push_back(std::move(axis).value());
    } else {
      wrong.push_back(axis.errors().front());
    }
  }
  if (wrong.empty()) wrong = mistakes_in(axes);
  if (!wrong.empty()) return wrong;
  return axes;
}

}  // namespace longhaul
