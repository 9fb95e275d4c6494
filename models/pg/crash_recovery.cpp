#include "models/control/agents.h"
#include "models/pg/crash_recovery.h"

#include <algorithm>

#include "models/app/doubts.h"
#include "models/pg/checkpointer.h"
#include "models/pg/history.h"
#include "models/pg/replay.h"
#include "models/pg/retention.h"
#include "models/pg/server.h"
#include "models/pg/stream_connection.h"

namespace longhaul {
namespace {

void cut_off_log(World& world, NodeId id) {
  Node& node = world.node(id);
  lose_tail(world, id);
  node.flush_target = node.flushed;
  std::erase_if(world.schema_changes, [&](const SchemaChange& change) {
    return change.node == id && change.end > node.flushed;
  });
  for (Subscription& subscription : world.subscriptions) {
    if (world.streams[subscription.stream].upstream != id) continue;
    Ring<Change>& committed = subscription.committed;
    while (!committed.empty() && committed.back().end > node.flushed)
      committed.drop_back(committed.end() - 1);
  }
}

void stop_vacuums(World& world, NodeId id) {
  Group& group = world.group_of(id);
  group.autovacuum.nap.cancel();
  group.autovacuum.step.cancel();
  group.autovacuum.at = {};
  for (DeadRows& dead : group.dead_rows) {
    while (!dead.steps.empty() && dead.steps.back().end > world.node(id).flushed) {
      dead.rows -= dead.steps.back().rows;
      dead.steps.drop_back(dead.steps.end() - 1);
    }
  }
}

// Transactions that had a table for themselves are rolled back; the checkpoint's record tells the
// standbys, which is written here as the end of each.
void free_altered_tables(World& world, NodeId id) {
  for (std::uint32_t set = 0; set < world.plan->sets.size(); ++set) {
    TableLock& lock = table_lock(world, id, {set});
    if (!lock.exclusive) continue;
    lock.exclusive = false;
    log_freed_table(world, id, {set});
  }
}

// Subscribers go on where they were: their changes are counted, not sent over one connection.
void resume_subscriptions(World& world, NodeId id) {
  for (WalStream& stream : world.streams) {
    if (stream.upstream != id || !stream.logical) continue;
    stream.has_sender = true;
  }
}

void resume_primary(World& world, NodeId id) {
  free_altered_tables(world, id);
  world.group_of(id).closed = TimePoint::never();
  checkpoint_after_recovery(world, id);
  resume_subscriptions(world, id);
  note_retained(world, id);
}

}  // namespace

void lose_unflushed(World& world, NodeId id) {
  Node& node = world.node(id);
  note_unanswered(world, id, node.flushed);
  node.commits = {};
  cut_off_log(world, id);
  stop_checkpointer(world, id);
  stop_vacuums(world, id);
}

Duration recovery_time(const World& world, NodeId id) {
  const Node& node = world.node(id);
  const Duration start = world.plan->postgres.server_start;
  if (node.clean_shutdown) return start;
  const ReplayPoint& redo = world.group_of(id).checkpointer.done_work;
  const WalLog& log = world.log(node.log);
  const ReplayPoint end =
      node.is_primary ? ReplayPoint{node.insert, log.records, log.images} : node.replay.from;
  Duration time = start;
  if (redo.at < end.at) time += replay_work(world, id, redo, end);
  if (node.is_primary) time += write_dirty_pages(world, id);
  return time;
}

void server_recovered(World& world, const Event& event) {
  const NodeId id{target_index(event.target)};
  Node& node = world.node(id);
  if (node.liveness != Liveness::starting) return;
  node.liveness = Liveness::up;
  node.clean_shutdown = false;
  if (node.is_primary) {
    node.returned_at = TimePoint::never();  // it need not rejoin
    resume_primary(world, id);
  } else {
    for (WalStream& stream : world.streams) {
      if (stream.standby == id) ask_for_stream(world, stream);
    }
    start_replay(world, id);
  }
  server_changed(world, id);
}

void crash_backend(World& world, NodeId id) {
  if (world.node(id).liveness != Liveness::up) return;
  stop_server(world, id, Liveness::stopped);
  start_server(world, id);
}

}  // namespace longhaul
