// Which designs are worth a look: those that no other one beats in cost, latency and loss at once.
//
// Designs are the settings of some parameters in one or several scenarios. With crash instants each
// is run twice: calm, with its faults left out, for the bill and the latency; and forked into the
// failure for what is lost (run/grid.h). Without them its runs as they are say all three.
//
// A design is beaten when another one is worse in nothing and better in something. Of latency,
// which luck moves, better means: by one percent and beyond the 95 % interval of the difference
// within the seeds (run/paired.h). Cost is the list price of a month (run/cost.h), to the dollar;
// loss the 99th percentile over the crashes, or over the runs. The same scenario twice is an error:
// two equal designs do not beat each other. Left out: which one to take.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "run/grid.h"
#include "run/grid_report.h"
#include "run/paired.h"
#include "run/variants.h"

namespace longhaul {

struct ParetoDesign {
  std::string name;  // "A", "B", ...
  std::string scenario;
  std::vector<std::string> values;      // of the axes
  std::vector<std::int64_t> cost;       // micro-USD a month, by seed
  std::vector<std::int64_t> latency;    // ns, by seed
  std::vector<std::int64_t> lost;       // transactions, by crash or by run
  std::vector<std::int64_t> outage_ns;  // the longest of each
  std::vector<std::size_t> beaten_by;   // positions of other designs
  std::int64_t unfinished_pages = 0;    // of all runs
  std::int64_t runs = 0;

  std::int64_t cost_mean() const;
  std::int64_t latency_mean() const;
};

struct Pareto {
  std::vector<std::string> axes;  // paths
  std::string latency;            // "page_latency p(95)"
  SeedRange seeds;
  std::int64_t instants = 0;  // 0: whole runs
  std::string failure;
  std::vector<ParetoDesign> designs;
  bool complete = true;
};

struct ParetoAsked {
  std::vector<Axis> axes;
  WantedFigure latency{"page_latency", "p(95)"};
  std::optional<SeedRange> seeds;  // those of the first scenario unless given
  CrashPlan crash;
  std::optional<std::uint64_t> tie_order;
  // By scenario.
  std::vector<std::function<Result<Scenario>(const std::vector<std::string>& sets)>> load;
};

// The same threads and interruption for both kinds of runs.
Result<Pareto> pareto(const ParetoAsked& asked, const SweepOptions& calm,
                      const GridOptions& crashes);
// From the figures of the designs.
void find_beaten(Pareto& answer);

std::string pareto_sentence(const Pareto& answer);
std::string pareto_text(const Pareto& answer, bool colour);
std::string pareto_json(const Pareto& answer);
std::string pareto_svg(const Pareto& answer);

}  // namespace longhaul
