// Two to four designs side by side: their difference at once from the runs that are open, and over
// many seeds when somebody wants to be sure.
//
// What is shown of the open runs is compare() (run/compare.h) over one seed; what is shown of many
// is that of `longhaul compare` for the same files and seeds. Neither has a figure of its own.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gui/model/background.h"
#include "gui/model/run_session.h"
#include "run/answers/pareto.h"
#include "run/compare.h"

namespace longhaul {

struct ComparedDesign {
  std::string name;  // "A"
  std::string file;
  std::shared_ptr<const Scenario> scenario;
  std::shared_ptr<const RunView> view;  // complete, or null
  bool saved = true;                    // the file has what is compared
};

struct DesignComparison {
  CompareReport report;
  Pareto pareto;  // its designs are the sides
};

// A distribution of the latency of one region's users under one design.
struct ComparedDistribution {
  std::size_t side = 0;
  std::vector<PlotSample> samples;  // share (ppm) by latency (ns)
};

class CompareModel {
 public:
  // Once a frame, with what is open.
  void update(const std::vector<ComparedDesign>& designs);

  // Over so many seeds from the first design's first on.
  void start(std::int64_t seeds, unsigned jobs, std::function<void()> wake);
  void cancel() { pairs_.request_cancel(); }
  const Background<DesignComparison>& work() const { return pairs_; }

  // The newest: over many seeds if those are of the designs as they are now, else of the open runs;
  // null while one of these is not complete.
  const DesignComparison* shown() const;
  bool over_seeds() const { return over_seeds_; }
  // There are figures over many seeds, and a design has changed since.
  bool outdated() const { return outdated_; }
  // That the open runs are not of one seed.
  bool mixed_seeds() const { return mixed_seeds_; }

  const std::vector<ComparedDesign>& designs() const { return designs_; }
  // Regions that users come from under any design, in the order of the table.
  const std::vector<std::string>& regions() const { return regions_; }

  // Of the open runs.
  std::vector<ComparedDistribution> distributions(Metric metric, const std::string& region) const;
  // Of a metric by region and quantile, "page_latency" and "0.95".
  std::vector<PlotSample> quantile_series(std::size_t side, const std::string& metric,
                                          const std::string& region,
                                          const std::string& quantile) const;
  // Faults as they were seen, of all designs; those of some only say of which.
  std::vector<PlotBand> fault_bands() const;
  // The largest replay lag of all standbys, in each interval the greatest.
  std::vector<PlotSample> lag_series(std::size_t side) const;

  // What gives the same in the terminal as is shown; empty without anything to compare.
  std::string command_line() const;

 private:
  std::vector<ComparedDesign> designs_;
  std::vector<std::string> regions_;
  std::optional<DesignComparison> single_;
  Background<DesignComparison> pairs_;
  std::shared_ptr<const DesignComparison> kept_;  // the newest of them
  std::vector<std::uint64_t> pairs_of_;           // digests of the scenarios that were started
  std::vector<std::uint64_t> digests_;            // of those that are open
  bool over_seeds_ = false;
  bool outdated_ = false;
  bool mixed_seeds_ = false;
};

// The comparison itself; nothing after a stop. `run_side` gives the result of one seed of one
// design, and is called on several threads.
std::optional<DesignComparison> compare_designs(
    const std::vector<ComparedDesign>& designs, SeedRange seeds, unsigned jobs,
    const std::function<std::optional<RunResult>(std::size_t side, std::uint64_t seed)>& run_side,
    const std::function<void(std::uint64_t done, std::uint64_t whole)>& progress);

}  // namespace longhaul
