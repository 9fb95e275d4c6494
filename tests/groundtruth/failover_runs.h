// Simulated repetitions of a measured failover, each with a seed of its own and at the measured
// moment of the leader's loop.
//
// A run is watched every 2 ms: who accepts writes, how far the logs are, what users were answered.
// Where the moment was recorded, the seed is run twice: first without the fault, to see when the
// leader's rounds end (its member key is written; the log line "no action. I am the leader" that
// the measured figure goes by comes next), then with the fault that long after the last of them
// before the time that the scenario names.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "tests/groundtruth/failover_list.h"

namespace longhaul::groundtruth {

// By name; a figure is missing where what it measures did not happen.
using FailoverOutcome = std::map<std::string, double>;

struct SimulatedFailovers {
  std::vector<std::vector<FailoverOutcome>> runs;  // by measured repetition, then by seed
};

// `folder` holds scenarios/. `seeds` runs for each measured repetition.
SimulatedFailovers simulate_failovers(const FailoverExperiment& experiment,
                                      const std::string& folder, int seeds);

}  // namespace longhaul::groundtruth
