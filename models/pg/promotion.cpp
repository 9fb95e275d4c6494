#include "models/pg/promotion.h"
#include "models/control/agents.h"

#include "models/pg/base_backup.h"
#include "models/pg/checkpointer.h"
#include "models/pg/commit_wait.h"
#include "models/pg/follow.h"
#include "models/pg/heartbeat.h"
#include "models/pg/history.h"
#include "models/pg/lag_truth.h"
#include "models/pg/losses.h"
#include "models/pg/primary.h"
#include "models/pg/replay.h"
#include "models/pg/retention.h"
#include "models/pg/stream_connection.h"
#include "models/pg/table_locks.h"

namespace longhaul {
namespace {

constexpr Bytes end_of_recovery_record{42};

// The group and the log that a promotion opens. The node still stands at their fork.
void open_timeline(World& world, NodeId id) {
  const Node& node = world.node(id);
  const GroupId parent = node.group;
  Group group = world.groups[parent.value];
  group.primary = id;
  group.log = {static_cast<std::uint32_t>(world.logs.size())};
  group.timeline = node.newest_known + 1;
  group.parent = parent;
  group.fork = node.flushed;
  group.began = world.now();
  std::vector<ReplayPoint> redos = std::move(group.checkpointer.redos);
  std::erase_if(redos, [&](const ReplayPoint& redo) { return redo.at > node.flushed; });
  group.checkpointer = {};
  group.checkpointer.redos = std::move(redos);
  group.checkpointer.redo = group.checkpointer.done_redo = node.flushed;
  group.checkpointer.idle_at = node.flushed;
  group.checkpointer.work = group.checkpointer.done_work = node.replay.from;
  group.checkpointer.began = world.now();
  const Duration phase = group.autovacuum.phase;
  group.autovacuum = {};
  group.autovacuum.phase = phase;
  group.closed = TimePoint::never();
  group.restored = false;
  world.groups.push_back(group);
  world.logs.push_back(fork_log(world, node.log, id, node.replay.from));
  world.truth.fork(group.log, node.log, group.fork);
  note_failure_of(world, {group.log.value});
}

void become_primary(World& world, NodeId id) {
  Node& node = world.node(id);
  const GroupId own{static_cast<std::uint32_t>(world.groups.size() - 1)};
  leave_feed(world, id);
  node.group = own;
  node.log = world.groups[own.value].log;
  node.timeline = node.newest_known = world.groups[own.value].timeline;
  node.is_primary = true;
  node.promoting = false;
  node.diverged = Divergence::none;
  node.role_changed_at = world.now();
  node.upstream = {};
  node.insert = node.flushed;
  node.confirmed = {};
  node.commits = {};
  node.replay.busy = false;
  node.replay.due.cancel();
  for (std::uint32_t stage = 0; stage < 4; ++stage) {
    world.measures.gauge(Metric::replication_lag_bytes, id.value, stage).set(world.now(), 0);
  }
}

// Locks of transactions that the old primary never ended. Who follows is told by the list of
// running transactions in the next checkpoint (xl_running_xacts, standby.c:
// StandbyReleaseOldLocks), which is written here as the end of each.
void release_foreign_locks(World& world, NodeId id) {
  world.node(id).replay.tables = 0;
  for (std::uint32_t set = 0; set < world.plan->sets.size(); ++set) {
    if (!table_lock(world, id, {set}).exclusive) continue;
    release_table(world, id, {set}, true);
    log_freed_table(world, id, {set});
  }
}

}  // namespace

bool promote(World& world, NodeId id) {
  Node& node = world.node(id);
  const bool standby = !node.is_primary && !node.promoting && node.feed != no_stream &&
                       !world.streams[node.feed].logical;
  if (!standby || node.liveness != Liveness::up) return false;
  if (node.consistent_from == no_data || node.replayed < node.consistent_from) return false;
  node.promoting = true;
  stop_walreceiver(world, id, false);
  node.received = node.written;
  if (!node.replay.conflict.waiting) node.replay.due.cancel();
  start_replay(world, id);
  return true;
}

void promote_by_hand(World& world, NodeId id, bool others_follow) {
  if (!promote(world, id) || !others_follow) return;
  const GroupId shard = world.group_of(id).shard;
  for (const NodeId other : world.plan->groups[shard.value].members) {
    const Node& node = world.node(other);
    const bool standby = !node.is_primary && node.feed != no_stream && node.upstream != id;
    if (other != id && standby && !world.streams[node.feed].logical) follow(world, other, id);
  }
}

void end_recovery(World& world, NodeId id) {
  Node& node = world.node(id);
  node.replay.busy = true;  // with its end
  const std::string& name = world.plan->nodes[id.value].config.name;
  const std::uint64_t luck =
      stream(world.plan->seed, "promotion/" + name, world.groups.size()).value;
  world.scheduler.after(sample(world.plan->postgres.end_of_recovery, luck), EventClass::ordinary,
                        target(id), static_cast<std::uint16_t>(EventKind::recovery_ended),
                        node.incarnation, 0);
}

void recovery_ended(World& world, const Event& event) {
  open_for_writes(world, {target_index(event.target)});
}

void open_for_writes(World& world, NodeId id) {
  open_timeline(world, id);
  become_primary(world, id);
  for (Backup& backup : world.backups) {
    if (backup.source == id) fail_backup(world, backup);
  }
  enter_segment(world, id);
  append_wal(world, id, {end_of_recovery_record});
  set_synchronous_standbys(world, id, world.plan->sync);
  for (WalStream& stream : world.streams) {
    if (stream.upstream != id) continue;
    if (stream.logical) {
      measure_lag(world, stream);  // its slot is on the new timeline
    } else {
      close_sender(world, stream, false);
    }
  }
  measure_lag_of(world, world.node(id).group);
  release_foreign_locks(world, id);
  flush_wal(world, id);
  checkpoint_for_backup(world, id, false);
  begin_heartbeat(world, world.node(id).group);
  server_changed(world, id);
}

}  // namespace longhaul
