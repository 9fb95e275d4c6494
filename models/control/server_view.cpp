#include "models/control/server_view.h"

#include <algorithm>

#include "models/pg/base_backup.h"

namespace longhaul {
namespace {

// Something works on the files of a server that is down.
bool is_busy(const World& world, NodeId node) {
  if (is_rewinding(world, node)) return true;
  return std::any_of(world.backups.begin(), world.backups.end(), [node](const Backup& backup) {
    return backup.target == node && is_active(backup);
  });
}

ServerState up_state(const Node& node) {
  return node.is_primary ? ServerState::primary : ServerState::standby;
}

}  // namespace

ServerState server_state(const World& world, NodeId id) {
  const Node& node = world.node(id);
  switch (node.liveness) {
    case Liveness::up:
      return up_state(node);
    case Liveness::starting:
      return ServerState::starting;
    case Liveness::stopping:
      return ServerState::stopping;
    case Liveness::stopped:
      return is_busy(world, id) ? ServerState::busy : ServerState::stopped;
    case Liveness::vanished:
      return ServerState::unknown;
  }
  CHECK(false);
  __builtin_unreachable();
}

bool takes_connections(const World& world, NodeId node) {
  return world.node(node).liveness == Liveness::up;
}

ServerStatus status_of(const World& world, NodeId id) {
  const Node& node = world.node(id);
  ServerStatus status;
  status.timeline = node.timeline;
  status.state = server_state(world, id);
  if (world.group_of(id).parent.valid()) status.fork = world.group_of(id).fork;
  status.received = node.is_primary ? node.insert : node.flushed;
  status.replayed = node.is_primary ? node.insert : node.replayed;
  status.clean_stop = node.clean_shutdown;
  status.read_only = node.read_only;
  status.diverged = node.diverged != Divergence::none;
  if (!node.is_primary) {
    if (node.upstream.valid()) status.upstream = member_of(world, node.upstream);
    status.streaming = node.feed != no_stream && world.streams[node.feed].has_receiver;
    return status;
  }
  for (const WalStream& stream : world.streams) {
    if (stream.upstream != id || !stream.has_sender || stream.logical) continue;
    const MemberSet standby = set_of(member_of(world, stream.standby));
    status.standbys = static_cast<MemberSet>(status.standbys | standby);
    const Lsn since = world.group_of(id).sync_since;
    if (stream.sync_listed && stream.streaming && stream.flush_known >= since) {
      status.synchronous = static_cast<MemberSet>(status.synchronous | standby);
    }
  }
  return status;
}

NodeId node_of(const World& world, const Agent& agent, MemberIndex member) {
  const std::vector<NodeId>& members = world.plan->groups[agent.shard.value].members;
  return member.valid() && member.value < members.size() ? members[member.value] : NodeId::none();
}

MemberIndex member_of(const World& world, NodeId node) {
  return {world.plan->nodes[node.value].member};
}

}  // namespace longhaul
