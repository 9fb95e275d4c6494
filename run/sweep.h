// Many seeds of many scenarios on many threads. The only threads of the program are in sweep.cpp.
//
// Each run is one thread's and shares nothing with the others. Results are taken over in the order
// of scenarios and seeds, whatever order they finish in, so what comes out does not depend on the
// number of threads. Of a finished run only its verdicts stay, and what its expectations add up to
// over all seeds, unless all figures are to be kept; runs that finish too far ahead of a slow one
// wait.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "run/runner.h"
#include "run/scenario.h"

namespace longhaul {

// Calls `work` for 0, 1, ... `items` - 1 on `jobs` threads and `take` for each in that order on the
// caller's thread, as soon as it and those before it are finished. Work that is too far ahead of
// what is taken waits. False as soon as `work` says so: everybody stops, and what follows in line
// is taken as far as it is finished without a gap. What either throws comes out here.
bool run_in_order(std::uint64_t items, unsigned jobs,
                  const std::function<bool(std::uint64_t item)>& work,
                  const std::function<void(std::uint64_t item)>& take);

struct SeedResult {
  std::uint64_t seed = 0;
  std::vector<Verdict> verdicts;  // by expectation
  std::uint64_t events = 0;
  std::uint64_t digest = 0;
  std::uint64_t unfinished_pages = 0;
};

struct SweepResult {
  std::vector<SeedResult> seeds;  // finished ones, from the first without a gap
  std::vector<Verdict> pooled;    // by expectation, over all of them
  bool complete = false;          // all seeds that were asked for
  Figures figures;                // of all of them, if they are kept

  std::uint64_t unfinished_pages() const;
};

struct SweepTask {
  const Scenario* scenario = nullptr;
  SeedRange seeds;
};

struct SweepOptions {
  unsigned jobs = 1;
  bool keep_figures = false;
  // Runs one seed; called on several threads. Nothing means that everybody shall stop.
  std::function<std::optional<RunResult>(const Scenario&, std::uint64_t seed)> run_seed;
  std::function<void(std::uint64_t finished, std::uint64_t whole)> progress;  // caller's thread
};

// Calls `done` for each task in order, on the caller's thread, as soon as it and those before it
// are finished. After a stop, tasks of which nothing was finished are left out.
void sweep(const std::vector<SweepTask>& tasks, const SweepOptions& options,
           const std::function<void(std::size_t task, SweepResult result)>& done);

SweepResult run_seeds(const Scenario& scenario, SeedRange seeds, unsigned jobs);

// As many as the machine runs at once.
unsigned default_jobs();

}  // namespace longhaul
