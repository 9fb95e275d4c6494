#include "models/pg/rewind.h"

#include <algorithm>
#include <optional>

#include "models/control/agents.h"
#include "models/pg/base_backup.h"
#include "models/pg/checkpointer.h"
#include "models/pg/crash_recovery.h"
#include "models/pg/follow.h"
#include "models/pg/history.h"
#include "models/pg/retention.h"
#include "models/pg/shutdown.h"
#include "models/world.h"

namespace longhaul {
namespace {

// SCRAM takes four; then settings, control file, history, list of files, two queries of ranges.
constexpr std::int64_t round_trips = 4 + 7;
constexpr Bytes checkpoint_record{120};     // of a shutdown, aligned
constexpr Duration patience = minutes(15);  // tcp_retries2
constexpr std::int64_t segments_least = 5;  // min_wal_size: 80 MB (xlog.c, XLOGfileslop)

std::uint32_t index_of(const World& world, const Rewind& rewind) {
  return static_cast<std::uint32_t>(&rewind - world.rewinds.data());
}

void after(World& world, const Rewind& rewind, Duration delay) {
  world.scheduler.after(delay, EventClass::ordinary, target(rewind.target),
                        static_cast<std::uint16_t>(EventKind::rewind_due), 0,
                        index_of(world, rewind));
}

bool is_active(const Rewind& rewind) {
  return rewind.state != RewindState::done && rewind.state != RewindState::failed;
}

void note_end(World& world, Rewind& rewind, RewindState state) {
  const bool half_way = rewind.state == RewindState::copying && state == RewindState::failed;
  if (rewind.state == RewindState::copying) world.bulks[rewind.files].open = false;
  if (half_way) world.node(rewind.target).consistent_from = no_data;
  rewind.state = state;
  rewind.ended = world.now();
  rewind.watch.cancel();
  server_changed(world, rewind.target);
}

// The last checkpoint of a server at or before a position.
std::optional<ReplayPoint> checkpoint_before(const World& world, NodeId id, Lsn position) {
  std::optional<ReplayPoint> found;
  for (const ReplayPoint& redo : world.group_of(id).checkpointer.redos) {
    if (redo.at <= position) found = redo;
  }
  return found;
}

// All of pg_wal, in whole segments.
Bytes retained_log(const World& world, NodeId id) {
  const Node& node = world.node(id);
  const Lsn end = node.is_primary ? node.insert : node.flushed;
  const WalConfig& wal = world.plan->wal;
  return std::max(segment_begin(end, wal) + wal.wal_segment_size - node.kept_from,
                  wal.wal_segment_size * segments_least);
}

bool serves(const World& world, NodeId id) {
  const Node& node = world.node(id);
  return node.liveness == Liveness::up && node.consistent_from != no_data;
}

// What is left until the source has a checkpoint on its own timeline.
Duration wait_for_checkpoint(World& world, NodeId source) {
  const Group& group = world.group_of(source);
  if (!world.node(source).is_primary) return {};
  if (!group.parent.valid() || group.checkpointer.done_redo > group.fork) return {};
  return checkpoint_for_backup(world, source, true);
}

void copy(World& world, Rewind& rewind) {
  const NodePlan& from = world.plan->nodes[rewind.source.value];
  const NodePlan& to = world.plan->nodes[rewind.target.value];
  Bulk bulk;
  bulk.use = BulkUse::rewind;
  bulk.owner = index_of(world, rewind);
  bulk.source = rewind.source;
  bulk.path = world.plan->path(from.place, to.place);
  bulk.back = world.plan->path(to.place, from.place);
  bulk.pace = from.config.disk_read_rate;
  bulk.disk = to.config.disk_write_rate;
  rewind.state = RewindState::copying;
  rewind.files = open_bulk(world, bulk, (std::uint64_t{1} << 33) + index_of(world, rewind));
  extend_bulk(world, rewind.files, rewind.pages + retained_log(world, rewind.source));
  rewind.watch.arm(world.scheduler, world.now() + patience, EventClass::ordinary,
                   target(rewind.source), static_cast<std::uint16_t>(EventKind::rewind_watched),
                   index_of(world, rewind));
}

void put_at_fork(World& world, Rewind& rewind) {
  if (world.node(rewind.target).is_primary) become_standby(world, rewind.target);
  join_timeline(world, rewind.target, rewind.source_log);
  Node& node = world.node(rewind.target);
  const ReplayPoint at = replay_point(world, rewind.source_log, rewind.fork);
  node.received = node.written = node.flushed = node.flush_target = node.replayed = rewind.fork;
  node.replay.from = node.replay.to = at;
  node.replay.entry = entry_after(world, rewind.source_log, rewind.fork);
  node.consistent_from = world.node(rewind.source).flushed;
  node.clean_shutdown = true;
}

}  // namespace

RewindRefusal rewind(World& world, NodeId id, NodeId source, std::int64_t checks) {
  const Node& node = world.node(id);
  if (node.liveness != Liveness::stopped) return RewindRefusal::target_runs;
  if (node.consistent_from == no_data || is_rewinding(world, id)) {
    return RewindRefusal::target_empty;
  }
  if (!serves(world, source)) return RewindRefusal::source_down;
  const PostgresConfig& config = world.plan->postgres;
  const bool hints = config.wal_log_hints || config.data_checksums;
  if (!hints || !config.full_page_writes) return RewindRefusal::no_hint_bits;
  Rewind rewind;
  rewind.target = id;
  rewind.source = source;
  rewind.checks = checks;
  rewind.source_log = world.node(source).log;
  rewind.fork = shared_up_to(world, node.log, rewind.source_log);
  rewind.begun = world.now();
  if (rewind.fork == Lsn{}) return RewindRefusal::no_common_log;
  const Lsn end = node.flushed;
  rewind.fork = std::min(rewind.fork, end);
  const auto redo = checkpoint_before(world, id, rewind.fork);
  if (!redo || segment_begin(redo->at, world.plan->wal) < node.kept_from) {
    return RewindRefusal::log_removed;
  }
  rewind.scanned = end - redo->at;
  rewind.pages = std::min(world.log(node.log).images - redo->images, database_size(world, id));
  Duration first;
  if (!node.clean_shutdown) first = recovery_time(world, id);
  world.rewinds.push_back(rewind);
  after(world, world.rewinds.back(), first);
  return RewindRefusal::none;
}

void rewind_due(World& world, const Event& event) {
  Rewind& rewind = world.rewinds[event.arg];
  if (!is_active(rewind)) return;
  Node& node = world.node(rewind.target);
  if (!serves(world, rewind.source)) return note_end(world, rewind, RewindState::failed);
  switch (rewind.state) {
    case RewindState::recovering: {
      if (node.is_primary && !node.clean_shutdown) {
        node.insert = node.flushed = node.flushed + checkpoint_record;
      }
      node.clean_shutdown = true;
      rewind.state = RewindState::checkpointing;
      const std::uint32_t here = world.plan->nodes[rewind.target.value].place;
      const std::uint32_t there = world.plan->nodes[rewind.source.value].place;
      const Duration round_trip = world.network.latency(world.plan->path(here, there)) +
                                  world.network.latency(world.plan->path(there, here));
      const Duration asking = round_trip * (round_trips + rewind.checks);
      return after(world, rewind, std::max(asking, wait_for_checkpoint(world, rewind.source)));
    }
    case RewindState::checkpointing: {
      if (node.flushed <= rewind.fork) {  // it can follow as it is
        return note_end(world, rewind, RewindState::done);
      }
      rewind.state = RewindState::scanning;
      const NodeConfig& config = world.plan->nodes[rewind.target.value].config;
      return after(world, rewind, transfer_time(rewind.scanned, config.disk_read_rate));
    }
    case RewindState::scanning:
      return copy(world, rewind);
    default:
      return;
  }
}

void rewind_written(World& world, std::uint32_t number) {
  Rewind& rewind = world.rewinds[number];
  if (rewind.state != RewindState::copying) return;
  const Bulk& files = world.bulks[rewind.files];
  if (files.written < files.total) return;
  put_at_fork(world, rewind);
  note_end(world, rewind, RewindState::done);
}

void rewind_watched(World& world, const Event& event) {
  Rewind& rewind = world.rewinds[event.arg];
  if (!rewind.watch.fires(world.scheduler, event) || !is_active(rewind)) return;
  const Bulk& files = world.bulks[rewind.files];
  if (is_silent(world, files, patience)) return note_end(world, rewind, RewindState::failed);
  const TimePoint since = files.sent > files.acked ? files.heard_at : world.now();
  rewind.watch.arm(world.scheduler, since + patience, EventClass::ordinary, target(rewind.source),
                   static_cast<std::uint16_t>(EventKind::rewind_watched), index_of(world, rewind));
}

RewindState rewind_state(const World& world, NodeId id) {
  RewindState state = RewindState::none;
  for (const Rewind& rewind : world.rewinds) {
    if (rewind.target == id) state = rewind.state;
  }
  return state;
}

bool is_rewinding(const World& world, NodeId id) {
  return std::any_of(world.rewinds.begin(), world.rewinds.end(), [id](const Rewind& rewind) {
    return rewind.target == id && is_active(rewind);
  });
}

void fail_rewinds(World& world, NodeId id) {
  for (Rewind& rewind : world.rewinds) {
    const bool concerned = rewind.target == id || rewind.source == id;
    if (concerned && is_active(rewind)) note_end(world, rewind, RewindState::failed);
  }
}

bool reinit(World& world, NodeId id, NodeId source) {
  if (id == source || !serves(world, source)) return false;
  if (world.node(id).liveness == Liveness::vanished || world.node(id).full_disks > 0) return false;
  shut_down(world, id, ShutdownMode::immediate);
  fail_rewinds(world, id);
  if (world.node(id).is_primary) become_standby(world, id);
  follow(world, id, source);
  const Plan& plan = *world.plan;
  copy_database(world, {.source = source,
                        .target = id,
                        .place = plan.nodes[id.value].place,
                        .fast = true,
                        .key = (std::uint64_t{1} << 34) + world.backups.size() * 2,
                        .starts = false});
  return true;
}

}  // namespace longhaul
