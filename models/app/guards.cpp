#include "models/app/guards.h"

#include <algorithm>

namespace longhaul {
namespace {

CallBreaker& breaker_of(World& world, InstanceId instance, std::uint32_t node) {
  return world.call_breakers[instance.value * world.nodes.size() + node];
}

OutlierEjection& outliers_of(World& world, InstanceId instance, std::uint32_t group) {
  return world.outliers[instance.value * world.plan->groups.size() + group];
}

OutlierEjection new_outliers(const World& world, std::size_t group) {
  return {world.plan->policy.outlier_ejection, world.plan->groups[group].members.size(),
          world.now()};
}

void arm(World& world, InstanceId id) {
  TimePoint earliest = TimePoint::never();
  for (std::uint32_t node = 0; node < world.nodes.size() && !world.call_breakers.empty(); ++node) {
    earliest = std::min(earliest,
                        breaker_of(world, id, node).next_deadline().value_or(TimePoint::never()));
  }
  for (std::uint32_t group = 0; group < world.plan->groups.size() && !world.outliers.empty();
       ++group) {
    const OutlierEjection& outliers = outliers_of(world, id, group);
    earliest = std::min(earliest, outliers.next_deadline().value_or(earliest));
  }
  Timer& timer = world.instances[id.value].guard;
  if (earliest == TimePoint::never()) {
    timer.cancel();
    return;
  }
  timer.arm(world.scheduler, std::max(earliest, world.now()), EventClass::control, target(id),
            static_cast<std::uint16_t>(EventKind::guard_due));
}

// Each counts what has moved, and says whether anything has: the timer follows.
bool drain_breaker(World& world, InstanceId id, std::uint32_t node) {
  const auto move = breaker_of(world, id, node).poll();
  if (!move) return false;
  const std::uint32_t app = world.instances[id.value].app.value;
  world.measures.counter(Metric::call_breaker_transitions, node, app, move->to).count += 1;
  return true;
}

bool drain_outliers(World& world, InstanceId id, std::uint32_t group) {
  const std::uint32_t app = world.instances[id.value].app.value;
  bool moved = false;
  while (const auto move = outliers_of(world, id, group).poll()) {
    moved = true;
    if (move->to != EjectionState::ejected) continue;
    const NodeId node = world.plan->node_at({group}, move->database);
    world.measures.counter(Metric::ejections, node.value, app).count += 1;
  }
  return moved;
}

}  // namespace

void start_guards(World& world) {
  const PolicyConfig& policy = world.plan->policy;
  if (policy.call_breaker.mode != CallBreakerMode::disabled) {
    const std::size_t pairs = world.instances.size() * world.nodes.size();
    world.call_breakers.assign(pairs, CallBreaker(policy.call_breaker));
  }
  if (policy.outlier_ejection.enabled) {
    for (std::size_t i = 0; i < world.instances.size() * world.plan->groups.size(); ++i) {
      world.outliers.push_back(new_outliers(world, i % world.plan->groups.size()));
    }
  }
}

void restart_guards(World& world, InstanceId instance) {
  const PolicyConfig& policy = world.plan->policy;
  for (std::uint32_t node = 0; node < world.nodes.size() && !world.call_breakers.empty(); ++node) {
    breaker_of(world, instance, node) = CallBreaker(policy.call_breaker);
  }
  for (std::uint32_t group = 0; group < world.plan->groups.size() && !world.outliers.empty();
       ++group) {
    outliers_of(world, instance, group) = new_outliers(world, group);
  }
  world.instances[instance.value].guard.cancel();
}

DatabaseSet rejected_databases(const World& world, const Request& request) {
  if (world.call_breakers.empty()) return 0;
  const std::vector<NodeId>& members = world.plan->groups[request.group.value].members;
  const std::size_t first = request.instance.value * world.nodes.size();
  unsigned rejected = 0;
  for (std::size_t i = 0; i < members.size(); ++i) {
    const CallBreaker& breaker = world.call_breakers[first + members[i].value];
    rejected |= breaker.permits(world.now()) ? 0u : 1u << i;
  }
  return static_cast<DatabaseSet>(rejected);
}

DatabaseSet ejected_databases(const World& world, const Request& request) {
  if (world.outliers.empty()) return 0;
  const std::size_t first = request.instance.value * world.plan->groups.size();
  return world.outliers[first + request.group.value].ejected_set();
}

bool begin_call(World& world, Request& request) {
  if (world.call_breakers.empty() && world.outliers.empty()) return true;
  if (!world.call_breakers.empty()) {
    const std::uint32_t node = request.node.value;
    CallBreaker& breaker = breaker_of(world, request.instance, node);
    if (!breaker.permits(world.now())) return false;
    breaker.take_call(world.now());
    if (drain_breaker(world, request.instance, node)) arm(world, request.instance);
  }
  request.call_began = world.now();
  return true;
}

void end_call(World& world, Request& request, bool failed) {
  if (request.call_began == TimePoint::never()) return;
  const Duration took = world.now() - request.call_began;
  request.call_began = TimePoint::never();
  const std::uint32_t node = request.node.value;
  bool moved = false;
  if (!world.call_breakers.empty()) {
    breaker_of(world, request.instance, node).handle(world.now(), {failed, took});
    moved = drain_breaker(world, request.instance, node);
  }
  if (!world.outliers.empty()) {
    const NodePlan& plan = world.plan->nodes[node];
    outliers_of(world, request.instance, plan.group.value)
        .handle(world.now(), {plan.member}, failed);
    moved = drain_outliers(world, request.instance, plan.group.value) || moved;
  }
  if (moved) arm(world, request.instance);
}

void guard_due(World& world, const Event& event) {
  const InstanceId id{target_index(event.target)};
  if (!world.instances[id.value].guard.fires(world.scheduler, event)) return;
  for (std::uint32_t node = 0; node < world.nodes.size() && !world.call_breakers.empty(); ++node) {
    breaker_of(world, id, node).on_timer(world.now());
    drain_breaker(world, id, node);
  }
  for (std::uint32_t group = 0; group < world.plan->groups.size() && !world.outliers.empty();
       ++group) {
    outliers_of(world, id, group).on_timer(world.now());
    drain_outliers(world, id, group);
  }
  arm(world, id);
}

}  // namespace longhaul
