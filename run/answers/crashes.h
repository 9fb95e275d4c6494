// What the answers about crashes have in common: forks of running worlds, each into the failure at
// another instant (run/grid.h), read back from the file of the sweep.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "run/grid_report.h"
#include "run/store.h"

namespace longhaul {

struct CrashSet {
  std::string scenario;  // its name
  std::string failure;   // "node_loss db-us"
  SeedRange seeds;
  std::int64_t instants = 0;  // of each seed
  std::int64_t from_ns = 0;
  std::int64_t until_ns = 0;
  std::int64_t horizon_ns = 0;
  std::vector<std::int64_t> at_ns;  // by finished cell
  std::int64_t unfinished_pages = 0;

  std::int64_t crashes() const { return static_cast<std::int64_t>(at_ns.size()); }
};

CrashSet crash_set(const Store& store);
// "node_loss db-us at 40 instants between 20s and 2min of seeds 1..5: 200 crashes, ..."
std::string crash_text(const CrashSet& crashes);

// A line on the pages that still waited when a crash was no longer followed; empty when none did.
std::string unfinished_text(const CrashSet& crashes);

// What a sentence on crashes of a single seed must add; empty for more.
std::string one_seed_text(const CrashSet& crashes);

// "the host of db-us dies": "node_loss db-us" as one says it.
std::string failure_words(const std::string& failure);

// A column of a metric by finished cell; 0 where nothing was counted.
std::vector<std::int64_t> column_of(const Store& store, const std::string& metric,
                                    const std::string& labels, const std::string& column);

// "1.5 %": a bound of a share, 3 in n at 95 %, of something that never happened in n.
std::string never_text(std::int64_t samples);
// "23 of 200 (11.5 %)".
std::string of_text(std::int64_t part, std::int64_t whole);
// "p99", or "p99 (the worst: 40 crashes have no other)".
std::string p99_title(std::int64_t samples);

}  // namespace longhaul
