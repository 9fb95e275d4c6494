// Scenarios as the command line asks for them: with --set, --until and --rtt-csv.
#pragma once

#include <string>
#include <vector>

#include "cli/commands.h"
#include "run/scenario.h"

namespace longhaul {

// `sets` come after those of the command line.
Result<Scenario> load(const std::string& path, const ScenarioArgs& args,
                      const std::vector<std::string>& sets = {});

// The built-in catalogue, with the user's own pings over it.
Result<Catalogue> load_catalogue(const std::string& rtt_csv);

// The scenarios among the paths. A directory stands for every *.json below it, sorted, but not for
// schemas (*.schema.json) and other JSON: a scenario has "format" or "extends" at its top.
Result<std::vector<std::string>> scenario_files(const std::vector<std::string>& paths);

// Whether options of the command line are all that is wrong.
bool is_usage(const std::vector<Error>& errors);

// Prints the errors. Returns exit_code::usage if options are all that is wrong, else bad_input.
int refuse(const std::vector<Error>& errors, Terminal& terminal);

// A word as a shell takes it, and the options of a scenario as somebody typed them: " --set a=b".
std::string shell_word(const std::string& word);
std::string options_text(const ScenarioArgs& args);

// "longhaul run scenarios/x.json --seed 3", with whatever else made the run what it was.
std::string replay_command(const std::string& scenario, std::uint64_t seed,
                           const ScenarioArgs& args);

}  // namespace longhaul
