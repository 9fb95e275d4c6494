// The state in which a world begins: servers that stream to one another, probes, sessions and the
// first event of everything that acts by itself.
#pragma once

#include "models/world.h"

namespace longhaul {

// The world has its plan, network, users and sessions, and nothing else.
void start(World& world);

// Schedules the faults of the plan from that number on.
void start_faults(World& world, std::uint32_t first);

}  // namespace longhaul
