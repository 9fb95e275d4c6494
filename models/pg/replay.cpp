#include "models/pg/replay.h"

#include <algorithm>

#include "models/app/cache.h"
#include "models/pg/clocks.h"
#include "models/pg/conflicts.h"
#include "models/pg/history.h"
#include "models/pg/lag_truth.h"
#include "models/pg/promotion.h"
#include "models/pg/restore.h"
#include "models/pg/wal_receiver.h"
#include "models/pg/wal_sender.h"

namespace longhaul {
namespace {

Duration cost(const World& world, NodeId id, const ReplayPoint& from, const ReplayPoint& to) {
  const Duration work = replay_work(world, id, from, to);
  const Ratio speed = world.node(id).replay.speed;
  if (speed == percent(100)) return work;
  return {div_ceil(static_cast<Int128>(work.ns) * percent(100).ppm, speed.ppm)};
}

// Who is slow works in batches that are smaller by as much: they take as long as at full speed, so
// what was begun slowly does not outlast the slowness.
Bytes batch_at(Ratio speed, const WalConfig& wal) {
  if (speed == percent(100)) return wal.replay_batch;
  const Int128 share = static_cast<Int128>(wal.replay_batch.value) * speed.ppm;
  return std::max(Bytes{1}, Bytes{div_floor(share, percent(100).ppm)});
}

// When an entry may be replayed; a time that has come means now.
TimePoint replayable_from(const World& world, NodeId id, const WalEntry& entry) {
  const Duration delay = world.plan->nodes[id.value].config.recovery_min_apply_delay;
  const bool waits = entry.kind == WalKind::commit && !world.node(id).promoting;
  if (!waits || delay == Duration{}) return world.now();
  // The standby's clock has to show the primary's timestamp and the delay.
  const TimePoint stamp = clock(world, world.log(world.node(id).log).writer, entry.at);
  return world.now() + (stamp + delay - clock(world, id));
}

}  // namespace

Duration replay_work(const World& world, NodeId id, const ReplayPoint& from,
                     const ReplayPoint& to) {
  const NodeConfig& config = world.plan->nodes[id.value].config;
  const Bytes images = to.images - from.images;
  const Bytes plain = std::max(Bytes{}, (to.at - from.at) - images);
  const auto records = static_cast<std::int64_t>(to.records - from.records);
  Duration work = config.replay_record_time * records + transfer_time(plain, config.replay_rate);
  if (images.value > 0) work += transfer_time(images, config.replay_image_rate);
  return work;
}

void forget_history(World& world, LogId id) {
  if (world.groups.size() > world.plan->groups.size()) {
    return forget_forked(world, world.groups[id.value].shard);
  }
  WalLog& log = world.log(id);
  Lsn everywhere = flushed_end(world, id);
  std::uint64_t mark = log.marks.end();
  for (const WalStream& stream : world.streams) {
    if (stream.log != id) continue;
    if (world.node(stream.standby).consistent_from == no_data) continue;
    everywhere = std::min(everywhere, position(world, stream, LagStage::replay));
    for (const StageLag& lag : stream.lag) mark = std::min(mark, lag.next_mark());
  }
  for (const Backup& backup : world.backups) {
    if (backup.from_log != id || !is_held(world, backup)) continue;
    everywhere = std::min(everywhere, backup.redo.at);
    mark = std::min(mark, backup.mark);
  }
  for (const Subscription& subscription : world.subscriptions) {
    if (subscription.state != SubscriptionState::copying) continue;
    if (world.streams[subscription.stream].log != id) continue;
    everywhere = std::min(everywhere, subscription.from);
    mark = std::min(mark, subscription.mark);
  }
  if (log.merged) {
    forget_merged(world, id, everywhere);
  } else {
    world.truth.forget_up_to(id, everywhere, world.now());
  }
  while (log.marks.first() < mark) log.marks.pop_front();
  forget_replayed_wal(world, id);
}

void start_replay(World& world, NodeId id) {
  Node& node = world.node(id);
  Replay& replay = node.replay;
  const bool idle = replay.from.at >= node.flushed;
  if (replay.busy || node.is_primary || node.liveness != Liveness::up) return;
  if (idle && node.promoting && !node.flushing) end_recovery(world, id);
  if (idle) return;
  note_receipt(world, id);
  if (replay.pauses > 0 && !node.promoting) return;
  const Ring<WalEntry>& entries = world.log(node.log).entries;
  Lsn end = std::min(node.flushed, replay.from.at + batch_at(replay.speed, world.plan->wal));
  Lsn reached = replay.from.at;
  std::uint64_t entry = replay.entry;
  replay.to = replay.from;
  // Whole stretches first: the last of them leaves off at an exact count of records.
  for (; entry < entries.end() && entries.at(entry).end <= end; ++entry) {
    const WalEntry& closed = entries.at(entry);
    if (closed.kind == WalKind::lock || closed.kind == WalKind::cleanup) {  // begins a batch
      if (reached == replay.from.at && !may_replay(world, id, closed)) return;
      if (reached != replay.from.at) {
        end = reached;
        break;
      }
    }
    const TimePoint from = replayable_from(world, id, closed);
    if (from > world.now()) {
      end = reached;
      if (end == replay.from.at) {
        replay.due.arm(world.scheduler, from, EventClass::ordinary, target(id),
                       static_cast<std::uint16_t>(EventKind::replay_due));
        return;
      }
      break;
    }
    reached = closed.end;
    // Another log's count of what both share may be lower (point_at).
    replay.to = {closed.end, std::max(closed.records, replay.from.records),
                 std::max(closed.images, replay.from.images)};
    if (closed.kind == WalKind::commit) replay.commit_at = closed.at;
  }
  if (reached < end) replay.to = point_at(world, node.log, replay.to, entry, end);
  replay.entry_behind = entry;
  replay.busy = true;
  world.scheduler.after(cost(world, id, replay.from, replay.to), EventClass::ordinary, target(id),
                        static_cast<std::uint16_t>(EventKind::standby_replayed), node.incarnation,
                        0);
}

void standby_replayed(World& world, const Event& event) {
  const NodeId id{target_index(event.target)};
  Node& node = world.node(id);
  WalStream& stream = stream_to(world, id);
  node.replay.busy = false;
  const std::uint64_t first = node.replay.entry;
  node.replay.from = node.replay.to;
  node.replay.entry = node.replay.entry_behind;
  node.replay.last_commit_at = node.replay.commit_at;
  node.replayed = node.replay.to.at;
  if (world.log(node.log).merged) note_foreign(world, id);
  note_progress(world, stream, LagStage::replay);
  if (!world.caches.empty()) tell_replayed(world, id);
  if (!world.backups.empty()) note_consistency(world, id);
  if (node.catches_up_since != TimePoint::never()) note_replay_caught_up(world, id);
  if (node.replay.tables > 0) release_replayed_locks(world, id, first, node.replay.entry);
  forget_history(world, node.log);
  const bool caught_up = node.replayed == node.flushed;
  if (caught_up || world.plan->apply_feedback) {
    reply(world, stream);
  }
  start_replay(world, id);
}

void replay_due(World& world, const Event& event) {
  const NodeId id{target_index(event.target)};
  Replay& replay = world.node(id).replay;
  if (!replay.due.fires(world.scheduler, event)) return;
  if (replay.conflict.waiting) {
    conflict_due(world, id);
  } else {
    start_replay(world, id);
  }
}

void pause_replay(World& world, NodeId standby) { world.node(standby).replay.pauses += 1; }

void resume_replay(World& world, NodeId standby) {
  CHECK(world.node(standby).replay.pauses > 0);
  world.node(standby).replay.pauses -= 1;
  start_replay(world, standby);
}

void set_replay_speed(World& world, NodeId standby, Ratio speed) {
  world.node(standby).replay.speed = speed;
}

}  // namespace longhaul
