// Where two runs part: both worlds advance event by event until one does something else.
//
// Events are compared by what goes into a run's digest (time, class, target, kind, generation,
// argument) and not by serial number, so runs that agree here have equal digests. Targets are
// compared by position, as they are in the digest, and printed by name.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "models/cluster.h"
#include "run/request_id.h"
#include "run/scenario.h"

namespace longhaul {

struct NumberedEvent {
  std::uint64_t number = 0;  // 1 for the first of a run
  Event event;
  std::optional<RequestName> request;  // whose page it belongs to
};

struct RunDiff {
  bool differ = false;
  bool interrupted = false;
  std::uint64_t events = 0;           // that both executed alike
  std::uint64_t digest = 0;           // over them
  std::vector<NumberedEvent> shared;  // the last of them
  std::vector<NumberedEvent> a;       // what comes then; empty: the run has ended
  std::vector<NumberedEvent> b;
};

struct DiffOptions {
  std::size_t before = 5;
  std::size_t after = 3;
  std::function<bool(TimePoint now)> go_on;  // asked now and then
};

// Both at the same point of time, usually zero; each runs to its own end.
RunDiff diff_runs(Cluster a, Cluster b, const DiffOptions& options = {});

// "1,234 at 12.345600000s  page_at_app of app-eu/0  generation 0, argument 0x12  (eu/17#42)"
std::string event_text(const Plan& plan, const NumberedEvent& event);

// The target of an event by its name: "db-eu", "app-eu/0", "session eu/17", "request 12".
std::string target_text(const Plan& plan, std::uint32_t target);

// A parameter that two configurations disagree about; empty text: absent there.
struct ChangedParameter {
  std::string path;  // topology.nodes.db-eu.cpu
  std::string a;
  std::string b;
};

std::vector<ChangedParameter> changed_parameters(const ScenarioConfig& a, const ScenarioConfig& b);

}  // namespace longhaul
