// A run that `longhaul run --out DIR` has kept: enough of it to make it again.
//
// scenario.json is the effective configuration; result.json names the seed, the order of ties and
// how far the run went. What the run depended on besides, the program and its catalogue of regions,
// is not kept: `notes` says where this program's are others.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "run/scenario.h"

namespace longhaul {

struct KeptRun {
  Scenario scenario;
  std::uint64_t seed = 1;
  std::optional<std::uint64_t> permute_ties;
  std::uint64_t digest = 0;  // of all its events
  std::vector<std::string> notes;
};

// Whether the path names such a directory.
bool is_kept_run(const std::string& path);

Result<KeptRun> read_kept_run(const std::string& directory, const ScenarioOptions& options = {});

}  // namespace longhaul
