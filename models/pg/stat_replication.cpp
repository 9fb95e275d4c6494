#include "models/pg/stat_replication.h"

namespace longhaul {
namespace {

// The standbys that count: FIRST n takes the listed ones in order, the others wait in reserve.
SyncState sync_state(const World& world, const WalStream& stream) {
  const Group& group = world.group_of(stream.upstream);
  if (!stream.sync_listed || stream.upstream != group.primary) return SyncState::async;
  if (group.sync_method == SyncMethod::none) return SyncState::async;
  if (group.sync_method == SyncMethod::any) return SyncState::quorum;
  std::int64_t before = 0;
  for (const WalStream& other : world.streams) {
    if (other.upstream != stream.upstream || !other.sync_listed) continue;
    if (!other.has_sender || !other.streaming) continue;
    const bool earlier =
        other.sync_priority < stream.sync_priority ||
        (other.sync_priority == stream.sync_priority && other.standby < stream.standby);
    if (earlier) ++before;
  }
  return before < group.sync_count ? SyncState::sync : SyncState::potential;
}

}  // namespace

std::string_view to_text(WalSenderState state) {
  return state == WalSenderState::streaming ? "streaming" : "catchup";
}

std::string_view to_text(SyncState state) {
  switch (state) {
    case SyncState::async:
      return "async";
    case SyncState::potential:
      return "potential";
    case SyncState::sync:
      return "sync";
    case SyncState::quorum:
      return "quorum";
  }
  return "?";
}

StatReplication stat_replication(const World& world, const WalStream& stream) {
  return {.state = stream.streaming ? WalSenderState::streaming : WalSenderState::catchup,
          .sync_state = sync_state(world, stream),
          .sent_lsn = stream.sent,
          .write_lsn = stream.write_known,
          .flush_lsn = stream.flush_known,
          .replay_lsn = stream.apply_known,
          .write_lag = stream.tracker.lag(ReportedPosition::write),
          .flush_lag = stream.tracker.lag(ReportedPosition::flush),
          .replay_lag = stream.tracker.lag(ReportedPosition::apply),
          .reply_time = stream.reply_sent};
}

std::optional<StatReplication> stat_replication(const World& world, NodeId standby) {
  for (const WalStream& stream : world.streams) {
    const bool counts = stream.standby == standby && stream.feeds && stream.has_sender;
    if (counts) return stat_replication(world, stream);
  }
  return std::nullopt;
}

}  // namespace longhaul
