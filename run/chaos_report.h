// Many random worlds, as a table for people: which kinds of fault they had, who managed them, what
// was promised and held, what was lost outside of the promise and to what, and the weaknesses of
// each manager.
#pragma once

#include <string>
#include <vector>

#include "run/chaos_judge.h"

namespace longhaul {

// The outcomes in the order of their seeds.
std::string chaos_text(const std::vector<ChaosOutcome>& outcomes, bool colour);

// Whether nothing happened that must never happen.
bool chaos_holds(const std::vector<ChaosOutcome>& outcomes);

}  // namespace longhaul
