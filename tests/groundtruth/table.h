// The table of measured and simulated figures, and what it says as a whole.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tests/groundtruth/experiments.h"

namespace longhaul::groundtruth {

struct Row {
  std::string experiment;
  Figure measured;
  std::optional<double> simulated;
  std::string missing;

  // Durations of up to 5 ms are the machine's and judged by the millisecond, all else by the share.
  bool is_small() const;
  double error_ms() const;
  double error_percent() const;
};

struct Verdict {
  std::size_t compared = 0;
  std::size_t missing = 0;
  double median_percent = 0;
  double worst_percent = 0;
  double worst_ms = 0;
  std::vector<std::string> broken;  // bounds that are missed
};

constexpr double small_ms = 5;
constexpr double median_percent_max = 10;
constexpr double worst_percent_max = 25;
constexpr double worst_ms_max = 1;

std::vector<Row> rows_of(const Experiment& experiment, const Simulated& simulated);
Verdict judge(const std::vector<Row>& rows);

// The page docs/groundtruth.md.
std::string to_markdown(const std::vector<Experiment>& experiments, const std::vector<Row>& rows,
                        const std::vector<Chart>& charts);

}  // namespace longhaul::groundtruth
