#include "models/app/crashes.h"

#include "models/app/detached.h"
#include "models/app/find_primary.h"
#include "models/app/guards.h"
#include "models/app/outbox.h"
#include "models/app/pages.h"
#include "models/app/pgbouncer.h"
#include "models/app/pools.h"
#include "models/app/statements.h"
#include "models/app/tokens.h"

namespace longhaul {
namespace {

// The work that a slot stood for has come to nothing.
void drop_work(World& world, RequestId id) {
  world.requests[id.value].call_began = TimePoint::never();  // says nothing about its database
  switch (world.requests[id.value].duty) {
    case Duty::page:
      return fail_page(world, id, ErrorKind::app_down);
    case Duty::optimistic:
      return optimistic_failed(world, id);
    case Duty::drain:
      return item_dropped(world, id);
  }
}

bool is_in_process(const Request& request) {
  return request.phase != Phase::free && request.phase != Phase::abandoned &&
         request.phase != Phase::travelling && request.phase != Phase::at_database;
}

// Who waits in the process goes first, so that no connection that closes is opened for them.
void drop_all_work(World& world, InstanceId instance) {
  const std::size_t slots = world.requests.size();
  for (std::uint32_t i = 0; i < slots; ++i) {
    Request& request = world.requests[i];
    if (request.instance != instance || !is_in_process(request)) continue;
    if (request.phase == Phase::storing) world.outboxes[instance.value].storing -= 1;
    request.deadline.cancel();
    drop_work(world, {i});
  }
  for (std::uint32_t i = 0; i < slots; ++i) {
    const Request& request = world.requests[i];
    if (request.instance != instance || request.phase != Phase::at_database) continue;
    drop_work(world, stop_waiting(world, {i}));
  }
}

void close_pools(World& world, InstanceId instance) {
  for (Connect& attempt : world.connects) {
    if (attempt.instance != instance || !attempt.waited_for) continue;
    attempt.waited_for = false;  // a grant finds nobody
    pool_of(world, attempt).connecting -= 1;
  }
  for (std::uint32_t node = 0; node < world.nodes.size(); ++node) {
    close_idle(world, instance, {node});
  }
  for (Pool& pool : pools_of(world, instance)) {
    while (!pool.waiting.empty()) pool.waiting.pop_front();
  }
}

template <class Verb>
void for_instances(const World& world, const FaultPlan& fault, Verb verb) {
  const AppPlan& app = world.plan->apps[fault.app.value];
  for (std::uint32_t i = 0; i < static_cast<std::uint32_t>(app.config.instances); ++i) {
    if (!fault.instance || *fault.instance == i) verb({app.first_instance.value + i});
  }
}

}  // namespace

InstanceId instance_that_is_up(const World& world, InstanceId instance) {
  if (is_up(world, instance)) return instance;
  const AppPlan& app = world.plan->apps[world.instances[instance.value].app.value];
  const auto count = static_cast<std::uint32_t>(app.config.instances);
  const std::uint32_t first = app.first_instance.value;
  for (std::uint32_t step = 1; step < count; ++step) {
    const InstanceId other{first + (instance.value - first + step) % count};
    if (is_up(world, other)) return other;
  }
  return {};
}

bool has_crashed_since(const World& world, InstanceId instance, TimePoint since) {
  bool crashed = false;
  for (const FaultPlan& fault : world.plan->faults) {
    if (fault.kind != FaultKind::app_crash) continue;
    if (fault.begins < since || fault.begins > world.now()) continue;
    for_instances(world, fault, [&](InstanceId id) { crashed = crashed || id == instance; });
  }
  return crashed;
}

void crash_app(World& world, const FaultPlan& fault) {
  for_instances(world, fault, [&world](InstanceId id) { world.instances[id.value].outages += 1; });
  for_instances(world, fault, [&world](InstanceId id) {
    if (world.instances[id.value].outages > 1) return;
    drop_all_work(world, id);
    if (pgbouncer_of(world, id) == nullptr) close_pools(world, id);
    restart_guards(world, id);
    world.instances[id.value].retries = RetryBudget(world.plan->policy.retries.budget);
    crash_outbox(world, id);
    forget_tokens(world, id);
    if (pgbouncer_of(world, id) == nullptr) forget_names(world, id);
  });
}

void restart_app(World& world, const FaultPlan& fault) {
  for_instances(world, fault, [&world](InstanceId id) {
    world.instances[id.value].outages -= 1;
    if (is_up(world, id)) resume_outbox(world, id);
  });
}

}  // namespace longhaul
