// Whoever watches replication: reads every replica's lag from each source at fixed times, and calls
// somebody. Nothing is changed by it, but heartbeats are written (models/pg/heartbeat.h).
//
// A source is read where it is kept and at the same moment: how a probe of an application sees it,
// late and through the network, is models/app/probes.h.
#pragma once

#include "models/world.h"

namespace longhaul {

void begin_monitoring(World& world);

void monitoring_due(World& world, const Event& event);  // monitoring_due

}  // namespace longhaul
