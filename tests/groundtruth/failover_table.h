// Measured failovers beside simulated ones, and whether they agree.
//
// Each measured value has to lie between the 5th and the 95th percentile of the repetitions that
// were simulated at its moment, or within 20 % of their median (counts: within 2). Over all moments
// together the 5th to 95th percentile may be at most twice as wide as the measured range, or as
// wide as that tolerance if it is wider. An outcome that comes in several modes, and what it
// decides, is compared within the measured mode, and the share of each mode has to lie in the 95 %
// Clopper-Pearson interval of the measured one. A figure that a repetition does not have is not
// compared there.
#pragma once

#include <string>
#include <vector>

#include "tests/groundtruth/failover_runs.h"

namespace longhaul::groundtruth {

struct FailoverRow {  // a measured value
  std::string repetition;
  double measured = 0;
  std::size_t runs = 0;  // of its mode, if it has any
  double p5 = 0;
  double p50 = 0;
  double p95 = 0;
  bool agrees = false;
};

struct FailoverRange {  // a figure over all repetitions
  FailoverFigure figure;
  std::vector<FailoverRow> rows;
  double measured_width = 0;
  double simulated_width = 0;
  double width_max = 0;

  // One value has no width.
  bool is_narrow() const { return rows.size() < 2 || simulated_width <= width_max; }
};

struct FailoverModeRow {
  FailoverMode mode;
  std::size_t measured = 0;  // of
  std::size_t repetitions = 0;
  double share = 0;  // simulated
  double least = 0;  // of the interval
  double most = 0;

  bool agrees() const { return share >= least && share <= most; }
};

struct FailoverComparison {
  const FailoverExperiment* experiment = nullptr;
  int seeds = 0;
  std::vector<FailoverRange> figures;
  std::vector<FailoverModeRow> modes;
};

FailoverComparison compare(const FailoverExperiment& experiment,
                           const SimulatedFailovers& simulated);

struct Disagreement {
  std::string what;  // the figure, or the mode
  std::string text;
  bool known = false;  // it is listed with its cause
};
std::vector<Disagreement> disagreements(const FailoverComparison& comparison);

// The page docs/groundtruth-failovers.md. `chances`: how many disagreements chance explains.
std::string failovers_page(const std::vector<FailoverComparison>& comparisons,
                           const std::string& chances);

}  // namespace longhaul::groundtruth
