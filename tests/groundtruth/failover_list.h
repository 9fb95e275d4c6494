// The measured failovers, as failovers.json lists them: every repetition with what was recorded of
// its moment.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tests/groundtruth/figures.h"

namespace longhaul::groundtruth {

struct FailoverRepetition {
  std::string leader;                 // empty: as in the scenario
  std::optional<double> loop_before;  // seconds from the end of the leader's round to the fault
  std::string to;                     // who was promoted
  std::map<std::string, double> measured;
};

struct FailoverFigure {
  std::string name;
  std::string unit;  // s, bytes, count
  std::string definition;
};

// An outcome that comes in several modes: one of them is a figure within [from, to). Other figures
// may depend on it.
struct FailoverMode {
  std::string name;
  std::string figure;
  double from = 0;
  double to = 0;
  std::vector<std::string> decides;  // these figures

  bool has(double value) const { return value >= from && value < to; }
  bool concerns(const std::string& name_of_figure) const;
};

// A disagreement whose cause is known, or looked for in vain.
struct KnownDisagreement {
  std::string figure;  // or the name of a mode
  std::string cause;
};

struct FailoverExperiment {
  std::string id;
  std::string scenario;
  std::string parameters;
  std::vector<FailoverRepetition> repetitions;
  std::vector<FailoverFigure> figures;
  std::vector<FailoverMode> modes;
  std::vector<KnownDisagreement> known;
  std::string
      beyond_chance;  // why it has more disagreements than chance explains; empty: it has not
  std::vector<NotCompared> not_compared;
};

std::vector<FailoverExperiment> read_failovers(const std::string& path);

}  // namespace longhaul::groundtruth
