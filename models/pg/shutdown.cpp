#include "models/pg/shutdown.h"

#include "models/app/doubts.h"
#include "models/pg/checkpointer.h"
#include "models/pg/follow.h"
#include "models/pg/primary.h"
#include "models/pg/rewind.h"
#include "models/pg/server.h"

namespace longhaul {
namespace {

// Sessions end; what they have committed is about to be flushed.
void end_sessions(World& world, NodeId id) {
  Node& node = world.node(id);
  note_unanswered(world, id, node.insert);
  node.commits = {};
  world.truth.lose_tail(node.log, node.insert);
  end_backends(world, id, false);
  reset_connections(world, id);
}

bool is_waited_for(const WalStream& stream, NodeId id, Lsn end) {
  return stream.upstream == id && stream.has_sender && !stream.logical && stream.flush_known < end;
}

void finish(World& world, NodeId id) {
  world.node(id).clean_shutdown = true;
  stop_server(world, id, Liveness::stopped);
}

}  // namespace

void shut_down(World& world, NodeId id, ShutdownMode mode) {
  Node& node = world.node(id);
  if (mode == ShutdownMode::immediate || node.liveness == Liveness::starting) {
    const bool runs = node.liveness != Liveness::stopped && node.liveness != Liveness::vanished;
    if (runs) stop_server(world, id, Liveness::stopped);
    return;
  }
  if (node.liveness != Liveness::up) return;
  if (!node.is_primary) return finish(world, id);
  world.had_stops = true;
  node.liveness = Liveness::stopping;
  world.group_of(id).closed = world.now();
  node.shutdown = {ShutdownPhase::checkpoint, world.now(), {}};
  node.incarnation = static_cast<std::uint16_t>(node.incarnation + 1);
  node.flushing = node.writer_due = false;
  end_sessions(world, id);
  const Duration writing = write_dirty_pages(world, id);
  stop_checkpointer(world, id);
  world.scheduler.after(writing, EventClass::ordinary, target(id),
                        static_cast<std::uint16_t>(EventKind::shutdown_due), node.incarnation, 0);
}

bool has_stopped(const World& world, NodeId id) {
  const Liveness liveness = world.node(id).liveness;
  return liveness == Liveness::stopped || liveness == Liveness::vanished;
}

void become_standby(World& world, NodeId id) {
  leave_log(world, id);
  Node& node = world.node(id);
  const WalLog& log = world.log(node.log);
  node.is_primary = false;
  node.role_changed_at = world.now();
  node.received = node.written = node.replayed = node.flush_target = node.flushed;
  node.replay.from = node.replay.to = {node.flushed, log.records, log.images};
  node.replay.entry = log.entries.end();
}

bool start_as_standby(World& world, NodeId id, NodeId upstream) {
  const Node& node = world.node(id);
  const bool can_start =
      node.consistent_from != no_data && node.full_disks == 0 && !is_rewinding(world, id);
  if (node.liveness != Liveness::stopped || !can_start) return false;
  if (node.is_primary) become_standby(world, id);
  follow(world, id, upstream);
  start_server(world, id);
  return true;
}

void shutdown_due(World& world, const Event& event) {
  const NodeId id{target_index(event.target)};
  Node& node = world.node(id);
  if (node.liveness != Liveness::stopping) return;
  node.shutdown.phase = ShutdownPhase::flush;
  checkpoint_at_shutdown(world, id);
  node.shutdown.end = node.insert;
}

void shutdown_goes_on(World& world, NodeId id) {
  Node& node = world.node(id);
  Shutdown& shutdown = node.shutdown;
  if (node.liveness != Liveness::stopping) return;
  if (shutdown.phase == ShutdownPhase::flush && node.flushed >= shutdown.end) {
    shutdown.phase = ShutdownPhase::senders;
  }
  if (shutdown.phase != ShutdownPhase::senders) return;
  for (const WalStream& stream : world.streams) {
    if (is_waited_for(stream, id, shutdown.end)) return;
  }
  finish(world, id);
}

}  // namespace longhaul
