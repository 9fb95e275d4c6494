// The numbers of a scenario that one might turn, each with a value below and one above.
//
// They are found by walking the field tables (base/fields.h), so a new parameter is a knob without
// more. Values keep within the field's bounds; a zero cannot be scaled and is none.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "run/scenario.h"

namespace longhaul {

struct NumberKnob {
  std::string path;
  std::string base;  // as the file would say it
  std::string low;   // empty: the bound does not let it go there
  std::string high;
};

// Those at or below any of `under`, defaults among them; without any: what differs from its default
// and is part of the system or of its users, not of how it is watched, broken or paid for.
// `factor_milli` is above 1,000.
std::vector<NumberKnob> knobs_of(const ScenarioConfig& config,
                                 const std::vector<std::string>& under, std::int64_t factor_milli);

}  // namespace longhaul
