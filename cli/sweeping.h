// What commands that run many seeds have in common.
#pragma once

#include <optional>
#include <string>

#include "cli/commands.h"
#include "run/sweep.h"
#include "run/variants.h"

namespace longhaul {

RunOptions run_options(const ScenarioArgs& args);

// Runs that can be interrupted, counted on the terminal, on as many threads as were asked for.
SweepOptions sweep_options(const RunOptions& each, std::optional<unsigned> jobs,
                           Terminal& terminal);

// "policy.lag_breaker.open_above=1s,3s", split at commas that stand in no brackets and no quotes.
Result<Axis> parse_axis(const std::string& option, const std::string& text);
// All of --vary.
Result<std::vector<Axis>> parse_axes(const std::vector<std::string>& texts);

}  // namespace longhaul
