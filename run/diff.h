// Where two runs part: both worlds advance event by event until one does something else.
//
// Events are compared by what goes into a run's digest (time, class, target, kind, generation,
// argument) and not by serial number, so runs that agree here have equal digests. Targets are
// compared by position; they are printed by name.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "run/runner.h"
#include "sim/trace.h"

namespace longhaul {

// "1,234 at 12.3456s  page_at_app  app-eu/0  argument 0x12"
std::string event_text(const Plan& plan, std::uint64_t number, const Event& event);

// The target of an event by its name: "db-eu", "app-eu/0", "session eu/17", "request 12".
std::string target_text(const Plan& plan, std::uint32_t target);

}  // namespace longhaul
