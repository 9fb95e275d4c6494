// The freshness table: the rules of policy/freshness.h side by side for one scenario, while one of
// its replicas lags more and more.
//
// The replica is made to lag with recovery_min_apply_delay. Every rule keeps the scenario's scope,
// store, breakers and faults, and all run on the same seeds, so rows differ by the rule alone. The
// figures are those of the users whose region the replica stands in, or of all users when none are
// there. What a rule costs is seen in the whole page: reads that moved or waited, writes that
// waited for replay.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "run/variants.h"

namespace longhaul {

struct FreshnessTableAsked {
  std::string replica;  // empty: the first of the scenario
  std::vector<Duration> lags = {Duration{0}, seconds(1), seconds(3), seconds(10)};
  std::optional<SeedRange> seeds;  // absent: the scenario's own
  std::function<Result<Scenario>(const Variant&)> load;
};

// One rule at one lag. Durations of read and page are absent where nothing was answered.
struct FreshnessRow {
  std::string rule;
  bool configured = false;
  std::int64_t broken_reads = 0;
  std::optional<std::int64_t> at_most_ppm;  // of the reads, at 95 %, when none was broken
  std::int64_t users_hit = 0;
  std::int64_t went_back = 0;
  std::int64_t moved_ppm = 0;
  std::optional<Duration> read_median;
  std::optional<Duration> read_p95;
  std::optional<Duration> page_average;
  std::int64_t errors = 0;
  std::int64_t reads = 0;          // of those users
  std::int64_t replica_reads = 0;  // of those, what the lagging replica answered
};

struct FreshnessTable {
  std::string scenario;
  std::string replica;
  std::string region;  // of the users that are counted; empty: all
  SeedRange seeds;
  std::vector<Duration> lags;
  // By lag: too few reads went to the replica, without any rule, for a rule to be tested. The lag
  // breaker kept them away, most likely.
  std::vector<std::string> untested;            // why; empty: it was tested
  std::vector<std::vector<FreshnessRow>> rows;  // by lag, rules in one order; none comes first
  std::vector<std::string> conclusions;         // one sentence each
};

// Runs everything. Fewer lags than asked for after a stop.
Result<FreshnessTable> freshness_table(const FreshnessTableAsked& asked,
                                       const SweepOptions& options);

std::string freshness_text(const FreshnessTable& table, bool colour = false);
std::string freshness_json(const FreshnessTable& table);

}  // namespace longhaul
