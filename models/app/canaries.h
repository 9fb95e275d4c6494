// The canaries of a world: requests that measure outages, and nothing else, from each users'
// region.
//
//   write_outage          of its writes, ten a second (models/app/canary.h has bound and calm)
//   durable_write_outage  of the same writes, when only acknowledgements count that survive on the
//                         final timeline: a write that was acknowledged and is lost counts as if it
//                         had never been. Known once every database shows it, or none that counts
//                         (models/data.h), and for the rest when the run ends.
//   read_outage           of its reads, if the scenario has `canary_reads`: from the sending of the
//                         first that is not answered within the bound, likewise
//
// Each has one sample for each outage, and one of 0 for a region without any.
//
// Definitions: docs/metrics.md. Left out: whether a read that is answered is fresh.
#pragma once

#include "models/world.h"

namespace longhaul {

// A canary's request leaves. Returns its number.
std::uint64_t note_canary_sent(World& world, const PopulationPlan& canary);

// It has ended.
void note_canary(World& world, const PopulationPlan& canary, const Request& request);

// The warm-up is over: everything measured so far is forgotten.
void restart_canaries(World& world);

// The run is over.
void finish_canaries(World& world);

}  // namespace longhaul
