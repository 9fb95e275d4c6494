// What the clock of a server says: simulated time plus a constant, clock_skew.
//
// Times that one server writes and another reads are off by the difference of their clocks: commit
// timestamps on a standby, heartbeats, recovery_min_apply_delay. Left out: drift and steps.
#pragma once

#include "models/world.h"

namespace longhaul {

inline TimePoint clock(const World& world, NodeId node, TimePoint at) {
  return at + world.plan->nodes[node.value].config.clock_skew;
}
inline TimePoint clock(const World& world, NodeId node) { return clock(world, node, world.now()); }

}  // namespace longhaul
