#include "models/outages.h"

#include <utility>

#include "models/cluster.h"
#include "models/control/agents.h"

namespace longhaul {
namespace {

// On whose host the target of an event runs; none: on no server's.
NodeId host_of(const World& world, std::uint32_t target) {
  const std::uint32_t index = target_index(target);
  switch (target_kind(target)) {
    case TargetKind::node:
      return {index};
    case TargetKind::agent:
      return world.control.agents[index].node;
    default:
      return {};
  }
}

void arm_flap(World& world, std::uint32_t fault, Duration after, bool cuts) {
  world.scheduler.after(after, EventClass::fault, target(TargetKind::fault, fault),
                        static_cast<std::uint16_t>(EventKind::flap_due), 0, cuts ? 1 : 0);
}

void cut_all(World& world, const FaultPlan& fault) {
  for (LinkId link : fault.links) world.network.cut(link);
}

void heal_all(World& world, const FaultPlan& fault) {
  for (LinkId link : fault.links) world.network.heal(world.now(), link);
}

Duration cut_time(const FaultPlan& fault) {
  return {div_floor(static_cast<Int128>(fault.every.ns) * fault.share.ppm, percent(100).ppm)};
}

// Where it stands in its period.
bool is_cut(const World& world, const FaultPlan& fault) {
  const Duration since{(world.now() - fault.begins).ns % fault.every.ns};
  return since > Duration{} && since <= cut_time(fault);
}

}  // namespace

bool held_back(World& world, const Event& event) {
  const NodeId host = host_of(world, event.target);
  if (!host.valid() || world.node(host).stalls == 0) return false;
  world.held.push_back(event);
  return true;
}

void stall_host(World& world, NodeId id) {
  world.node(id).stalls += 1;
  world.stalled += 1;
}

void resume_host(World& world, NodeId id) {
  world.stalled -= 1;
  if (--world.node(id).stalls > 0) return;
  std::vector<Event> all = std::exchange(world.held, {});
  std::vector<Event> released;
  for (const Event& event : all) {
    const bool is_free = host_of(world, event.target) == id;
    (is_free ? released : world.held).push_back(event);
  }
  check_watchdog(world, id);
  for (const Event& event : released) execute(world, event);
}

void begin_flapping(World& world, std::uint32_t number) {
  const FaultPlan& fault = world.plan->faults[number];
  cut_all(world, fault);
  arm_flap(world, number, cut_time(fault), false);
}

void end_flapping(World& world, std::uint32_t number) {
  const FaultPlan& fault = world.plan->faults[number];
  if (is_cut(world, fault)) heal_all(world, fault);
}

void flap_due(World& world, const Event& event) {
  const std::uint32_t number = target_index(event.target);
  const FaultPlan& fault = world.plan->faults[number];
  if (world.now() >= fault.ends) return;
  const bool cuts = event.arg != 0;
  if (cuts) {
    cut_all(world, fault);
  } else {
    heal_all(world, fault);
  }
  const Duration open = fault.every - cut_time(fault);
  arm_flap(world, number, cuts ? cut_time(fault) : open, !cuts);
}

void empty_caches(World& world, std::uint32_t region) {
  for (std::uint32_t i = 0; i < world.caches.size(); ++i) {
    const CachePlan& plan = world.plan->caches[i];
    if (plan.region != region) continue;
    world.caches[i].store = CacheStore(static_cast<std::uint32_t>(plan.config.entries.value));
  }
}

}  // namespace longhaul
