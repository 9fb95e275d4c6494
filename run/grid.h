// Sweeps: settings of several parameters × seeds × instants of a crash, into a store.
//
// A stem is one setting with one seed: one run, or one warm run that is forked at each instant and
// continued into the failure until a horizon after it. Stems are independent, so they run on any
// number of threads or machines (`--shard`); their cells are stored in order. A world that is
// forked goes on exactly as a whole run that had planned the failure for that instant.
//
// Instants lie evenly over a window, one in each of N equal parts, somewhere in it by the seed's
// luck: no beat with anything periodic.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "run/scenario.h"
#include "run/store.h"
#include "run/sweep.h"

namespace longhaul {

struct CrashPlan {
  std::int64_t instants = 0;  // 0: whole runs
  Duration horizon;
  std::optional<std::size_t> fault;   // which of the scenario's is the failure; its only one
  std::optional<Duration> from;       // the end of the warm-up unless given
  std::optional<Duration> until;      // the scenario's end unless given
  std::optional<std::string> during;  // the users whose time is the window
};

// The part i of n that a process does: stems whose number is i - 1 modulo n.
struct Shard {
  std::int64_t part = 1;
  std::int64_t of = 1;
};

struct GridAsked {
  std::vector<Axis> axes;
  std::optional<SeedRange> seeds;  // the scenario's own unless given
  CrashPlan crash;
  std::optional<Duration> until;
  std::optional<std::uint64_t> tie_order;
  std::function<Result<Scenario>(const std::vector<std::string>& sets)> load;
};

// All settings loaded and found right.
struct Grid {
  SweepKey key;
  std::vector<Scenario> settings;     // without the failure, if there are crash instants
  std::vector<FaultConfig> failures;  // by setting; its time is the instant's
};

// A setting that cannot be is an error with its place, as are a path that no setting knows, a value
// that stands twice and a failure that cannot be moved.
Result<Grid> make_grid(const GridAsked& asked);

// "node_loss db-us", "region_loss aws:us-east-1".
std::string failure_text(const FaultConfig& fault);

// The instants of a stem, ascending.
std::vector<TimePoint> crash_instants(const SweepKey& key, std::uint64_t seed);

// What a thread simulates at the moment, for whoever has to say so when a CHECK fails. A branch of
// a warm run stands there as the whole run that it is equal to.
struct RunningCell {
  std::string name;  // "cell 17 of 400: policy.lag_breaker.open_above=1s"
  const Scenario* scenario = nullptr;
  std::uint64_t seed = 0;
  const RunOptions* options = nullptr;
  const Cluster* cluster = nullptr;
};
// Does `work` once.
using AroundCell = std::function<void(const RunningCell& cell, const std::function<void()>& work)>;

// The cells of one stem; empty when `go_on` said no. `go_on` is asked now and then.
std::vector<CellResult> run_stem(const Grid& grid, std::int64_t stem,
                                 const std::function<bool()>& go_on, const AroundCell& around = {});
// One cell of a stem as a run of its own that planned the failure from the start.
CellResult run_cell_whole(const Grid& grid, std::int64_t cell);

struct GridOptions {
  unsigned jobs = 1;
  Shard shard;
  std::function<bool()> go_on;
  AroundCell around;  // called on several threads
  // Cells in the file, of all that this process shall see there; on the caller's thread.
  std::function<void(std::int64_t done, std::int64_t whole)> progress;
};

// Runs what the store lacks. False after a stop; an error when the file cannot be written.
Result<bool> fill(const Grid& grid, Store& store, const GridOptions& options);

}  // namespace longhaul
