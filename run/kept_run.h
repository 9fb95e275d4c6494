// A run that `longhaul run --out DIR` has kept: enough of it to make it again.
//
// scenario.json is the effective configuration; result.json names the seed, the order of ties and
// how far the run went; rtt.csv is there when the run had round trips of its own (--rtt-csv). What
// the run depended on besides, the program and its catalogue of regions, is not kept: `notes` says
// where this program's are others, and `other` when that makes it another run.
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
  bool other = false;
};

// The directory that the path names, itself or by its result.json; none: it names neither.
std::optional<std::string> kept_directory(const std::string& path);

// Its rtt.csv; empty: the run had none.
std::string kept_round_trips(const std::string& directory);

Result<KeptRun> read_kept_run(const std::string& directory, const ScenarioOptions& options = {});

}  // namespace longhaul
