// The faults and operator actions that a scenario can take, each with the things it can happen to
// and the parameters it takes, and as an element of its list of faults.
//
// Kinds and what they are about come from models/faults.h, parameters from its field table; what a
// scenario has nothing for is left out. A target says which of the fields that name things are
// given; every other field that the kind takes is a parameter, some of them with a usual value.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "run/scenario.h"

namespace longhaul {

struct FaultMember {
  std::string key;   // "node"
  std::string json;  // "\"db-eu\"", as it stands in a file
};

struct FaultTarget {
  std::string text;  // "db-eu"
  std::vector<FaultMember> members;
};

struct FaultParameter {
  const Field* field = nullptr;    // of FaultConfig::fields()
  std::string usual;               // what a form begins with; empty: nothing is given
  std::vector<std::string> names;  // that it may be; empty: anything of its type
};

struct FaultChoice {
  FaultKind kind = FaultKind::crash;
  std::string name;   // "crash"
  std::string group;  // "Servers"
  std::string about;
  bool momentary = false;
  bool has_length = true;  // "for" means something
  std::vector<FaultTarget> targets;
  std::vector<FaultParameter> parameters;
};

std::vector<FaultChoice> fault_choices(const ScenarioConfig& config);

// By the field's name, as typed; what is empty is not given.
using FaultValues = std::map<std::string, std::string, std::less<>>;
FaultValues usual_values(const FaultChoice& choice);

// One object. `lasts` absent: until the end of the run, or at once.
std::string fault_json(const FaultChoice& choice, const FaultTarget& target, TimePoint at,
                       std::optional<Duration> lasts, const FaultValues& values);

}  // namespace longhaul
