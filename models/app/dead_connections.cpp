#include "models/app/dead_connections.h"

#include <algorithm>

#include "models/app/pools.h"
#include "models/app/statements.h"
#include "models/app/witness.h"

namespace longhaul {
namespace {

const TcpConfig& tcp_of(const World& world, InstanceId instance) {
  return world.plan->apps[world.instances[instance.value].app.value].config.tcp;
}

void give_up_at(World& world, RequestId id, TimePoint when) {
  Request& request = world.requests[id.value];
  if (when >= answer_by(world, request)) return;  // the application's own time-outs come first
  request.dead_at = when;
  arm_request_deadline(world, id, when);
}

}  // namespace

Duration keepalive_end(const TcpConfig& tcp) {
  if (!tcp.keepalives) return Duration::max();
  std::int64_t probes = tcp.keepalives_count;
  if (tcp.user_timeout > Duration{}) {
    const Duration rest = std::max(Duration{}, tcp.user_timeout - tcp.keepalives_idle);
    probes = std::max<std::int64_t>(1, div_ceil(rest.ns, tcp.keepalives_interval.ns));
  }
  return tcp.keepalives_idle + tcp.keepalives_interval * probes;
}

Duration unacknowledged_end(const TcpConfig& tcp, const NetworkConfig& network) {
  if (tcp.user_timeout > Duration{}) return tcp.user_timeout;
  Duration sum;
  Duration wait = network.retransmit_min;
  for (std::int64_t k = 0; k <= network.retransmits_max; ++k) {
    sum += std::min(wait, network.retransmit_max);
    if (wait < network.retransmit_max) wait = wait * 2;
  }
  return sum;
}

TimePoint answer_by(const World& world, const Request& request) {
  // A client of PgBouncer has sent its statement when it begins to wait.
  const TimePoint since = app_of(world, request).pgbouncer ? request.pooled : request.sent_at;
  return std::min(since + app_of(world, request).statement_timeout, request.give_up_at);
}

void note_unacknowledged(World& world, RequestId id) {
  const Request& request = world.requests[id.value];
  if (request.phase != Phase::at_database || request.dead_at != TimePoint::never()) return;
  const Duration wait = unacknowledged_end(tcp_of(world, request.instance), world.plan->network);
  give_up_at(world, id, request.sent_at + wait);
  witness_unheard(world, id, request.sent_at + wait);
}

void note_acknowledged(Request& request) { request.dead_at = TimePoint::never(); }

void host_silent(World& world, NodeId node) {
  for (std::uint32_t slot = 0; slot < world.requests.size(); ++slot) {
    const Request& request = world.requests[slot];
    if (request.node != node || request.phase != Phase::at_database || !request.connected) continue;
    const Duration wait = keepalive_end(tcp_of(world, request.instance));
    if (wait < Duration::max() && request.dead_at == TimePoint::never()) {
      give_up_at(world, {slot}, world.now() + wait);
    }
  }
  for (std::uint32_t i = 0; i < world.instances.size(); ++i) {
    const Duration wait = keepalive_end(tcp_of(world, {i}));
    if (wait > world.plan->duration) continue;
    world.scheduler.after(wait, EventClass::ordinary, target(InstanceId{i}),
                          static_cast<std::uint16_t>(EventKind::idle_connections_dead),
                          world.node(node).incarnation, node.value);
  }
}

void idle_connections_dead(World& world, const Event& event) {
  const NodeId id{static_cast<std::uint32_t>(event.arg)};
  const Node& node = world.node(id);
  if (node.liveness != Liveness::vanished || node.incarnation != event.generation) return;
  close_idle(world, {target_index(event.target)}, id);
}

}  // namespace longhaul
