#include "models/pg/server.h"

#include <algorithm>

#include "models/app/dead_connections.h"
#include "models/app/pages.h"
#include "models/app/pools.h"
#include "models/app/statements.h"
#include "models/control/agents.h"
#include "models/give_up.h"
#include "models/net/messages.h"
#include "models/pg/crash_recovery.h"
#include "models/pg/history.h"
#include "models/pg/lock_wait.h"
#include "models/pg/primary.h"
#include "models/pg/stream_connection.h"

namespace longhaul {
namespace {

// Statements that run for clients that have gone end with the server. Answers on their way from a
// host that is lost are lost with it.
void end_abandoned(World& world, NodeId id, bool silent) {
  for (std::uint32_t slot = 0; slot < world.requests.size(); ++slot) {
    Request& request = world.requests[slot];
    if (request.node != id) continue;
    if (request.phase == Phase::abandoned) {
      disconnect(world, id);
      free_request(world, {slot});
    } else if (request.phase == Phase::at_database) {
      request.lost = true;  // nobody will answer it
      if (silent) request.attempt = static_cast<std::uint16_t>(request.attempt + 1);
    }
  }
}

// What a walsender waits for while its server shuts down, or the socket that it left behind.
bool is_for_sender(const World& world, const Event& event) {
  const auto kind = static_cast<EventKind>(event.kind);
  if (kind != EventKind::wal_acked && kind != EventKind::standby_reply) return false;
  const Node& node = world.nodes[target_index(event.target)];
  if (node.liveness == Liveness::stopping) return true;
  const std::uint32_t mail = MessageArg::unpack(event.arg).slot;
  return world.streams[world.mail.slots[mail].about].lingers;
}

}  // namespace

void end_backends(World& world, NodeId id, bool silent) {
  Node& node = world.node(id);
  node.cpu = Station<Job>(node.cpu.servers(), node.cpu.waiting_max());
  world.measures.gauge(Metric::cpu_utilisation, id.value).set(world.now(), 0);
  end_row_locks(world, id);
  end_table_locks(world, id);
  end_abandoned(world, id, silent);
}

void reset_connections(World& world, NodeId id) {
  for (std::uint32_t i = 0; i < world.instances.size(); ++i) {
    Instance& instance = world.instances[i];
    post(world, {.kind = EventKind::connections_reset,
                 .target = target(InstanceId{i}),
                 .slot = id.value,
                 .path = world.plan->path(world.plan->nodes[id.value].place, instance.place),
                 .size = world.plan->network.statement_reply,
                 .luck = instance.luck.bits()});
  }
}

void stop_server(World& world, NodeId id, Liveness how) {
  Node& node = world.node(id);
  if (node.liveness == how || node.liveness == Liveness::vanished) return;
  const bool silent = how == Liveness::vanished;
  if (silent) node.returned_at = TimePoint::never();  // else its return is not over, if it was one
  if (node.liveness == Liveness::stopped) {           // now its host goes, too
    node.liveness = how;
    node.vanished_at = world.now();
    for (WalStream& stream : world.streams) {
      if (stream.upstream == id) close_sender(world, stream, true);
    }
    for (Backup& backup : world.backups) {
      if (backup.target == id) fail_backup(world, backup);
    }
    fail_rewinds(world, id);
    return;
  }
  world.had_stops = true;
  node.liveness = how;
  node.stopped_at = world.now();
  if (node.is_primary) {
    TimePoint& closed = world.group_of(id).closed;  // earlier if it was shutting down
    closed = std::min(closed, world.now());
  }
  if (silent) node.vanished_at = world.now();
  node.incarnation = static_cast<std::uint16_t>(node.incarnation + 1);
  node.shutdown = {};
  node.flushing = false;
  node.writer_due = false;
  node.replay.busy = false;
  node.promoting = false;
  node.replay.due.cancel();
  node.replay.last_commit_at = node.replay.commit_at = TimePoint::never();
  if (node.is_primary) {
    lose_unflushed(world, id);
  } else {
    // A subscriber has what it has applied; the rest is sent to it again.
    const bool applies = world.plan->nodes[id.value].config.role == NodeRole::logical;
    node.received = silent || applies ? node.flushed : node.written;
    node.written = node.received;
    node.flushed = node.received;  // what the page cache held is flushed at the next start
    node.flush_target = node.flushed;
  }
  end_backends(world, id, silent);
  for (WalStream& stream : world.streams) {
    if (stream.standby == id) {
      close_receiver(world, stream, silent);
      stream.asking = false;
      stream.attempt.cancel();
    }
    if (stream.upstream == id) close_sender(world, stream, silent);
  }
  for (Backup& backup : world.backups) {
    if (backup.source == id || backup.target == id) fail_backup(world, backup);
  }
  fail_rewinds(world, id);
  if (silent) {
    host_silent(world, id);
  } else {
    reset_connections(world, id);
  }
  server_changed(world, id);
}

void start_server(World& world, NodeId id) {
  Node& node = world.node(id);
  const bool is_down = node.liveness == Liveness::stopped || node.liveness == Liveness::vanished;
  if (!is_down || node.consistent_from == no_data || node.full_disks > 0) return;
  if (is_rewinding(world, id)) return;
  return_host(world, id);
  if (node.returned_at == TimePoint::never()) node.returned_at = world.now();
  node.liveness = Liveness::starting;
  world.scheduler.after(recovery_time(world, id), EventClass::ordinary, target(id),
                        static_cast<std::uint16_t>(EventKind::server_recovered), node.incarnation,
                        0);
}

void return_host(World& world, NodeId id) {
  Node& node = world.node(id);
  if (node.liveness != Liveness::vanished) return;
  node.liveness = Liveness::stopped;
  node.returned_at = world.now();
  reset_connections(world, id);
  server_changed(world, id);
}

bool wasted(World& world, const Event& event) {
  if (target_kind(event.target) != TargetKind::node) return false;
  const Node& node = world.nodes[target_index(event.target)];
  switch (static_cast<EventKind>(event.kind)) {
    case EventKind::statement_served:
    case EventKind::wal_flushed:
    case EventKind::wal_writer_due:
    case EventKind::standby_flushed:
    case EventKind::standby_replayed:
    case EventKind::recovery_ended:
    case EventKind::backup_restored:
    case EventKind::server_recovered:
    case EventKind::shutdown_due:
      return event.generation != node.incarnation;
    case EventKind::statement_at_node:
    case EventKind::position_at_node:
    case EventKind::probe_at_node:
    case EventKind::health_at_node:
    case EventKind::wal_at_standby:
    case EventKind::wal_acked:
    case EventKind::standby_reply:
    case EventKind::keepalive_at_standby:
      if (node.liveness == Liveness::up) return false;
      if (is_for_sender(world, event)) return false;
      give_up(world, event);
      return true;
    // A host without the process refuses; a lost one says nothing.
    case EventKind::connect_at_node:
      if (node.liveness != Liveness::vanished) return false;
      connect_unanswered(world, event);
      return true;
    case EventKind::stream_asked:
      if (node.liveness != Liveness::vanished) return false;
      give_up(world, event);
      return true;
    default:
      return false;
  }
}

void connections_reset(World& world, const Event& event) {
  if (!arrived(world, event, world.plan->network.statement_reply)) return;
  const InstanceId instance{target_index(event.target)};
  const NodeId node{MessageArg::unpack(event.arg).slot};
  close_idle(world, instance, node);
  for (std::uint32_t slot = 0; slot < world.requests.size(); ++slot) {
    Request& request = world.requests[slot];
    if (request.instance != instance || request.node != node || !request.connected) continue;
    if (request.phase != Phase::at_database) continue;
    // Held up by a cut until the server was up again: it is about connections before this one.
    const bool has_backend =
        request.first_lock != no_lock || request.lock_wait != no_lock || request.tables_held != 0;
    if (has_backend) continue;
    connection_lost(world, {slot});
  }
}

}  // namespace longhaul
