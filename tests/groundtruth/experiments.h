// Each kind of experiment: runs its scenario and takes the figures from what was recorded, by the
// definitions of figures.json.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "tests/groundtruth/chart.h"
#include "tests/groundtruth/figures.h"

namespace longhaul::groundtruth {

struct Simulated {
  std::map<std::string, double> figures;  // by name, in the unit of the measured figure
  std::string missing;                    // why there is none
  std::vector<Chart> charts;
};

// `folder` holds scenarios/ and curves/.
Simulated simulate(const Experiment& experiment, const std::string& folder);

}  // namespace longhaul::groundtruth
