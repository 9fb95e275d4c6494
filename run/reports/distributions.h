// How latencies are distributed: what is drawn of a histogram.
#pragma once

#include <cstdint>
#include <vector>

#include "run/figures.h"
#include "run/plot.h"

namespace longhaul {

// The share (ppm) of values at or below each bucket's end, thinned out to what a plot can show.
std::vector<PlotSample> cumulated(const Histogram& histogram);

// Of what users of one region were answered with success; without the canary's. The figures are of
// one seed; the metric is a latency by region, page and outcome.
Histogram latency_of(const Figures& figures, Metric metric, std::uint32_t region);

}  // namespace longhaul
