#include "models/control/pooler_pause.h"

#include <algorithm>

#include "models/app/pgbouncer.h"
#include "models/app/pools.h"
#include "models/control/commands.h"

namespace longhaul {
namespace {

constexpr Duration pace = milliseconds(10);

enum class Errand : std::uint16_t { look, order, pause, resume };

const FaultPlan& fault_of(const World& world, const PoolerPause& pause) {
  return world.plan->faults[pause.fault];
}

void later(World& world, std::uint32_t pause, Errand errand, Duration delay, std::uint32_t to) {
  world.scheduler.after(delay, EventClass::control, to,
                        static_cast<std::uint16_t>(EventKind::poolers_due),
                        static_cast<std::uint16_t>(errand), pause);
}

void look_later(World& world, std::uint32_t pause) {
  later(world, pause, Errand::look, pace, target(TargetKind::run, 0));
}

Duration way(const World& world, std::uint32_t from, std::uint32_t to) {
  return world.network.latency(world.plan->path(from, to));
}

// Sends an order to all PgBouncers; they have it after `delay` and the way.
void tell_poolers(World& world, std::uint32_t pause, Errand errand, Duration delay) {
  const std::uint32_t desk = fault_of(world, world.control.pooler_pauses[pause]).place;
  for (const AppPlan& app : world.plan->apps) {
    if (!has_pausable_pooler(app.config)) continue;
    later(world, pause, errand, delay + way(world, desk, app.place), target(app.first_instance));
  }
}

// Each PgBouncer's pool for the primary of a shard, of one app or of all; that of an app that
// shares one as often as the app has instances.
template <class Visit>
void for_each_pool(World& world, GroupId shard, AppId only, Visit visit) {
  for (std::uint32_t i = 0; i < world.instances.size(); ++i) {
    const AppId app = world.instances[i].app;
    if (only.valid() && app != only) continue;
    if (!has_pausable_pooler(world.plan->apps[app.value].config)) continue;
    visit(InstanceId{i}, pools_of(world, {i})[world.nodes.size() + shard.value]);
  }
}

// How long the answers of all PgBouncers take; nothing: not all connections are closed.
std::optional<Duration> drained(World& world, const PoolerPause& pause) {
  Duration longest;
  bool all = true;
  for_each_pool(world, pause.shard, AppId::none(), [&](InstanceId instance, const Pool& pool) {
    all = all && pool.paused && pool.open == 0 && pool.connecting == 0;
    const AppPlan& app = world.plan->apps[world.instances[instance.value].app.value];
    longest = std::max(longest, way(world, app.place, fault_of(world, pause).place));
  });
  return all ? std::optional(longest) : std::nullopt;
}

// Who has taken over since the order.
NodeId successor(const World& world, const PoolerPause& pause) {
  NodeId node;
  for (const PromotionNote& note : world.control.log.promotions) {
    const bool counts = note.shard == pause.shard && note.ordered >= pause.ordered;
    if (counts && note.opened <= world.now()) node = note.to;
  }
  return node;
}

void look(World& world, std::uint32_t number) {
  PoolerPause& pause = world.control.pooler_pauses[number];
  const FaultPlan& fault = fault_of(world, pause);
  const bool too_long = world.now() >= pause.begun + *fault.pause_poolers;
  if (pause.step == PauseStep::draining && !too_long) {
    const std::optional<Duration> back = drained(world, pause);
    if (!back) return look_later(world, number);
    pause.step = PauseStep::switching;
    pause.ordered = world.now() + *back;
    later(world, number, Errand::order, *back, target(TargetKind::run, 0));
    return look_later(world, number);
  }
  const NodeId now = pause.step == PauseStep::switching ? successor(world, pause) : NodeId::none();
  if (!now.valid() && !too_long) return look_later(world, number);
  if (world.now() < pause.ordered) pause.ordered = TimePoint{};  // and is not ordered any more
  pause.step = PauseStep::over;
  const Duration seen =
      now.valid() ? way(world, world.plan->nodes[now.value].place, fault.place) : Duration{};
  tell_poolers(world, number, Errand::resume, seen);
}

void resume(World& world, const PoolerPause& pause, AppId app) {
  const NodeId now = pause.ordered > TimePoint{} ? successor(world, pause) : NodeId::none();
  for_each_pool(world, pause.shard, app, [&](InstanceId instance, Pool& pool) {
    if (now.valid()) point_pgbouncer(world, instance, pause.shard, now);
    resume_pool(world, pool);
  });
}

}  // namespace

bool has_pausable_pooler(const AppConfig& app) {
  return app.pgbouncer && app.connect.by != FindPrimary::probes;
}

void begin_pooler_pause(World& world, const FaultPlan& fault, GroupId shard) {
  PoolerPause pause;
  pause.fault = static_cast<std::uint32_t>(&fault - world.plan->faults.data());
  pause.shard = shard;
  pause.begun = world.now();
  const auto number = static_cast<std::uint32_t>(world.control.pooler_pauses.size());
  world.control.pooler_pauses.push_back(pause);
  tell_poolers(world, number, Errand::pause, {});
  look_later(world, number);
}

void poolers_due(World& world, const Event& event) {
  const auto number = static_cast<std::uint32_t>(event.arg);
  const PoolerPause pause = world.control.pooler_pauses[number];
  const auto app = [&] { return world.instances[target_index(event.target)].app; };
  switch (static_cast<Errand>(event.generation)) {
    case Errand::look:
      return look(world, number);
    case Errand::order:
      if (pause.step != PauseStep::switching) return;  // given up meanwhile
      return command_shard(world, pause.shard, fault_of(world, pause), true);
    case Errand::pause:
      return for_each_pool(world, pause.shard, app(),
                           [&](InstanceId, Pool& pool) { pause_pool(world, pool); });
    case Errand::resume:
      return resume(world, pause, app());
  }
}

}  // namespace longhaul
