// An app instance that crashes and is started again.
//
// Its pages end with an error, which their users learn as soon as a reset travels; its connections
// are closed, and what the servers run for them goes on until they notice (writes are in doubt);
// its pools are empty, and its queue in memory is lost (models/app/outbox.h). While it is down the
// load balancer sends new pages to the app's other instances; when all are down they fail as
// "app_down", as do pages that were on their way to it.
//
// Left out: the time that a load balancer takes to notice, and how long an instance takes to start.
// Its probes go on, so it knows its databases when it is back.
#pragma once

#include "models/world.h"

namespace longhaul {

inline bool is_up(const World& world, InstanceId instance) {
  return world.instances[instance.value].outages == 0;
}

// The instance itself, or the next of its app that is up; none when all are down.
InstanceId instance_that_is_up(const World& world, InstanceId instance);

// Whether what the process remembered then is gone.
bool has_crashed_since(const World& world, InstanceId instance, TimePoint since);

void crash_app(World& world, const FaultPlan& fault);
void restart_app(World& world, const FaultPlan& fault);

}  // namespace longhaul
