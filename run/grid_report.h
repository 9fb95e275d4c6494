// What stands in a sweep's file, a line for each setting: how many cells, how many hold, and the
// figures that decide most often. Whoever wants others asks the file (docs/store.md).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "run/store.h"

namespace longhaul {

// Over the cells of a setting: the middle one, the 99th percentile and the worst, by nearest rank.
struct Spread {
  std::int64_t samples = 0;
  std::int64_t median = 0;
  std::int64_t p99 = 0;
  std::int64_t worst = 0;
};
Spread spread_of(std::vector<std::int64_t> values);
std::int64_t mean_of(const std::vector<std::int64_t>& values);  // rounded down; zero of none

struct SettingLine {
  std::vector<std::string> values;  // by axis
  std::int64_t cells = 0;
  std::int64_t holding = 0;
  std::optional<std::int64_t> page_p95;  // mean over cells, ns
  std::optional<std::int64_t> stale_ppm;
  Spread write_outage;  // the longest of each cell, ns
  Spread lost_transactions;
  std::int64_t split_brain_writes = 0;
  std::int64_t unfinished_pages = 0;
  std::int64_t cost_micro_usd = 0;  // mean
};

struct GridReport {
  std::string name;
  SweepKey key;
  std::int64_t finished = 0;
  std::int64_t unfinished_pages = 0;
  std::vector<SettingLine> lines;  // by setting; those without cells are left out
};

GridReport grid_report(const Store& store);
std::string grid_text(const GridReport& report, bool colour);
std::string grid_json(const GridReport& report);

}  // namespace longhaul
