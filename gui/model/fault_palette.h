// The faults and operator actions that a scenario can take, each with the things it can happen to,
// and as an element of its list of faults.
//
// Kinds and what they are about come from models/faults.h; what a scenario has nothing for is left
// out. What else a fault needs (a speed, a data set, a zone) is chosen with the target or has a
// usual value here.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "run/scenario.h"

namespace longhaul {

struct FaultTarget {
  std::string text;     // "db-eu"
  std::string members;  // "\"node\": \"db-eu\"", as it stands in a file; may be empty
};

struct FaultChoice {
  FaultKind kind = FaultKind::crash;
  std::string name;   // "crash"
  std::string group;  // "Servers"
  std::string about;
  bool momentary = false;
  bool has_length = true;  // "for" means something
  std::vector<FaultTarget> targets;
};

std::vector<FaultChoice> fault_choices(const ScenarioConfig& config);

// One object. `lasts` absent: until the end of the run, or at once.
std::string fault_json(const FaultChoice& choice, const FaultTarget& target, TimePoint at,
                       std::optional<Duration> lasts);

}  // namespace longhaul
