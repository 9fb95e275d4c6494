// Scenarios as the command line asks for them: with --set, --until and --rtt-csv.
#pragma once

#include <string>

#include "cli/commands.h"
#include "run/scenario.h"

namespace longhaul {

Result<Scenario> load(const std::string& path, const ScenarioArgs& args);

// The built-in catalogue, with the user's own pings over it.
Result<Catalogue> load_catalogue(const std::string& rtt_csv);

// Prints the errors, returns exit_code::bad_input.
int refuse(const std::vector<Error>& errors, Terminal& terminal);

// "longhaul run scenarios/x.json --seed 3", with whatever else made the run what it was.
std::string replay_command(const std::string& scenario, std::uint64_t seed,
                           const ScenarioArgs& args);

}  // namespace longhaul
