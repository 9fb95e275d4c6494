// What the files of `longhaul run --out` are made of.
//
// Everything stands in it once; no file has a figure of its own. Nothing depends on the machine or
// the wall clock, so that the same run writes the same bytes.
#pragma once

#include <optional>

#include "run/cost.h"
#include "run/report.h"
#include "run/reports/latency_log.h"
#include "run/series.h"

namespace longhaul {

struct Material {
  const Scenario& scenario;
  const RunResult& result;
  const Report& report;
  const RunSeries& series;
  const MonthlyCost& cost;
  const LatencyLog& latency_log;
};

}  // namespace longhaul
