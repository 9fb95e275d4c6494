#include "models/pg/follow.h"

#include <algorithm>
#include <string>

#include "models/build.h"
#include "models/pg/commit_wait.h"
#include "models/pg/history.h"
#include "models/pg/lag_truth.h"
#include "models/pg/retention.h"
#include "models/pg/stream_connection.h"
#include "models/pg/wal_connection.h"

namespace longhaul {
namespace {

std::uint32_t stream_between(World& world, NodeId upstream, NodeId standby) {
  for (std::uint32_t i = 0; i < world.streams.size(); ++i) {
    const WalStream& stream = world.streams[i];
    if (stream.upstream == upstream && stream.standby == standby && !stream.logical) return i;
  }
  const Plan& plan = *world.plan;
  const NodePlan& from = plan.nodes[upstream.value];
  const NodePlan& to = plan.nodes[standby.value];
  WalStream wal;
  wal.upstream = upstream;
  wal.standby = standby;
  wal.path = plan.path(from.place, to.place);
  wal.back = plan.path(to.place, from.place);
  wal.luck = {stream(plan.seed, "wal/" + to.config.name + "/from/" + from.config.name)};
  wal.has_sender = wal.has_receiver = wal.streaming = wal.feeds = false;
  connect_stream(world, wal, {first_lsn});
  world.streams.push_back(wal);
  return static_cast<std::uint32_t>(world.streams.size() - 1);
}

}  // namespace

Divergence refusal(const World& world, const WalStream& stream) {
  const Node& standby = world.node(stream.standby);
  const Node& upstream = world.node(stream.upstream);
  if (upstream.timeline < standby.timeline) return Divergence::older_upstream;
  const Lsn have = std::max(standby.received, standby.flushed);
  if (have > shared_up_to(world, standby.log, upstream.log)) return Divergence::ahead_of_fork;
  return Divergence::none;
}

void join_timeline(World& world, NodeId id, LogId log) {
  Node& node = world.node(id);
  node.diverged = Divergence::none;
  if (node.log == log) return;
  node.group = {log.value};
  node.log = log;
  node.timeline = world.groups[node.group.value].timeline;
  node.newest_known = std::max(node.newest_known, node.timeline);
  for (WalStream& below : world.streams) {
    if (below.upstream == id && !below.logical) close_sender(world, below, false);
  }
}

void adopt_log(World& world, WalStream& stream) {
  join_timeline(world, stream.standby, stream.granted);
}

void stop_walreceiver(World& world, NodeId id, bool silently) {
  WalStream& feed = world.streams[world.node(id).feed];
  feed.feeds = false;  // it does not ask again
  feed.asking = false;
  feed.attempt.cancel();
  close_receiver(world, feed, silently);
  feed.feeds = true;
}

void leave_feed(World& world, NodeId id) {
  Node& node = world.node(id);
  if (node.feed == no_stream) return;
  stop_walreceiver(world, id, node.liveness == Liveness::vanished);
  WalStream& feed = world.streams[node.feed];
  leave_lag(world, feed);
  feed.feeds = false;
  node.feed = no_stream;
}

namespace {

// A standby without an upstream has a stream nevertheless, on which it never asks.
NodeId any_other(const World& world, NodeId standby) {
  const std::vector<NodeId>& members =
      world.plan->groups[world.plan->nodes[standby.value].group.value].members;
  return members.front() == standby ? members.back() : members.front();
}

}  // namespace

void follow(World& world, NodeId standby, NodeId upstream) {
  CHECK(standby != upstream);
  if (world.node(standby).is_primary || world.node(standby).promoting) return;
  leave_feed(world, standby);
  const NodeId from = upstream.valid() ? upstream : any_other(world, standby);
  const std::uint32_t number = stream_between(world, from, standby);
  WalStream& feed = world.streams[number];
  Node& node = world.node(standby);
  node.upstream = upstream;
  node.feed = number;
  node.diverged = Divergence::none;
  feed.feeds = true;
  feed.lost = feed.slot_lost = false;
  feed.write_known = feed.flush_known = feed.apply_known = {first_lsn};
  feed.attempted_at = TimePoint{-1};
  if (!feed.has_sender) feed.sent = segment_begin(node.flushed, world.plan->wal);
  list_standby(world, feed);
  measure_lag(world, feed);
  ask_for_stream(world, feed);
}

}  // namespace longhaul
