// The users of a configuration: their pages, calls and statements in the plan, their sessions in
// the world, and the canary's beside them.
#pragma once

#include <cstdint>

#include "models/build.h"
#include "models/plan.h"
#include "models/world.h"

namespace longhaul {

// Nodes, apps, data sets and labels are in the plan already.
void add_populations(const ClusterConfig& config, std::uint64_t seed, Plan& plan, World& world);

}  // namespace longhaul
