#include "models/pg/lag_sources.h"

#include <algorithm>

#include "models/pg/clocks.h"
#include "models/pg/heartbeat.h"
#include "models/pg/stat_replication.h"

namespace longhaul {
namespace {

// now() - pg_last_xact_replay_timestamp(): NULL before any commit has been replayed.
std::optional<Duration> replay_timestamp_lag(const World& world, NodeId standby) {
  const TimePoint committed = world.node(standby).replay.last_commit_at;
  if (committed == TimePoint::never()) return std::nullopt;
  return clock(world, standby) - clock(world, world.log(world.node(standby).log).writer, committed);
}

}  // namespace

std::optional<Duration> lag_from(const World& world, const WalStream& stream, LagSource source) {
  if (asks_upstream(source) && !stream.has_sender) return std::nullopt;  // no row
  const Node& standby = world.node(stream.standby);
  switch (source) {
    case LagSource::replay_timestamp:
      return replay_timestamp_lag(world, stream.standby);
    case LagSource::replay_timestamp_unless_caught_up:
      if (standby.replayed == standby.flushed) return Duration{};
      return replay_timestamp_lag(world, stream.standby);
    case LagSource::write_lag:
      return stat_replication(world, stream).write_lag;
    case LagSource::flush_lag:
      return stat_replication(world, stream).flush_lag;
    case LagSource::replay_lag:
      return stat_replication(world, stream).replay_lag;
    case LagSource::heartbeat:
      return heartbeat_lag(world, stream.standby);
    case LagSource::replay_lag_bytes:
    case LagSource::position_difference:
      return std::nullopt;
  }
  __builtin_unreachable();
}

Bytes replay_lag_bytes(const World& world, const WalStream& stream) {
  return std::max(Bytes{0}, world.node(stream.upstream).flushed - stream.apply_known);
}

}  // namespace longhaul
