// Baselines as the command line names them, and whether its runs are those of a baseline.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/commands.h"
#include "run/baseline.h"
#include "run/sweep.h"

namespace longhaul {

// The file, or nothing when there is none and none has to be.
Result<std::optional<Baseline>> load_baseline(const std::string& file, bool must_exist);

// "catalogue", "seeds" and "until" say what may differ from the runs of a baseline.
std::vector<Error> differences(const Baseline& baseline, std::size_t scenario, const TestArgs& args,
                               SeedRange seeds);
std::optional<Error> other_catalogue(const Baseline& baseline, const TestArgs& args);

}  // namespace longhaul
