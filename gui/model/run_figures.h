// The figures of a run that are looked at first, and how much they differ from those of another.
//
// All come out of the run's report, as integers in the unit of their metric; their texts are those
// of the report. Names are for scripts: "page_p95.aws:eu-west-1", "lag_p99.db-eu",
// "cost_per_month".
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gui/model/run_session.h"
#include "run/plot.h"

namespace longhaul {

struct RunFigure {
  std::string name;
  std::string title;  // "p95"
  Quantity quantity = Quantity::count;
  std::int64_t value = 0;
  std::string text;
  bool bad = false;        // should not be
  std::string about = {};  // of what it is, for a hint
  bool in_words = false;   // its text says more than its value, which then is not compared
};

// What is said of one thing.
struct FigureGroup {
  std::string title;  // "aws:eu-west-1"
  std::string kind;   // "users", "replica", "cost", "loss"
  std::vector<RunFigure> figures;
};

std::vector<FigureGroup> figures_of(const RunView& view);  // empty before it is complete

const RunFigure* find_figure(const std::vector<FigureGroup>& groups, std::string_view name);

// "+12.4ms", "-0.02 points"; empty when they are equal, or one is told in words.
std::string change_text(const RunFigure& before, const RunFigure& after);

// What an expectation's metric was; "no samples" where there was nothing to measure.
std::string found_text(const ExpectationReport& expectation);

// Expectations of the scenario that the run does not meet; 0 before it is complete.
std::size_t missed_expectations(const RunView& view);

}  // namespace longhaul
