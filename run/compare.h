// Two to four designs on the same users and the same luck: what differs, by how much, how surely,
// and what it costs.
//
//   longhaul compare one_region.json three_regions.json
//
// Every figure is taken of each seed under each design; the difference to the first design is taken
// within each seed and judged over all of them (run/paired.h). A region stands in the table when
// users come from it under any of the designs. Latencies are those of what succeeded, pages without
// the canary's; what failed has a row of its own. Cost is the list price of a month (run/cost.h).
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "run/cost.h"
#include "run/diff.h"
#include "run/paired.h"
#include "run/quantity.h"
#include "run/scenario.h"
#include "run/sweep.h"

namespace longhaul {

struct CompareSide {
  std::string name;  // "A", "B", ...
  std::string scenario;
  std::string file;
  std::vector<std::string> sets;  // that this side alone has
  MonthlyCost cost;
};

struct CompareCell {
  std::optional<std::int64_t> mean;  // over the seeds that have samples
  PairedDifference difference;       // to the first side, over seeds with samples on both
  PairedVerdict verdict = PairedVerdict::equal;
};

struct CompareRow {
  std::string region;  // empty: of the whole system
  std::string key;     // "page_p95"
  std::string title;   // "pages, p95"
  Quantity unit = Quantity::duration;
  bool lower_is_better = true;
  std::vector<CompareCell> cells;  // by side
};

struct CompareReport {
  SeedRange seeds;
  std::vector<CompareSide> sides;
  std::vector<CompareRow> rows;  // that differ between any two sides, or are not zero
  std::vector<CompareRow> zero;  // 0 under all designs in every seed; without cells
  std::vector<std::vector<ChangedParameter>> changed;  // by side, against the first
  std::vector<std::string> cautions;  // what stands in the way of a fair comparison
  std::vector<std::string> verdicts;  // a sentence for each side but the first
};

// As many seeds as a verdict needs, from the scenario's first on.
SeedRange seeds_to_compare(const Scenario& scenario);

// All of `scenarios` over the same seeds. Nothing after a stop.
std::optional<CompareReport> compare(const std::vector<Scenario>& scenarios,
                                     std::vector<CompareSide> sides, SeedRange seeds,
                                     SweepOptions options);

// The sentences for people, from the rows.
void add_verdicts(CompareReport& report);

// What a cell's difference to the first side says. One below a hundredth of what the first has is
// `little`, however sure.
enum class CompareEffect : std::uint8_t { none, better, worse, little };
CompareEffect effect_of(const CompareRow& row, const CompareCell& cell);
std::string_view effect_name(const CompareRow& row, const CompareCell& cell);
// "-31.4ms ± 2.1ms"; "-" without pairs.
std::string change_text(const CompareRow& row, const CompareCell& cell);
// "83.2ms"; "-" without samples.
std::string mean_text(const CompareRow& row, const CompareCell& cell);
// Its name, its expectations and the like, which change no run.
bool is_about_the_file(const ChangedParameter& parameter);

std::string compare_text(const CompareReport& report, bool colour);
std::string compare_json(const CompareReport& report);

}  // namespace longhaul
