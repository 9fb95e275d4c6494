#include "models/pg/base_backup.h"

#include <algorithm>

#include "models/control/agents.h"
#include "models/pg/checkpointer.h"
#include "models/pg/follow.h"
#include "models/pg/lag_truth.h"
#include "models/pg/primary.h"
#include "models/pg/retention.h"
#include "models/pg/server.h"
#include "models/pg/shutdown.h"
#include "models/pg/table_locks.h"
#include "models/pg/wal_receiver.h"
#include "models/world.h"

namespace longhaul {
namespace {

constexpr Bytes backup_end{34};  // XLOG_BACKUP_END with the redo position
// SCRAM takes four (measured); then SHOW, IDENTIFY_SYSTEM and the slot; BASE_BACKUP is half a one.
constexpr std::int64_t half_round_trips = 2 * (4 + 3) + 1;

std::uint32_t index_of(const World& world, const Backup& backup) {
  return static_cast<std::uint32_t>(&backup - world.backups.data());
}

const NodeConfig& config_of(const World& world, NodeId node) {
  return world.plan->nodes[node.value].config;
}

void after(World& world, const Backup& backup, Duration delay, EventKind kind) {
  world.scheduler.after(delay, EventClass::ordinary, target(backup.source),
                        static_cast<std::uint16_t>(kind), 0, index_of(world, backup));
}

void note_end(World& world, Backup& backup, Outcome outcome) {
  backup.state = outcome == Outcome::ok ? BackupState::done : BackupState::failed;
  backup.watch.cancel();
  world.bulks[backup.files].open = false;
  world.bulks[backup.log].open = false;
  world.measures.distribution(Metric::base_backup_duration, backup.source.value, outcome)
      .record((world.now() - backup.begun).ns);
  const bool failed = outcome == Outcome::error && backup.target.valid();
  if (failed) server_changed(world, backup.target);
}

// A rate of the files as one of what travels.
ByteRate packed(const World& world, const Backup& backup, ByteRate rate) {
  const std::int64_t whole = std::max<std::int64_t>(database_size(world, backup.source).value, 1);
  return {std::max<std::int64_t>(
      1, div_floor(static_cast<Int128>(rate.bytes_per_s) * backup.size.value, whole))};
}

void open_connections(World& world, Backup& backup) {
  const BackupOrder& order = backup.order;
  const NodeConfig& to = backup.target.valid() ? config_of(world, backup.target) : NodeConfig{};
  const std::uint32_t from = world.plan->nodes[backup.source.value].place;
  Bulk bulk;
  bulk.use = BulkUse::backup_files;
  bulk.owner = index_of(world, backup);
  bulk.source = backup.source;
  bulk.path = world.plan->path(from, order.place);
  bulk.back = world.plan->path(order.place, from);
  bulk.pace = packed(world, backup, config_of(world, backup.source).disk_read_rate);
  if (order.rate.bytes_per_s > 0) bulk.pace = std::min(bulk.pace, order.rate);
  bulk.disk = packed(world, backup, to.disk_write_rate);
  backup.files = open_bulk(world, bulk, order.key);
  bulk.use = BulkUse::backup_log;
  bulk.pace = {};
  bulk.disk = to.disk_write_rate;
  backup.log = open_bulk(world, bulk, order.key + 1);
}

void send_log(World& world, const Backup& backup) {
  const Lsn limit = world.node(backup.source).flushed;
  if (limit > backup.log_from) extend_bulk(world, backup.log, limit - backup.log_from);
}

// pg_backup_stop on the source: from here on the log that the backup needs is known.
void end_backup(World& world, Backup& backup) {
  Node& source = world.node(backup.source);
  backup.state = BackupState::ending;
  if (!source.is_primary) {
    backup.end = source.replayed;
    return;
  }
  insert_entry(world, backup.source, {backup_end}, WalKind::other);
  backup.end = source.insert;
  switch_segment(world, backup.source);
}

void lose_data(World& world, NodeId id) {
  stop_server(world, id, Liveness::stopped);
  world.node(id).consistent_from = no_data;
  leave_lag(world, stream_to(world, id));
}

void copied(World& world, Backup& backup) {
  note_end(world, backup, Outcome::ok);
  if (!backup.target.valid()) return;
  Node& node = world.node(backup.target);
  const Lsn have = backup.log_from + world.bulks[backup.log].written;
  join_timeline(world, backup.target, backup.from_log);
  node.received = node.written = node.flushed = node.flush_target = have;
  node.replayed = backup.redo.at;
  node.replay.from = node.replay.to = backup.redo;
  node.replay.entry = backup.entry;
  node.consistent_from = backup.end;
  backup.caught_up_at = world.node(backup.source).flushed;
  WalStream& stream = stream_to(world, backup.target);
  find_again(stream);
  stream.write_known = stream.flush_known = have;
  node.kept_from = backup.log_from;
  node.replay.tables = 0;
  node.replay.conflict = {};
  free_tables(world, backup.target);
  if (stream.log == backup.from_log) {
    return_to_lag(world, stream, backup.mark);
  } else {
    measure_lag(world, stream);
  }
  if (backup.order.starts) {
    start_server(world, backup.target);
  } else {
    server_changed(world, backup.target);
  }
}

void arm_watch(World& world, Backup& backup) {
  const Duration patience = world.plan->postgres.wal_sender_timeout;
  if (patience.ns == 0) return;
  TimePoint since = world.now();
  for (const std::uint32_t number : {backup.files, backup.log}) {
    const Bulk& bulk = world.bulks[number];
    if (bulk.sent > bulk.acked) since = std::min(since, bulk.heard_at);
  }
  backup.watch.arm(world.scheduler, since + patience, EventClass::ordinary, target(backup.source),
                   static_cast<std::uint16_t>(EventKind::backup_watched), index_of(world, backup));
}

}  // namespace

Bytes database_size(const World& world, NodeId node) {
  return world.plan->groups[world.group_of(node).shard.value].database_size;
}

bool is_active(const Backup& backup) {
  return backup.state != BackupState::done && backup.state != BackupState::failed;
}

bool is_copying(const Backup& backup) {
  return is_active(backup) && backup.state != BackupState::asking;
}

void begin_backup(World& world, std::uint32_t fault) {
  const FaultPlan& action = world.plan->faults[fault];
  NodeId source = action.source;
  if (action.node.valid()) {  // nobody can on a host that is gone
    const Node& node = world.node(action.node);
    if (node.promoting || node.liveness == Liveness::vanished) return;
  }
  if (world.groups.size() > world.plan->groups.size()) {
    source = primary_of(world, world.plan->nodes[source.value].group);
    if (action.node.valid()) {
      if (source == action.node) return;
      shut_down(world, action.node, ShutdownMode::immediate);
      if (world.node(action.node).is_primary) become_standby(world, action.node);
      follow(world, action.node, source);
    }
  }
  copy_database(world, {source, action.node, action.place, action.rate, action.fast,
                        action.compressed_to, std::uint64_t{fault} * 2});
}

void copy_database(World& world, const BackupOrder& order) {
  Backup backup;
  backup.order = order;
  backup.source = order.source;
  backup.from_log = world.node(backup.source).log;
  backup.target = order.target;
  backup.begun = world.now();
  backup.size = {div_ceil(
      static_cast<Int128>(database_size(world, backup.source).value) * order.compressed_to.ppm,
      percent(100).ppm)};
  for (Backup& other : world.backups) {
    if (backup.target.valid() && other.target == backup.target) fail_backup(world, other);
  }
  if (backup.target.valid()) lose_data(world, backup.target);
  world.backups.push_back(backup);
  open_connections(world, world.backups.back());
  const Bulk& files = world.bulks[world.backups.back().files];
  const Duration round_trip = world.network.latency(files.path) + world.network.latency(files.back);
  after(world, world.backups.back(), {round_trip.ns * half_round_trips / 2}, EventKind::backup_due);
}

void backup_due(World& world, const Event& event) {
  Backup& backup = world.backups[event.arg];
  if (!is_active(backup)) return;
  Node& source = world.node(backup.source);
  if (source.liveness != Liveness::up || source.consistent_from == no_data) {
    return note_end(world, backup, Outcome::error);
  }
  if (backup.state == BackupState::asking) {
    const WalLog& log = world.log(backup.from_log);
    backup.state = BackupState::checkpointing;
    if (source.is_primary) switch_segment(world, backup.source);
    backup.redo = source.is_primary ? ReplayPoint{source.insert, log.records, log.images}
                                    : source.replay.from;
    backup.entry = source.is_primary ? log.entries.end() : source.replay.entry;
    backup.mark = log.marks.end();
    backup.log_from = segment_begin(backup.redo.at, world.plan->wal);
    Duration wait;
    if (source.is_primary) {
      wait = checkpoint_for_backup(world, backup.source, backup.order.fast);
    }
    after(world, backup, wait, EventKind::backup_due);
    return;
  }
  backup.state = BackupState::copying;
  arm_watch(world, backup);
  extend_bulk(world, backup.files, backup.size);
  send_log(world, backup);
}

void backup_read(World& world, std::uint32_t number) {
  if (world.backups[number].state == BackupState::copying) end_backup(world, world.backups[number]);
}

void backup_written(World& world, std::uint32_t number) {
  Backup& backup = world.backups[number];
  if (backup.state != BackupState::ending) return;
  if (world.bulks[backup.files].written < backup.size) return;
  if (backup.log_from + world.bulks[backup.log].written < backup.end) return;
  copied(world, backup);
}

void backup_watched(World& world, const Event& event) {
  Backup& backup = world.backups[event.arg];
  if (!backup.watch.fires(world.scheduler, event) || !is_active(backup)) return;
  for (const std::uint32_t connection : {backup.files, backup.log}) {
    if (!is_silent(world, world.bulks[connection], world.plan->postgres.wal_sender_timeout)) {
      continue;
    }
    note_end(world, backup, Outcome::error);
    return;
  }
  arm_watch(world, backup);
}

void send_log_to_backups(World& world, NodeId source) {
  for (Backup& backup : world.backups) {
    const bool open = backup.state == BackupState::copying || backup.state == BackupState::ending;
    if (open && backup.source == source) send_log(world, backup);
  }
}

void fail_backup(World& world, Backup& backup) {
  if (is_active(backup)) note_end(world, backup, Outcome::error);
}

void note_consistency(World& world, NodeId id) {
  const Node& node = world.node(id);
  for (Backup& backup : world.backups) {
    if (backup.state != BackupState::done || backup.target != id || backup.synced) continue;
    if (node.replayed < std::max(backup.end, backup.caught_up_at)) continue;
    backup.synced = true;
    world.measures.distribution(Metric::initial_sync_duration, id.value)
        .record((world.now() - backup.begun).ns);
  }
}

}  // namespace longhaul
