#include "run/reports/distributions.h"

#include <algorithm>

#include "models/build.h"

namespace longhaul {

std::vector<PlotSample> cumulated(const Histogram& histogram) {
  constexpr std::int64_t least_step = 2'000;  // ppm
  std::vector<PlotSample> samples;
  std::uint64_t seen = 0;
  std::int64_t before = -least_step;
  const std::uint64_t all = histogram.count();
  for (unsigned bucket = 0; bucket < buckets::count && seen < all; ++bucket) {
    const std::uint64_t count = histogram.count_in(bucket);
    if (count == 0) continue;
    if (samples.empty())
      samples.push_back({std::max<std::int64_t>(1, buckets::lower_of(bucket)), 0});
    seen += count;
    const std::int64_t share =
        div_floor(static_cast<Int128>(seen) * 1'000'000, static_cast<std::int64_t>(all));
    if (share - before < least_step && seen < all) continue;
    samples.push_back({std::min(buckets::upper_of(bucket), histogram.max()), share});
    before = share;
  }
  return samples;
}

Histogram latency_of(const Figures& figures, Metric metric, std::uint32_t region) {
  Histogram all;
  for (std::size_t cell = 0; cell < figures.parts.front()->cells(metric); ++cell) {
    const std::vector<std::uint32_t> at = figures.parts.front()->labels_of(metric, cell);
    if (at[0] != region || figures.labels[Label::page][at[1]] == canary_name) continue;
    if (at[3] != static_cast<std::uint32_t>(Outcome::ok)) continue;
    all.merge(figures.parts.front()->distribution_at(metric, cell));
  }
  return all;
}

}  // namespace longhaul
