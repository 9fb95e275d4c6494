// What a scenario's lag breaker is worth: one replica lags by a chosen time, and settings of the
// breaker stand side by side.
//
// The lag is made with recovery_min_apply_delay, so it is constant and the replica otherwise well:
// what the table shows is the price of the threshold, not of an outage. Each line is pooled over
// the seeds. "open" is the share of time that the breakers of all instances kept the replica out.
#pragma once

#include <string>
#include <vector>

#include "base/units.h"
#include "run/variants.h"

namespace longhaul {

struct BreakerSetting {
  std::string name;
  std::vector<std::string> sets;
};

// As configured, off, thresholds in time from strict to lax, and one in bytes alone.
const std::vector<BreakerSetting>& breaker_settings();

struct BreakerLine {
  std::string setting;
  Verdict stale;       // share of reads
  Verdict violations;  // of read-your-writes
  std::int64_t reads_on_primary_ppm = 0;
  std::int64_t primary_cpu_ppm = 0;
  Duration read_p95;
  std::int64_t reads = 0;
  std::int64_t errors = 0;  // pages that failed
  std::int64_t transitions = 0;
  std::int64_t open_ppm = 0;
};

struct BreakerBlock {
  Duration lag;
  std::vector<BreakerLine> lines;
};

struct BreakerTable {
  std::string scenario;
  std::string replica;
  std::string primary;
  SeedRange seeds;
  std::vector<BreakerBlock> blocks;
  std::int64_t faults = 0;  // of the scenario; they strike under every heading
};

struct BreakerTableRequest {
  std::vector<Duration> lags{Duration{}, seconds(1), seconds(3), seconds(10)};
  std::string replica;  // empty: the scenario's first
  SeedRange seeds;
  // Loads the scenario with these values over it.
  std::function<Result<Scenario>(const std::vector<std::string>& sets)> load;
};

// After a stop, the blocks of which all lines are there.
Result<BreakerTable> make_breaker_table(const BreakerTableRequest& request,
                                        const SweepOptions& options);

std::string breaker_table_text(const BreakerTable& table, bool colour);

std::string breaker_table_json(const BreakerTable& table);

// What to do, in a sentence or two: the setting that a team should take, and why.
std::string advice(const BreakerTable& table);

}  // namespace longhaul
