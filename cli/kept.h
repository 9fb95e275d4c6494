// Runs as the command line names them: a scenario with a seed, or a directory of `run --out`.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/commands.h"
#include "run/kept_run.h"

namespace longhaul {

// A seed of the command line goes before the scenario's first. A directory has its own, and an end
// of its own: --seed and --until are mistakes then. Round trips of the command line go before those
// that it keeps. `sets` come after those of the command line.
Result<KeptRun> load_run(const std::string& path, const ScenarioArgs& args,
                         std::optional<std::uint64_t> seed,
                         const std::vector<std::string>& sets = {});

// Says on standard error what differs between this program and the one that made the run.
void warn_of(const std::string& path, const KeptRun& run, Terminal& terminal);

Cluster build_kept_run(const KeptRun& run);

}  // namespace longhaul
