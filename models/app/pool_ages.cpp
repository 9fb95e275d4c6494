#include "models/app/pool_ages.h"

#include "models/app/pgbouncer.h"
#include "models/app/pools.h"

namespace longhaul {
namespace {

constexpr Duration driver_period = seconds(30);
constexpr Duration pgbouncer_period = nanoseconds(333'333'333);

const AppConfig& config_of(const World& world, InstanceId instance) {
  return world.plan->apps[world.instances[instance.value].app.value].config;
}

bool idle_too_long(const World& world, const PoolConfig& config, const IdleConnection& idle) {
  return config.idle_timeout && world.now() - idle.since > *config.idle_timeout;
}

Duration period_of(const AppConfig& app) {
  return app.pgbouncer ? pgbouncer_period : driver_period;
}

void next_upkeep(World& world, InstanceId instance, Duration wait) {
  world.scheduler.after(wait, EventClass::ordinary, target(instance),
                        static_cast<std::uint16_t>(EventKind::pool_upkeep), 0, 0);
}

}  // namespace

bool is_over_age(const World& world, const Pool& pool, InstanceId instance, TimePoint born) {
  const AppConfig& app = config_of(world, instance);
  if (!app.pool.lifetime) return false;
  const Duration lifetime = *app.pool.lifetime;
  if (app.pgbouncer) {
    return world.now() - born >= lifetime &&
           world.now() - pool.aged >= nanoseconds(lifetime.ns / app.pool.size);
  }
  const std::uint64_t luck = mix64(static_cast<std::uint64_t>(born.ns) + instance.value);
  const auto less = static_cast<std::int64_t>(below(luck, 1'000));
  return world.now() - born >= lifetime - nanoseconds(lifetime.ns / 40'000 * less);
}

void start_pool_ages(World& world) {
  for (std::uint32_t i = 0; i < world.instances.size(); ++i) {
    const AppConfig& app = config_of(world, {i});
    if (!app.pool.lifetime && !app.pool.idle_timeout) continue;
    if (i > 0 && world.instances[i - 1].first_pool == world.instances[i].first_pool) continue;
    RandomStream luck{stream(world.plan->seed, "upkeep/" + app.name, i)};
    const auto period = static_cast<std::uint64_t>(period_of(app).ns);
    next_upkeep(world, {i}, nanoseconds(static_cast<std::int64_t>(below(luck.bits(), period))));
  }
}

void pool_upkeep(World& world, const Event& event) {
  const InstanceId instance{target_index(event.target)};
  const AppConfig& app = config_of(world, instance);
  for (Pool& pool : pools_of(world, instance)) {
    close_idle_if(world, pool, [&](const IdleConnection& idle) {
      if (idle_too_long(world, app.pool, idle)) return true;
      if (!is_over_age(world, pool, instance, idle.born)) return false;
      pool.aged = world.now();
      return true;
    });
    if (app.pgbouncer) serve_waiting(world, pool);
  }
  next_upkeep(world, instance, period_of(app));
}

}  // namespace longhaul
