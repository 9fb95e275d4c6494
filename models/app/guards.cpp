#include "models/app/guards.h"

#include <algorithm>

namespace longhaul {
namespace {

CallBreaker& breaker_of(World& world, InstanceId instance, std::uint32_t node) {
  return world.call_breakers[instance.value * world.nodes.size() + node];
}

void arm(World& world, InstanceId id) {
  TimePoint earliest = TimePoint::never();
  for (std::uint32_t node = 0; node < world.nodes.size() && !world.call_breakers.empty(); ++node) {
    earliest = std::min(earliest,
                        breaker_of(world, id, node).next_deadline().value_or(TimePoint::never()));
  }
  if (!world.outliers.empty()) {
    earliest = std::min(earliest, world.outliers[id.value].next_deadline().value_or(earliest));
  }
  Timer& timer = world.instances[id.value].guard;
  if (earliest == TimePoint::never()) {
    timer.cancel();
    return;
  }
  timer.arm(world.scheduler, std::max(earliest, world.now()), EventClass::control, target(id),
            static_cast<std::uint16_t>(EventKind::guard_due));
}

// Counts what has moved; the timer follows.
void drain(World& world, InstanceId id) {
  const std::uint32_t app = world.instances[id.value].app.value;
  bool moved = false;
  for (std::uint32_t node = 0; node < world.nodes.size() && !world.call_breakers.empty(); ++node) {
    const auto move = breaker_of(world, id, node).poll();
    if (!move) continue;
    moved = true;
    world.measures.counter(Metric::call_breaker_transitions, node, app, move->to).count += 1;
  }
  while (const auto move =
             world.outliers.empty() ? std::nullopt : world.outliers[id.value].poll()) {
    moved = true;
    if (move->to != EjectionState::ejected) continue;
    world.measures.counter(Metric::ejections, move->database.value, app).count += 1;
  }
  if (moved) arm(world, id);
}

}  // namespace

void start_guards(World& world) {
  const PolicyConfig& policy = world.plan->policy;
  if (policy.call_breaker.mode != CallBreakerMode::disabled) {
    const std::size_t pairs = world.instances.size() * world.nodes.size();
    world.call_breakers.assign(pairs, CallBreaker(policy.call_breaker));
  }
  if (policy.outlier_ejection.enabled) {
    const OutlierEjection none(policy.outlier_ejection, world.nodes.size(), world.now());
    world.outliers.assign(world.instances.size(), none);
  }
}

void restart_guards(World& world, InstanceId instance) {
  const PolicyConfig& policy = world.plan->policy;
  for (std::uint32_t node = 0; node < world.nodes.size() && !world.call_breakers.empty(); ++node) {
    breaker_of(world, instance, node) = CallBreaker(policy.call_breaker);
  }
  if (!world.outliers.empty()) {
    world.outliers[instance.value] =
        OutlierEjection(policy.outlier_ejection, world.nodes.size(), world.now());
  }
  world.instances[instance.value].guard.cancel();
}

DatabaseSet rejected_databases(const World& world, InstanceId instance) {
  if (world.call_breakers.empty()) return 0;
  unsigned rejected = 0;
  for (std::uint32_t node = 0; node < world.nodes.size(); ++node) {
    const std::size_t at = instance.value * world.nodes.size() + node;
    rejected |= world.call_breakers[at].permits(world.now()) ? 0u : 1u << node;
  }
  return static_cast<DatabaseSet>(rejected);
}

DatabaseSet ejected_databases(const World& world, InstanceId instance) {
  if (world.outliers.empty()) return 0;
  return world.outliers[instance.value].ejected_set();
}

bool begin_call(World& world, Request& request) {
  if (world.call_breakers.empty() && world.outliers.empty()) return true;
  if (!world.call_breakers.empty()) {
    CallBreaker& breaker = breaker_of(world, request.instance, request.node.value);
    if (!breaker.permits(world.now())) return false;
    breaker.take_call(world.now());
    drain(world, request.instance);
  }
  request.call_began = world.now();
  return true;
}

void end_call(World& world, Request& request, bool failed) {
  if (request.call_began == TimePoint::never()) return;
  const Duration took = world.now() - request.call_began;
  request.call_began = TimePoint::never();
  const std::uint32_t node = request.node.value;
  if (!world.call_breakers.empty()) {
    breaker_of(world, request.instance, node).handle(world.now(), {failed, took});
  }
  if (!world.outliers.empty()) {
    world.outliers[request.instance.value].handle(world.now(), {node}, failed);
  }
  drain(world, request.instance);
}

void guard_due(World& world, const Event& event) {
  const InstanceId id{target_index(event.target)};
  if (!world.instances[id.value].guard.fires(world.scheduler, event)) return;
  for (std::uint32_t node = 0; node < world.nodes.size() && !world.call_breakers.empty(); ++node) {
    breaker_of(world, id, node).on_timer(world.now());
  }
  if (!world.outliers.empty()) world.outliers[id.value].on_timer(world.now());
  drain(world, id);
  arm(world, id);
}

}  // namespace longhaul
