// One function a subcommand: it gets its arguments, prints its result and returns the exit code.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/units.h"
#include "cli/terminal.h"
#include "run/grid.h"
#include "run/scenario.h"

namespace longhaul {

namespace exit_code {
constexpr int ok = 0;
constexpr int usage = 2;
constexpr int bad_input = 65;  // a scenario, or data that goes with it
constexpr int fault = 70;      // ours: a failed CHECK, or nothing to write the result to
constexpr int missed = 99;     // an expectation; of diff: the runs differ
constexpr int interrupted = 130;
}  // namespace exit_code

// What every command that loads scenarios takes.
struct ScenarioArgs {
  std::vector<std::string> sets;
  std::string rtt_csv;
  std::optional<Duration> until;
  std::optional<std::uint64_t> permute_ties;
};

struct RunArgs {
  std::string scenario;
  ScenarioArgs with;
  std::optional<std::uint64_t> seed;
  bool json = false;
  bool quiet = false;
  std::string out;
  std::string latency_baseline;
  std::optional<std::pair<Duration, Duration>> trace_window;
};

struct TestArgs {
  std::vector<std::string> paths;
  ScenarioArgs with;
  std::optional<SeedRange> seeds;  // absent: each scenario's own
  std::optional<unsigned> jobs;
  std::string junit;
  std::string summary;
  std::string baseline;                  // file; empty: none
  std::vector<std::string> allow_other;  // what may differ from the baseline's runs
  bool baseline_only = false;            // expectations do not count
  bool quiet = false;
  std::optional<std::uint64_t> chaos;  // so many random worlds, and no scenarios
  std::uint64_t chaos_first = 1;       // seed of the first
};

struct ShrinkArgs {
  std::string scenario;  // empty: a random world
  ScenarioArgs with;
  std::optional<std::uint64_t> seed;
  std::optional<std::uint64_t> chaos_seed;
  std::string out;
};

struct CheckArgs {
  std::vector<std::string> paths;
  ScenarioArgs with;
  bool quiet = false;
};

struct ParamsArgs {
  std::string under;
  bool markdown = false;
  bool metrics = false;
};

struct RegionsArgs {
  std::string text;                  // in id, name, city or country
  std::vector<std::string> between;  // none or two
  std::string rtt_csv;
  bool json = false;
};

struct DiffArgs {
  std::string a;
  std::string b;  // empty: the same file
  ScenarioArgs with;
  std::vector<std::string> sets_a;
  std::vector<std::string> sets_b;
  std::optional<std::uint64_t> seed;
  std::optional<std::uint64_t> seed_b;
};

struct CompareArgs {
  std::vector<std::string> scenarios;  // one to four files
  ScenarioArgs with;
  std::array<std::vector<std::string>, 4> sets;  // of A, B, C and D alone
  std::optional<SeedRange> seeds;
  std::optional<unsigned> jobs;
  bool json = false;
};

struct SweepArgs {
  std::string scenario;
  ScenarioArgs with;
  std::vector<std::string> vary;  // "path=a,b,c"
  std::optional<SeedRange> seeds;
  CrashPlan crash;
  std::optional<Shard> shard;
  std::string store;  // empty: nothing is kept
  std::optional<unsigned> jobs;
  bool json = false;
};

struct MergeArgs {
  std::string into;
  std::vector<std::string> parts;
  bool json = false;
};

struct ClassifyArgs {
  std::vector<std::string> statements;  // none: standard input
  std::vector<std::string> read_only_functions;
  bool json = false;
};

struct BreakersArgs {
  std::string scenario;
  ScenarioArgs with;
  std::optional<std::vector<Duration>> lags;  // absent: 0, 1, 3 and 10 s
  std::string replica;                        // empty: the first
  std::optional<SeedRange> seeds;
  std::optional<unsigned> jobs;
  bool json = false;
};

struct SiteLossArgs {
  std::string scenario;
  ScenarioArgs with;
  std::optional<Duration> lasts;  // absent: 5 min; of sla: the repair of each kind
  std::optional<SeedRange> seeds;
  std::optional<unsigned> jobs;
  bool json = false;
  std::string svg;  // file; empty: none
};

struct AdviseArgs {
  std::string scenario;
  std::string page;  // empty: all
  ScenarioArgs with;
  std::optional<SeedRange> seeds;  // absent: the scenario's own
  std::optional<unsigned> jobs;
  bool json = false;
};

// Claims of the literature.
struct ClaimsArgs {
  std::string file = "data/claims.json";
  std::string rtt_csv;
  std::optional<unsigned> jobs;
};

struct DrillArgs {
  std::string scenario;
  ScenarioArgs with;
  std::optional<std::uint64_t> seed;  // absent: the scenario's first
  std::string variant;                // empty: the one that the seed draws
  std::string clock = "paused";
  std::string actions;  // empty: standard input
  std::string record;
  std::string runbook;
  std::optional<unsigned> jobs;
};

int cmd_classify(const ClassifyArgs& args, Terminal& terminal);

struct FreshnessArgs {
  std::string scenario;
  ScenarioArgs with;
  std::string replica;                        // empty: the first
  std::optional<std::vector<Duration>> lags;  // absent: the usual ones
  std::optional<SeedRange> seeds;
  std::optional<unsigned> jobs;
  bool json = false;
};

struct FailoversArgs {
  std::string scenario;
  ScenarioArgs with;
  std::vector<std::string> vary;   // "path=a,b,c"
  std::vector<std::string> along;  // likewise
  std::optional<SeedRange> seeds;  // absent: the scenario's own
  std::optional<unsigned> jobs;
  bool json = false;
  std::string svg;  // file; empty: none
};

int cmd_run(const RunArgs& args, Terminal& terminal);
int cmd_test(const TestArgs& args, Terminal& terminal);
int cmd_baseline_write(const TestArgs& args, Terminal& terminal);
int cmd_chaos(const TestArgs& args, Terminal& terminal);
int cmd_shrink(const ShrinkArgs& args, Terminal& terminal);
int cmd_check(const CheckArgs& args, Terminal& terminal);
int cmd_schema(Terminal& terminal);
int cmd_params(const ParamsArgs& args, Terminal& terminal);
int cmd_regions(const RegionsArgs& args, Terminal& terminal);
int cmd_advise(const AdviseArgs& args, Terminal& terminal);
int cmd_claims(const ClaimsArgs& args, Terminal& terminal);
int cmd_compare(const CompareArgs& args, Terminal& terminal);
int cmd_sweep(const SweepArgs& args, Terminal& terminal);
int cmd_merge(const MergeArgs& args, Terminal& terminal);
int cmd_diff(const DiffArgs& args, Terminal& terminal);
int cmd_freshness(const FreshnessArgs& args, Terminal& terminal);
int cmd_drill(const DrillArgs& args, Terminal& terminal);
int cmd_breakers(const BreakersArgs& args, Terminal& terminal);
int cmd_site_loss(const SiteLossArgs& args, Terminal& terminal);
int cmd_sla(const SiteLossArgs& args, Terminal& terminal);
int cmd_failovers(const FailoversArgs& args, Terminal& terminal);

}  // namespace longhaul
