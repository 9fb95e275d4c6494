// One seed of a scenario, on one thread: build, run, count.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "models/cluster.h"
#include "models/control/failovers.h"
#include "run/figures.h"
#include "run/scenario.h"

namespace longhaul {

class SeriesSampler;

// An outage of writing as a region's canary saw it.
struct OutageRecord {
  std::uint32_t region = 0;  // label position
  TimePoint began;
  TimePoint ended;
  bool censored = false;  // still open when the run ended
};

struct RunResult {
  std::uint64_t seed = 0;
  Figures figures;
  std::vector<OutageRecord> write_outages;
  std::vector<FailoverRecord> failovers;
  std::vector<RefusalNote> refusals;  // after the last failover, or without any
  std::uint64_t events = 0;
  std::uint64_t ties = 0;        // events at the same instant as the one before
  std::uint64_t statements = 0;  // that reached a server
  std::uint64_t unfinished_pages = 0;
  std::uint64_t digest = 0;
  bool event_limit_reached = false;
  struct NodeAtEnd {
    bool primary = false;
    bool up = true;
  };
  std::vector<NodeAtEnd> nodes;
};

struct RunOptions {
  std::optional<std::uint64_t> permute_ties;   // seed of a permutation
  std::uint64_t event_limit = 20'000'000'000;  // about an hour of work; reaching it is reported
  EventObserver* observer = nullptr;
  SeriesSampler* sampler = nullptr;  // looks at the world now and then
  bool time_pages = false;           // fills Measures::page_times
};

// The world of one seed at time zero.
Cluster build_run(const Scenario& scenario, std::uint64_t seed, const RunOptions& options = {});

// Executes every event up to and including `limit`, with the looks of the sampler that fall before
// it. False when the limit of events was reached.
bool advance(Cluster& cluster, TimePoint limit, const RunOptions& options);

// Runs it to its end and takes its figures, the bill of the scenario's month among them.
RunResult finish_run(Cluster cluster, const Scenario& scenario, const RunOptions& options = {});

inline RunResult run(const Scenario& scenario, std::uint64_t seed, const RunOptions& options = {}) {
  return finish_run(build_run(scenario, seed, options), scenario, options);
}

// The verdicts of a scenario's expectations on one run, or on pooled figures.
std::vector<Verdict> judge_all(const Scenario& scenario, const Figures& figures);

}  // namespace longhaul
