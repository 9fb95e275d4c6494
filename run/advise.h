// Where the time of pages goes, and what would help: each option is simulated with the same users,
// the same luck and the same seeds as the scenario itself.
//
// Options are ranked by the mean time that they save over all pages in question. Beside it stand
// what they bring (stale reads) and what they cost a month (run/cost.h). A replica is held against
// the best that does without one: where that saves at least four fifths as much, nobody needs it.
#pragma once

#include <string>
#include <vector>

#include "run/advise_options.h"
#include "run/cost.h"
#include "run/page_breakdown.h"
#include "run/sweep.h"

namespace longhaul {

// The pages in question, of all regions or of one page, before and after an option.
struct PageEffect {
  Duration mean;
  Duration p50;
  Duration p95;
};

struct Advice {
  AdviceOption option;
  Duration saved;                 // mean of all pages in question; below zero: it costs time
  std::vector<PageEffect> pages;  // in the order of AdviceReport::pages
  Counter stale;
  std::int64_t errors = 0;
  MonthlyCost cost;
};

struct AdviceReport {
  std::string name;
  std::string file;
  std::uint64_t seeds = 0;
  LabelValues labels;
  std::vector<PageBreakdown> pages;
  Counter stale;
  std::int64_t errors = 0;
  std::size_t faults = 0;    // of the scenario: they are in all figures
  bool moved_reads = false;  // by freshness rules or breakers
  MonthlyCost cost;
  std::vector<Advice> options;  // the best first
  std::vector<std::string> answers;
  std::vector<std::string> impossible;  // what, and why
};

// Whether pages become faster without more of them failing: one in ten more is luck.
bool helps(const AdviceReport& report, const Advice& advice);

struct AdviceRequest {
  std::string page;  // empty: all
  SeedRange seeds;
  const Catalogue* catalogue = nullptr;  // null: the built-in one
};

// An unknown page is an error. After a stop only the options of which all seeds were finished.
Result<AdviceReport> advise(const Scenario& scenario, const AdviceRequest& request,
                            SweepOptions options);

std::string advice_text(const AdviceReport& report, bool colour);
std::string advice_json(const AdviceReport& report);

}  // namespace longhaul
