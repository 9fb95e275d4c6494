// What users saw between two instants of one run.
//
// Histograms only grow, so what came between is the difference of two looks at the world. The end
// of the warm-up clears them: a range that begins before it begins there, and one that ends with
// the run has the report's figures then. A quantile is read off as everywhere, evenly spread within
// its bucket: within 3.2 %. The canary's pages are left out.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/world.h"

namespace longhaul {

struct RangeLatency {
  std::int64_t count = 0;
  std::int64_t med = 0;  // ns
  std::int64_t p95 = 0;
  std::int64_t p99 = 0;
};

struct RangeRow {
  std::string region;  // of the users
  RangeLatency pages;
  RangeLatency reads;
  std::int64_t stale_reads = 0;
  std::int64_t errors = 0;  // failed pages
};

struct RangeFigures {
  std::uint64_t number = 0;  // of the run
  TimePoint from;
  TimePoint to;
  std::vector<RangeRow> rows;  // of regions that users come from
};

// What had been counted at one instant.
struct RangeCounts {
  struct Row {
    std::string region;
    Histogram pages;
    Histogram reads;
    std::int64_t stale_reads = 0;
    std::int64_t errors = 0;
  };
  TimePoint measured_from;
  std::vector<Row> rows;
};

RangeCounts range_counts(const World& world);
RangeFigures figures_between(const RangeCounts& before, const RangeCounts& after);

}  // namespace longhaul
