#include "models/pg/restore.h"

#include <algorithm>

#include "models/app/find_primary.h"
#include "models/control/agents.h"
#include "models/control/records.h"
#include "models/pg/crash_recovery.h"
#include "models/pg/follow.h"
#include "models/pg/history.h"
#include "models/pg/lag_truth.h"
#include "models/pg/promotion.h"
#include "models/pg/replay.h"
#include "models/pg/server.h"
#include "models/pg/shutdown.h"

namespace longhaul {
namespace {

bool is_copy(const Backup& backup) {
  return backup.state == BackupState::done && !backup.target.valid();
}

GroupId shard_of(const World& world, NodeId node) { return world.plan->nodes[node.value].group; }

Backup* last_copy(World& world, NodeId node) {
  Backup* last = nullptr;
  for (Backup& backup : world.backups) {
    const GroupId shard = world.groups[backup.from_log.value].shard;
    if (is_copy(backup) && shard == shard_of(world, node)) last = &backup;
  }
  return last;
}

// A server with the files of a backup that has recovered to its end.
void put_at_end(World& world, NodeId id, const Backup& backup) {
  join_timeline(world, id, backup.from_log);
  Node& node = world.node(id);
  node.received = node.written = node.flushed = node.flush_target = node.replayed = backup.end;
  node.replay.from = node.replay.to = replay_point(world, backup.from_log, backup.end);
  node.replay.entry = entry_after(world, backup.from_log, backup.end);
  node.consistent_from = backup.end;
  node.kept_from = backup.log_from;
  node.returned_at = TimePoint::never();
  node.clean_shutdown = false;
  node.liveness = Liveness::up;
}

// Whoever copies a database to it finds another one there.
void stop_rebuilds(World& world, NodeId id) {
  for (Backup& backup : world.backups) {
    if (backup.target == id) fail_backup(world, backup);
  }
}

}  // namespace

void lose_data_directory(World& world, NodeId id) {
  stop_server(world, id, Liveness::stopped);
  if (world.node(id).is_primary) become_standby(world, id);
  Node& node = world.node(id);
  node.consistent_from = no_data;
  if (node.feed != no_stream) leave_lag(world, world.streams[node.feed]);
  stop_rebuilds(world, id);
  server_changed(world, id);
}

void restore_backup(World& world, const FaultPlan& action) {
  const NodeId id = action.node;
  Backup* backup = last_copy(world, id);
  if (backup == nullptr || world.node(id).liveness == Liveness::vanished) return;
  lose_data_directory(world, id);
  backup->restoring = id;
  note_promotion(world, id, AgentId::none(), FailoverReason::named_by_operator);
  const ByteRate disk = world.plan->nodes[id.value].config.disk_write_rate;
  const ByteRate rate = action.rate.bytes_per_s > 0 ? std::min(action.rate, disk) : disk;
  const ReplayPoint end = replay_point(world, backup->from_log, backup->end);
  const Duration takes = transfer_time(backup->size, rate) + world.plan->postgres.server_start +
                         replay_work(world, id, backup->redo, end);
  world.scheduler.after(takes, EventClass::ordinary, target(id),
                        static_cast<std::uint16_t>(EventKind::backup_restored),
                        world.node(id).incarnation,
                        static_cast<std::uint64_t>(backup - world.backups.data()));
}

void backup_restored(World& world, const Event& event) {
  const NodeId id{target_index(event.target)};
  Backup& backup = world.backups[event.arg];
  backup.restoring = NodeId::none();
  if (world.node(id).liveness != Liveness::stopped) return;  // its host is gone
  stop_rebuilds(world, id);
  const NodeId old = world.groups[backup.from_log.value].primary;
  put_at_end(world, id, backup);
  open_for_writes(world, id);
  Group& group = world.groups.back();
  group.restored = true;
  group.failed_at = std::min(world.node(old).stopped_at, world.now());
  move_clients(world, shard_of(world, id), id);
}

bool is_held(const World& world, const Backup& backup) {
  if (is_copying(backup)) return true;
  if (!is_copy(backup)) return false;
  if (backup.restoring.valid()) return true;
  return std::any_of(
      world.plan->faults.begin(), world.plan->faults.end(), [&](const FaultPlan& fault) {
        return fault.kind == FaultKind::restore_backup && fault.begins >= world.now();
      });
}

}  // namespace longhaul
