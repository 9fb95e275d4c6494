// Which number moves a figure most: one at a time down and up, everything else as it is.
//
// Each side is compared with the scenario as it is within each seed (run/paired.h). What luck might
// do is not ranked: a difference counts as an effect when it is larger than twice the half-width of
// its 95 % interval, and than a hundredth of the figure, as less would change no decision. Of 20
// seeds the first is a chance of 1 in 2,000 for a number that does nothing, so among fifty
// comparisons noise gets through in one answer of forty. Effects are ranked by their larger side.
// A seed counts for a side when both have samples of the figure there; a side without any says so,
// and one of fewer than all seeds how many. Pages that still wait when the runs end are in no
// figure. Left out: numbers that only matter together with another one; what the catalogue gives
// (round trips) and the scenario does not say.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "run/answers/knobs.h"
#include "run/paired.h"
#include "run/quantity.h"
#include "run/variants.h"

namespace longhaul {

// What a figure's values are.
Quantity quantity_of(const Expectation& figure);

struct SensitivityAsked {
  WantedFigure figure{"page_latency", "p(95)"};
  std::vector<std::string> knobs;  // paths, each with what is below it; none: those that stand out
  std::int64_t factor_milli = 2'000;
  SeedRange seeds;
  std::function<Result<Scenario>(const std::vector<std::string>& sets)> load;
};

struct KnobSide {
  std::string value;
  PairedDifference difference;  // to the scenario as it is
  bool is_effect = false;
  std::int64_t unfinished_pages = 0;
};

struct KnobLine {
  NumberKnob knob;
  std::optional<KnobSide> low;  // absent: it cannot be there
  std::optional<KnobSide> high;

  bool is_effect() const;
  std::int64_t size_milli() const;  // of the larger side
};

struct Sensitivity {
  std::string scenario;
  std::string figure;  // "page_latency{...} p(95)"
  Quantity quantity = Quantity::duration;
  std::int64_t factor_milli = 0;
  SeedRange seeds;
  std::int64_t base_milli = 0;        // mean of the seeds
  std::int64_t unfinished_pages = 0;  // as it is
  std::vector<KnobLine> lines;        // effects first, the largest at the top
  bool complete = true;
};

Result<Sensitivity> sensitivity(const SensitivityAsked& asked, const SweepOptions& options);
std::string sensitivity_sentence(const Sensitivity& answer);
std::string sensitivity_text(const Sensitivity& answer, bool colour);
std::string sensitivity_json(const Sensitivity& answer);
std::string sensitivity_svg(const Sensitivity& answer);

}  // namespace longhaul
