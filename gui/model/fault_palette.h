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

#include "gui/model/scene.h"
#include "run/scenario.h"

namespace longhaul {

struct FaultMember {
  std::string key;   // "node"
  std::string json;  // "\"db-eu\"", as it stands in a file
};

struct FaultTarget {
  std::string text;  // "db-eu"
  std::vector<FaultMember> members;
  std::string state = {};  // "gone": nothing more can happen to it at that instant
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

// Says of servers that are down or gone at an instant that they are, where a kind needs one that
// runs, and puts them behind the others. What one of the `faults` does to a server at that very
// instant does not count: it has just been thrown in.
void note_states(std::vector<FaultChoice>& choices, const Scene& scene,
                 const std::vector<FaultConfig>& faults);

// Why no switchover is offered; empty: it is.
std::string why_no_orders(const ScenarioConfig& config);

// Where something begins that is thrown in while the clock stands at `now`, in a run that ends at
// `end`: whole milliseconds read better in a file, and what begins at the end never happens.
struct InjectInstant {
  TimePoint at;
  std::string remark;  // when that is not where the clock stands
};
InjectInstant inject_instant(TimePoint now, TimePoint end);

// By the field's name, as typed; what is empty is not given.
using FaultValues = std::map<std::string, std::string, std::less<>>;
FaultValues usual_values(const FaultChoice& choice);

// One object. `lasts` absent: until the end of the run, or at once.
std::string fault_json(const FaultChoice& choice, const FaultTarget& target, TimePoint at,
                       std::optional<Duration> lasts, const FaultValues& values);

}  // namespace longhaul
