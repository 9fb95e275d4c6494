#include "gui/model/scene.h"

#include <algorithm>

namespace longhaul {
namespace {

std::string name_of(const Plan& plan, NodeId node) {
  return node.valid() ? plan.nodes[node.value].config.name : std::string();
}

const std::string& region_of(const Plan& plan, std::uint32_t place) {
  return plan.labels[Label::region][plan.places[place].region];
}

Router const* router_of(const World& world, const AppPlan& app, std::uint32_t instance,
                        const NodePlan& node) {
  const Instance& here = world.instances[app.first_instance.value + instance];
  if (node.group.value >= here.routers.size()) return nullptr;
  const Router& router = here.routers[node.group.value];
  return node.member < router.size() ? &router : nullptr;
}

void add_nodes(Scene& scene, const World& world) {
  const Plan& plan = *world.plan;
  bool promoted = false;  // the standby cluster
  for (std::uint32_t i = 0; i < world.nodes.size(); ++i) {
    promoted = promoted || (plan.nodes[i].in_standby_cluster && world.nodes[i].is_primary);
  }
  for (std::uint32_t i = 0; i < world.nodes.size(); ++i) {
    const Node& node = world.nodes[i];
    const NodePlan& planned = plan.nodes[i];
    SceneNode seen;
    seen.name = planned.config.name;
    seen.region = region_of(plan, planned.place);
    seen.primary = node.is_primary;
    const GroupId shard = world.groups[node.group.value].shard;
    seen.replaced = node.is_primary && newest_group(world, shard) != node.group;
    seen.in_standby_cluster = planned.in_standby_cluster && !promoted;
    seen.liveness = node.liveness;
    seen.stalled = node.stalls > 0;
    seen.read_only = node.read_only;
    seen.timeline = node.timeline;
    seen.position = node.is_primary ? node.insert : node.replayed;
    seen.connections = node.connections;
    seen.max_connections = planned.config.max_connections;
    // The nearest app's opinion; every instance has its own, the first one's is shown.
    const AppPlan* nearest = nullptr;
    for (const AppPlan& app : plan.apps) {
      if (nearest == nullptr || region_of(plan, app.place) == seen.region) {
        if (nearest == nullptr || region_of(plan, nearest->place) != seen.region) nearest = &app;
      }
    }
    if (nearest != nullptr && !node.is_primary) {
      const Router* router = router_of(world, *nearest, 0, planned);
      if (router != nullptr) {
        const auto& observation = router->last_observation(DatabaseIndex{planned.member});
        if (observation && observation->lag) seen.believed = observation->lag;
      }
    }
    scene.nodes.push_back(std::move(seen));
  }
}

void add_streams(Scene& scene, const World& world) {
  const Plan& plan = *world.plan;
  for (const WalStream& stream : world.streams) {
    if (!stream.feeds) continue;
    const StageLag& replay = stream.lag[static_cast<std::size_t>(LagStage::replay)];
    if (!replay.away()) scene.nodes[stream.standby.value].lag = replay.lag(world.now());
    SceneStream seen;
    seen.upstream = name_of(plan, stream.upstream);
    seen.standby = name_of(plan, stream.standby);
    seen.connected = stream.has_sender && stream.has_receiver;
    seen.in_flight =
        Bytes{std::max<std::int64_t>(0, static_cast<std::int64_t>(stream.sent.value) -
                                            static_cast<std::int64_t>(stream.acked.value))};
    SceneNode& standby = scene.nodes[stream.standby.value];
    standby.leads_standby_cluster =
        standby.in_standby_cluster && !plan.nodes[stream.upstream.value].in_standby_cluster;
    const Node& upstream = world.node(stream.upstream);
    const Lsn there = upstream.is_primary ? upstream.insert : upstream.replayed;
    const Lsn here = world.node(stream.standby).replayed;
    seen.behind = Bytes{there > here ? static_cast<std::int64_t>(there.value - here.value) : 0};
    scene.streams.push_back(std::move(seen));
  }
}

void add_breakers(Scene& scene, const World& world) {
  const Plan& plan = *world.plan;
  const auto concern = [](BreakerState state) {
    return state == BreakerState::open ? 2 : state == BreakerState::half_open ? 1 : 0;
  };
  for (const AppPlan& app : plan.apps) {
    for (std::uint32_t i = 0; i < world.nodes.size(); ++i) {
      if (world.nodes[i].is_primary) continue;
      SceneBreaker seen;
      bool any = false;
      for (std::uint32_t k = 0; k < static_cast<std::uint32_t>(app.config.instances); ++k) {
        const Router* router = router_of(world, app, k, plan.nodes[i]);
        if (router == nullptr) continue;
        const LagBreaker& breaker = router->breaker(DatabaseIndex{plan.nodes[i].member});
        if (!breaker.config().enabled) continue;
        if (!any || concern(breaker.state()) > concern(seen.state)) {
          seen.state = breaker.state();
          seen.instances = 0;
        }
        seen.instances += breaker.state() == seen.state ? 1 : 0;
        any = true;
      }
      if (!any) continue;
      seen.app = app.config.name;
      seen.node = plan.nodes[i].config.name;
      scene.breakers.push_back(std::move(seen));
    }
  }
}

}  // namespace

Scene scene_of(const World& world) {
  const Plan& plan = *world.plan;
  Scene scene;
  scene.now = world.now();
  scene.events = world.scheduler.events();
  add_nodes(scene, world);
  add_streams(scene, world);
  add_breakers(scene, world);
  for (const Link& link : world.network.links()) {
    scene.links.push_back({plan.labels[Label::region][link.from.value],
                           plan.labels[Label::region][link.to.value], link.cuts > 0});
  }
  for (std::size_t i = 0; i < plan.faults.size(); ++i) {
    const FaultPlan& fault = plan.faults[i];
    if (fault.begins <= scene.now && scene.now < fault.ends) scene.faults.push_back(i);
  }
  return scene;
}

}  // namespace longhaul
