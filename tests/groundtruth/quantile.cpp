#include "tests/groundtruth/quantile.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace longhaul::groundtruth {

double quantile(std::vector<double> sample, double percent) {
  std::sort(sample.begin(), sample.end());
  return quantile_of_sorted(sample, percent);
}

double quantile_of_sorted(const std::vector<double>& sample, double percent) {
  if (sample.empty()) throw std::runtime_error("nothing was sampled");
  const double place = percent / 100 * static_cast<double>(sample.size() - 1);
  return sample[static_cast<std::size_t>(std::lround(place))];
}

}  // namespace longhaul::groundtruth
