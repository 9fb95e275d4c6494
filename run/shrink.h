// Reduces a scenario that goes wrong to a small one that still does.
//
// What is tried, over and over until nothing of it helps any more: to leave faults out, half of
// them first, then single ones (delta debugging: Zeller and Hildebrandt, "Simplifying and isolating
// failure-inducing input", 2002); to leave out elements of every other list, such as servers, users
// and members of the lease store, and every other value, which then has its default; to move what
// is in one region to another; to make faults shorter and their times round; no fault that ends is
// made to last. A change that makes the scenario invalid is not taken, nor one after which nothing
// goes wrong.
//
// The result says only what differs from the defaults. Left out: combinations of changes each of
// which by itself makes the failure go away.
#pragma once

#include <cstddef>
#include <functional>
#include <string>

#include "run/scenario.h"

namespace longhaul {

// Whether a scenario still goes wrong in the same way.
using StillFails = std::function<bool(const Scenario& scenario)>;

struct Shrunk {
  std::string text;       // the scenario file
  std::size_t tries = 0;   // scenarios that were run
  std::size_t faults = 0;  // that are left
  bool complete = false;   // false: it ran out of tries
};

// `config` goes wrong.
Shrunk shrink(const ScenarioConfig& config, const StillFails& fails, std::size_t tries_max = 3'000);

}  // namespace longhaul
