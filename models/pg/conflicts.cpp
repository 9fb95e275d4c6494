#include "models/pg/conflicts.h"

#include <algorithm>
#include <utility>

#include "models/app/pages.h"
#include "models/pg/primary.h"
#include "models/pg/replay.h"

namespace longhaul {
namespace {

// standby.c: STANDBY_INITIAL_WAIT_US, and where it stops doubling.
constexpr Duration first_pause = milliseconds(1);
constexpr Duration longest_pause = seconds(1);

TimePoint grace_end(const World& world, NodeId id) {
  const std::optional<Duration> own =
      world.plan->nodes[id.value].config.max_standby_streaming_delay;
  return world.node(id).replay.received_at +
         own.value_or(world.plan->postgres.max_standby_streaming_delay);
}

void count_conflict(World& world, NodeId id, ConflictKind kind) {
  world.measures.counter(Metric::recovery_conflicts, id.value, kind).count += 1;
}

void arm(World& world, NodeId id, TimePoint when) {
  world.node(id).replay.due.arm(world.scheduler, std::max(when, world.now()), EventClass::ordinary,
                                target(id), static_cast<std::uint16_t>(EventKind::replay_due));
}

bool is_report(const World& world, std::uint32_t number) {
  return world.plan->faults[number].kind == FaultKind::long_read;
}

// All statements and reports that the present conflict is with get their error.
void cancel_readers(World& world, NodeId id) {
  const ReplayConflict conflict = world.node(id).replay.conflict;
  const bool lock = conflict.kind == ConflictKind::lock;
  for (std::uint32_t slot = 0; slot < world.requests.size(); ++slot) {
    Request& request = world.requests[slot];
    if (request.phase == Phase::free || request.node != id) continue;
    const bool in_the_way = lock ? holds_table(world, request, conflict.set)
                                 : has_snapshot(request) && request.snapshot < conflict.horizon;
    if (!in_the_way) continue;
    count_conflict(world, id, conflict.kind);
    refuse(world, id, request, {slot, request.generation}, ErrorKind::recovery_conflict);
  }
  for (std::uint32_t number = 0; number < world.operations.size(); ++number) {
    const FaultPlan& plan = world.plan->faults[number];
    const Operation& report = world.operations[number];
    if (plan.node != id || !is_report(world, number)) continue;
    if (report.state != OperationState::running) continue;
    if (lock ? plan.set != conflict.set : report.snapshot >= conflict.horizon) continue;
    count_conflict(world, id, conflict.kind);
    cancel_report(world, number);
  }
}

void end_wait(World& world, NodeId id) {
  Replay& replay = world.node(id).replay;
  replay.conflict.waiting = false;
  replay.due.cancel();
  world.measures.distribution(Metric::conflict_wait, id.value)
      .record((world.now() - replay.conflict.since).ns);
  start_replay(world, id);
}

// Snapshots are looked at now and then until the grace is over.
void look_again(World& world, NodeId id) {
  ReplayConflict& conflict = world.node(id).replay.conflict;
  const bool over = world.now() >= grace_end(world, id);
  arm(world, id, over ? world.now() : world.now() + conflict.pause);
  conflict.pause = std::min(conflict.pause * 2, longest_pause);
}

}  // namespace

void note_receipt(World& world, NodeId standby) {
  Node& node = world.node(standby);
  Replay& replay = node.replay;
  if (replay.from.at < replay.taken_up) return;
  replay.taken_up = node.flushed;
  if (replay.chunk <= replay.from.at) replay.received_at = world.now();
}

bool may_replay(World& world, NodeId standby, const WalEntry& entry) {
  Replay& replay = world.node(standby).replay;
  if (replay.conflict.waiting) return false;
  if (entry.kind == WalKind::cleanup) {
    if (oldest_snapshot_here(world, standby) >= entry.horizon) return true;
    replay.conflict = {.waiting = true,
                       .kind = ConflictKind::snapshot,
                       .horizon = entry.horizon,
                       .pause = first_pause,
                       .since = world.now()};
    look_again(world, standby);
    return false;
  }
  const DataSetId set{entry.about};
  const bool granted = std::exchange(replay.conflict.granted, false);
  if (granted || claim_table(world, standby, set, {TableUser::startup, true, 0})) {
    replay.tables += 1;
    return true;
  }
  replay.conflict = {.waiting = true, .set = set, .since = world.now()};
  arm(world, standby, grace_end(world, standby));
  return false;
}

void replay_granted(World& world, NodeId standby) {
  world.node(standby).replay.conflict.granted = true;
  end_wait(world, standby);
}

void conflict_due(World& world, NodeId standby) {
  const ReplayConflict conflict = world.node(standby).replay.conflict;
  if (conflict.kind == ConflictKind::lock) {
    return cancel_readers(world, standby);  // the table is granted with the last of them
  }
  if (oldest_snapshot_here(world, standby) < conflict.horizon) {
    if (world.now() < grace_end(world, standby)) return look_again(world, standby);
    cancel_readers(world, standby);
  }
  end_wait(world, standby);
}

void release_replayed_locks(World& world, NodeId standby, std::uint64_t first, std::uint64_t end) {
  for (std::uint64_t n = first; n < end && world.node(standby).replay.tables > 0; ++n) {
    const WalEntry& entry = world.log(world.node(standby).log).entries.at(n);
    if (entry.kind != WalKind::commit || entry.about == 0) continue;
    // A base backup that began between the lock and this commit knows nothing of it.
    if (!table_lock(world, standby, unlocked_by(entry)).exclusive) continue;
    world.node(standby).replay.tables -= 1;
    release_table(world, standby, unlocked_by(entry), true);
  }
}

bool has_snapshot(const Request& request) {
  return request.phase != Phase::free && request.at_server && request.snapshot != Lsn{};
}

Lsn snapshot_of(const World& world, NodeId id) {
  const Node& node = world.node(id);
  return node.is_primary ? node.insert : node.replayed;
}

}  // namespace longhaul
