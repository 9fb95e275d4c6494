// The figures of a run as OpenMetrics text (the specification of version 1.0.0).
//
// Every metric of docs/metrics.md with the cells in which something was counted, in base units:
//   counters       longhaul_NAME_total, and longhaul_NAME_of_total: how many there were of which
//   distributions  summaries with quantiles, count and sum
//   lag and gauges gauges with a label `statistic`: time-weighted avg, p50, p95, p99, max
// beside them what is expected, what it costs, and the run itself as an info. Time stamps are
// simulated: the end of the run. Left out: the run over time, which series.csv has.
#pragma once

#include <string>

#include "run/reports/material.h"

namespace longhaul {

std::string open_metrics(const Material& material);

}  // namespace longhaul
