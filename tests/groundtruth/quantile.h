// Quantiles of samples, by the nearest rank.
#pragma once

#include <vector>

namespace longhaul::groundtruth {

// The value that `percent` of a sample do not exceed.
double quantile(std::vector<double> sample, double percent);
double quantile_of_sorted(const std::vector<double>& sample, double percent);

}  // namespace longhaul::groundtruth
