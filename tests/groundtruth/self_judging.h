// How many disagreements a perfect model would show.
//
// A value that comes from the simulated distribution itself lies outside its 5th to 95th percentile
// one time in ten, and the range of three such values is less than half as wide as those
// percentiles in 42 of 100 cases. So the simulator is held against itself: one simulated run of
// every measured moment takes the part of the measured repetition, with all its figures and its
// mode, and is judged by the same rules against the other runs. Done often, this gives the
// distribution of the number of disagreements that chance alone explains.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "tests/groundtruth/failover_table.h"

namespace longhaul::groundtruth {

struct Chances {
  std::vector<std::size_t> in_all;  // disagreements, by pseudo-measurement
  std::map<std::string, std::vector<std::size_t>> of_figure;  // the same, by figure or mode
};

// The draws are those of the experiment's name.
Chances judge_itself(const FailoverExperiment& experiment, SimulatedFailovers simulated,
                     std::size_t times);

// The share of pseudo-measurements with as many disagreements as `count`, or more.
double share_with(const std::vector<std::size_t>& counts, std::size_t count);

// More disagreements than 95 of 100 pseudo-measurements have.
bool is_beyond_chance(const Chances& chances, std::size_t count);

// A section of docs/groundtruth-failovers.md.
std::string chances_text(const std::vector<FailoverComparison>& comparisons,
                         const std::vector<Chances>& chances);

}  // namespace longhaul::groundtruth
