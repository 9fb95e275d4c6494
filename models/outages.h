// Faults that come in parts: hosts that stand still, links that flap.
//
// A stalled host (a VM that is migrated, paused for a snapshot, or starved) runs nothing for a
// while. Nobody's connection ends; what arrives for its server or its agent waits, their timers go
// off late, all of it at the end of the stall: first the watchdog's, which is the kernel's, then
// the others in the order in which they would have gone off. To everybody else it is silent, as a
// lost host is; but it does not know that it was away: a leader that wakes up acts on what it knew.
// Processor time that a statement had left is not added.
//
// A flapping link is cut for a share of each period, from the period's beginning.
#pragma once

#include "models/world.h"

namespace longhaul {

// Whether the event is for a host that stands still; it is kept until the stall is over.
bool held_back(World& world, const Event& event);

void stall_host(World& world, NodeId node);
void resume_host(World& world, NodeId node);

void begin_flapping(World& world, std::uint32_t fault);
void end_flapping(World& world, std::uint32_t fault);
void flap_due(World& world, const Event& event);  // flap_due

// What a cache holds is gone, with its host.
void empty_caches(World& world, std::uint32_t region);

}  // namespace longhaul
