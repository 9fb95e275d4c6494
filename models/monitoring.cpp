#include "models/monitoring.h"

#include <algorithm>

#include "models/pg/heartbeat.h"
#include "models/pg/lag_sources.h"

namespace longhaul {
namespace {

void schedule(World& world) {
  world.scheduler.after(*world.plan->monitoring.interval, EventClass::control,
                        target(TargetKind::run, 0),
                        static_cast<std::uint16_t>(EventKind::monitoring_due), 0, 0);
}

}  // namespace

void begin_monitoring(World& world) {
  begin_heartbeat(world);
  if (!world.plan->monitoring.interval) return;
  world.lag_alerts.assign(world.nodes.size() * time_lag_sources,
                          LagAlert(world.plan->monitoring.lag_alert));
  schedule(world);
}

void monitoring_due(World& world, const Event&) {
  for (const WalStream& stream : world.streams) {
    if (!stream.feeds) continue;
    const std::uint32_t replica = stream.standby.value;
    for (std::uint32_t i = 0; i < time_lag_sources; ++i) {
      const auto lag = lag_from(world, stream, static_cast<LagSource>(i));
      if (lag) {
        // A clock that is behind makes a lag negative; a distribution has no place for it.
        world.measures.distribution(Metric::reported_lag, replica, i)
            .record(std::max<std::int64_t>(0, lag->ns));
      }
      LagAlert& alert = world.lag_alerts[replica * time_lag_sources + i];
      if (alert.handle(world.now(), lag) == LagAlertChange::raised) {
        world.measures.counter(Metric::lag_alerts, replica, i).count += 1;
      }
    }
  }
  schedule(world);
}

}  // namespace longhaul
