// Claims of the literature, judged by simulation.
//
// A file of claims names for each the figures that would confirm it, on scenarios that stand beside
// it: "the average of page_latency{...} in far.json lies between 200ms and 300ms". The verdict
// follows from the figures alone:
//
//   reproduced        every figure is as claimed
//   under assumption  not all, but every one of `assumed`, for which `assumption` holds
//   refuted           neither
//
// A figure that is `of` another one is their quotient, as a share. Each figure on pages is shown
// with where the time of those pages goes (run/page_breakdown.h).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/fields.h"
#include "base/result.h"
#include "run/page_breakdown.h"
#include "run/scenario.h"
#include "run/sweep.h"

namespace longhaul {

struct ClaimFigureConfig {
  std::string what;
  std::string scenario;
  std::string metric;  // "page_latency{page:dashboard}"
  std::string value;   // "avg", "p(99)", "count"
  std::optional<std::string> of;
  std::optional<std::string> at_least;
  std::optional<std::string> at_most;

  static const FieldTable& fields();
};

struct ClaimConfig {
  std::string name;
  std::string claim;
  std::vector<ClaimFigureConfig> figures;
  std::optional<std::string> assumption;
  std::vector<ClaimFigureConfig> assumed;

  static const FieldTable& fields();
};

struct ClaimsConfig {
  std::vector<ClaimConfig> claims;
  static const FieldTable& fields();
};

enum class ClaimVerdict : std::uint8_t { reproduced, under_assumption, refuted };
std::string_view words_of(ClaimVerdict verdict);

struct ClaimFigure {
  std::string what;
  std::string scenario;  // its name
  std::string claimed;   // "200ms to 300ms"; empty: only measured for another figure
  std::string measured;
  bool holds = false;
  std::vector<std::string> pages;  // where the time of its pages goes, one line each
};

struct ClaimResult {
  std::string name;
  std::string claim;
  ClaimVerdict verdict = ClaimVerdict::refuted;
  std::vector<ClaimFigure> figures;
  std::string assumption;
  std::vector<ClaimFigure> assumed;
};

struct ClaimOptions {
  SweepOptions sweep;
  const Catalogue* catalogue = nullptr;  // null: the built-in one
};

// Scenarios are found beside the file. Each runs once over its seeds. After a stop: nothing.
Result<std::vector<ClaimResult>> judge_claims(const std::string& path, ClaimOptions options,
                                              const ReadText& read = read_text_file);

// "231.4ms = 20ms between user and app + 3 x 69.6ms to db-us + ...".
std::string sum_text(const PageBreakdown& page, const LabelValues& labels);

std::string claims_markdown(const std::vector<ClaimResult>& claims);

}  // namespace longhaul
