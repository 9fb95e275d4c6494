// Long lines for few pixels: of each column of pixels the least, the most and the last sample.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "run/plot.h"

namespace longhaul {

// What of `samples` (x rising) is worth drawing from `from` to `to` over so many columns: in their
// order; a gap between two of them remains; beside them the last before and the first after the
// range, so that lines reach its edges. What has no more than two a column comes back whole.
std::vector<PlotSample> decimated(const std::vector<PlotSample>& samples, std::int64_t from,
                                  std::int64_t to, std::size_t columns);

}  // namespace longhaul
