// A quantity over time in a bounded number of points, for plots.
//
// Bins have equal width; when time passes the last bin, neighbours are merged and the width
// doubles. A bin keeps the minimum, the maximum and the last of its samples, so no spike
// disappears. A bin without samples says so: a step quantity then still has the `last` of the bin
// before.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/units.h"

namespace longhaul {

class Series {
 public:
  struct Bin {
    std::int64_t min = 0;
    std::int64_t max = 0;
    std::int64_t last = 0;
    std::uint64_t samples = 0;
    friend bool operator==(const Bin&, const Bin&) = default;
  };

  static constexpr std::size_t default_bins = 512;

  // `bins_max` is even; the bin width is positive.
  explicit Series(TimePoint start = {}, Duration bin_width = milliseconds(100),
                  std::size_t bins_max = default_bins);

  // Times do not go back.
  void add(TimePoint now, std::int64_t value);

  TimePoint start() const { return start_; }
  Duration bin_width() const { return width_; }
  const std::vector<Bin>& bins() const { return bins_; }  // up to the last with a sample

 private:
  void halve();

  TimePoint start_;
  Duration width_;
  std::size_t bins_max_;
  std::vector<Bin> bins_;
};

}  // namespace longhaul
