#include "models/control/orders.h"

#include <algorithm>
#include <optional>

#include "models/app/find_primary.h"
#include "models/control/agents.h"
#include "models/control/records.h"
#include "models/control/requests.h"
#include "models/control/server_view.h"
#include "models/net/messages.h"
#include "models/pg/commit_wait.h"
#include "models/pg/follow.h"
#include "models/pg/promotion.h"
#include "models/pg/rewind.h"
#include "models/pg/server.h"
#include "models/pg/shutdown.h"

namespace longhaul {
namespace {

constexpr Bytes order_size{300};

void answer(World& world, const ServerOrder& order, bool done,
            FailoverReason reason = FailoverReason::operation_failed) {
  if (!order.agent.valid() || order.life != world.control.agents[order.agent.value].life) return;
  FailoverEvent event;
  event.kind = done ? FailoverEventKind::operation_done : FailoverEventKind::operation_failed;
  event.number = order.action.number;
  event.member = member_of(world, order.node);
  event.action = order.action.kind;
  event.reason = done ? FailoverReason::none : reason;
  event.status.server = status_of(world, order.node);
  const Agent& agent = world.control.agents[order.agent.value];
  Duration way;
  if (order.remote) {
    const std::uint32_t there = world.plan->nodes[order.node.value].place;
    way = world.network.latency(world.plan->path(there, agent.place));
  }
  answer_later(world, order.agent, event, way);
}

bool may_start(const World& world, NodeId id) {
  const Node& node = world.node(id);
  return node.outages == 0 && node.liveness != Liveness::vanished &&
         node.consistent_from != no_data;
}

SyncStandbys setting_of(const World& world, const Agent& agent, const FailoverAction& action) {
  SyncStandbys setting;
  if (action.quorum == 0) return setting;
  const bool all = action.quorum == size_of(action.members);
  setting.method = all ? SyncMethod::first : SyncMethod::any;
  setting.count = action.quorum;
  // The members may be "anybody": more than there are.
  for (const NodeId node : world.plan->groups[agent.shard.value].members) {
    if (!contains(action.members, member_of(world, node))) continue;
    setting.names.push_back(world.plan->nodes[node.value].config.name);
  }
  return setting;
}

// synchronous_standby_names of a standby counts once it is promoted, whoever ordered it.
bool is_for_later(const World& world, const ServerOrder& order) {
  return order.action.kind == FailoverActionKind::set_synchronous &&
         !world.node(order.node).is_primary;
}

bool is_setting(const ServerOrder& order) {
  return order.begun && order.action.kind == FailoverActionKind::set_synchronous;
}

// Patroni connects to the leader three times before pg_rewind does: whether it is in recovery, its
// timeline and history, and again whether it is in recovery (rewind.py: _check_timeline_and_lsn,
// execute). SCRAM takes four round trips, a question one.
std::int64_t checks_of(const World& world) {
  constexpr std::int64_t connect = 4;
  return world.plan->policy.failover.manager == FailoverManager::patroni ? 3 * connect + 4 : 0;
}

// A server that recovers from a crash during its promotion is a standby again: the file that
// ordered it is gone (xlogrecovery.c, CheckForStandbyTrigger). Whoever waits for the end sees it
// fail; Patroni goes by pg_ctl promote -W, and takes the server for promoted (its issue 3603).
bool sees_promotion_fail(const World& world) {
  return world.plan->policy.failover.manager != FailoverManager::patroni;
}

enum class Begun : std::uint8_t { failed, done, goes_on };

// The order reaches its server.
Begun begin(World& world, ServerOrder& order) {
  const NodeId node = order.node;
  const Agent& agent = world.control.agents[order.agent.value];
  const NodeId upstream = node_of(world, agent, order.action.upstream);
  const auto goes_on = [](bool ok) { return ok ? Begun::goes_on : Begun::failed; };
  switch (order.action.kind) {
    case FailoverActionKind::promote:
      if (server_state(world, node) == ServerState::primary) return Begun::done;
      return goes_on(world.node(node).promoting || promote(world, node));
    case FailoverActionKind::start_primary:
      if (!may_start(world, node)) return Begun::failed;
      start_server(world, node);
      return Begun::goes_on;
    case FailoverActionKind::start_standby:
      if (!may_start(world, node)) return Begun::failed;
      if (server_state(world, node) == ServerState::standby) {
        follow(world, node, upstream);
        return Begun::done;
      }
      return goes_on(start_as_standby(world, node, upstream));
    case FailoverActionKind::stop:
      if (server_state(world, node) == ServerState::stopped) return Begun::done;
      shut_down(
          world, node,
          order.action.stop_mode == StopMode::fast ? ShutdownMode::fast : ShutdownMode::immediate);
      return Begun::goes_on;
    case FailoverActionKind::rewind:
      if (!upstream.valid()) return Begun::failed;
      shut_down(world, node, ShutdownMode::immediate);
      return goes_on(rewind(world, node, upstream, checks_of(world)) == RewindRefusal::none);
    case FailoverActionKind::rebuild:
      if (!upstream.valid()) return Begun::failed;
      shut_down(world, node, ShutdownMode::immediate);
      return goes_on(reinit(world, node, upstream));
    case FailoverActionKind::set_read_only:
      world.node(node).read_only = order.action.on;
      return Begun::done;
    case FailoverActionKind::set_synchronous:
      if (is_for_later(world, order)) return Begun::done;
      set_synchronous_standbys(world, node, setting_of(world, agent, order.action));
      return Begun::done;
    case FailoverActionKind::fetch_wal:
      if (!upstream.valid()) return Begun::failed;
      follow(world, node, upstream);
      return Begun::goes_on;
    default:
      CHECK(false);
      __builtin_unreachable();
  }
}

// Whether the server is where the order wanted it; nothing: not yet.
std::optional<bool> outcome(const World& world, const ServerOrder& order) {
  const ServerState state = server_state(world, order.node);
  const Node& node = world.node(order.node);
  if (node.liveness == Liveness::vanished) return false;
  switch (order.action.kind) {
    case FailoverActionKind::promote:
      if (state == ServerState::primary) return true;
      if (state == ServerState::standby && !node.promoting && sees_promotion_fail(world)) {
        return false;
      }
      break;
    case FailoverActionKind::start_primary:
      if (state == ServerState::primary) return true;
      break;
    case FailoverActionKind::start_standby:
      if (state == ServerState::standby) return true;
      if (state == ServerState::primary) return false;  // somebody has restored it meanwhile
      break;
    case FailoverActionKind::stop:
      if (state == ServerState::stopped) return true;
      return std::nullopt;
    case FailoverActionKind::rewind:
    case FailoverActionKind::rebuild:
      if (state == ServerState::busy) return std::nullopt;
      return state == ServerState::stopped && node.consistent_from != no_data &&
             (order.action.kind == FailoverActionKind::rebuild ||
              rewind_state(world, order.node) == RewindState::done);
    case FailoverActionKind::fetch_wal:  // from one whose position stands still
      if (node.upstream.valid() && node.flushed >= world.node(node.upstream).flushed) return true;
      break;
    default:
      return std::nullopt;
  }
  const bool stopped = state == ServerState::stopped;
  return stopped && node.outages > 0 ? std::optional(false) : std::nullopt;
}

void set_deadline(World& world, const ServerOrder& order, Duration after) {
  world.scheduler.after(after, EventClass::control, target_of(order.agent),
                        static_cast<std::uint16_t>(EventKind::order_due), order.life,
                        order.action.number);
}

void begin_and_note(World& world, ServerOrder order) {
  const bool promotes = order.action.kind == FailoverActionKind::promote &&
                        server_state(world, order.node) == ServerState::standby &&
                        !world.node(order.node).promoting;
  if (promotes) note_promotion(world, order.node, order.agent, order.action.reason);
  const Begun begun = begin(world, order);
  if (begun == Begun::goes_on) {
    order.begun = true;
    world.control.orders.push_back(order);
    return finish_orders(world, order.node);
  }
  answer(world, order, begun == Begun::done);
  if (!is_for_later(world, order)) return;
  std::erase_if(world.control.orders, [&](const ServerOrder& other) {
    return is_setting(other) && other.node == order.node;
  });
  order.begun = true;
  world.control.orders.push_back(order);
}

// A server that was told before whom to wait for has become the primary.
void apply_setting(World& world, NodeId node) {
  if (!world.node(node).is_primary) return;
  std::erase_if(world.control.orders, [&](const ServerOrder& order) {
    if (!is_setting(order) || order.node != node) return false;
    const Agent& agent = world.control.agents[order.agent.value];
    set_synchronous_standbys(world, node, setting_of(world, agent, order.action));
    return true;
  });
}

// Power off, as an order to the machine room: it needs nothing of the host.
void fence(World& world, const ServerOrder& order) {
  const FencingConfig& fencing = world.plan->control.fencing;
  if (!fencing.available) return answer(world, order, false, FailoverReason::fencing_failed);
  Agent& agent = world.control.agents[order.agent.value];
  const Duration takes = sample(fencing.takes, agent.luck.bits());
  world.control.orders.push_back(order);
  set_deadline(world, order, takes);
}

void end_fencing(World& world, const ServerOrder& order) {
  Agent& agent = world.control.agents[order.agent.value];
  const auto luck = static_cast<std::int64_t>(below(agent.luck.bits(), 1'000'000));
  const bool failed = luck < world.plan->control.fencing.fails.ppm;
  if (!failed) {
    world.node(order.node).outages += 1;  // until somebody switches it on again
    stop_server(world, order.node, Liveness::vanished);
  }
  answer(world, order, !failed, FailoverReason::fencing_failed);
}

std::vector<ServerOrder>::iterator find(World& world, AgentId agent, std::uint16_t life,
                                        std::uint32_t number) {
  std::vector<ServerOrder>& orders = world.control.orders;
  return std::find_if(orders.begin(), orders.end(), [&](const ServerOrder& order) {
    return order.agent == agent && order.life == life && order.action.number == number;
  });
}

}  // namespace

void give_order(World& world, AgentId id, const FailoverAction& action) {
  Agent& agent = world.control.agents[id.value];
  ServerOrder order;
  order.agent = id;
  order.life = agent.life;
  order.node = action.member.valid() ? node_of(world, agent, action.member) : agent.node;
  order.action = action;
  order.remote = order.node != agent.node;
  if (action.kind == FailoverActionKind::move_clients) {
    move_clients(world, agent.shard, order.node);
    return answer(world, order, true);
  }
  if (action.kind == FailoverActionKind::fence) return fence(world, order);
  if (!order.remote) return begin_and_note(world, order);
  const std::uint32_t place = world.plan->nodes[order.node.value].place;
  const Duration rtt = round_trip(world, agent.place, place);
  world.control.orders.push_back(order);
  set_deadline(world, order, world.plan->control.order_timeout);
  post(world, {.kind = EventKind::order_at_member,
               .target = target(order.node),
               .slot = world.control.mail.take({id, agent.life, action, {}, AgentId::none()}),
               .path = world.plan->path(agent.place, place),
               .size = order_size,
               .luck = agent.luck.bits(),
               .purpose = Traffic::probes,
               .delay = rtt * (world.plan->control.order_round_trips - 1)});
}

void order_at_member(World& world, const Event& event) {
  const std::uint32_t slot = MessageArg::unpack(event.arg).slot;
  const NodeId node{target_index(event.target)};
  const ControlMail& sent = world.control.mail.slots[slot];
  const std::uint32_t from = world.control.agents[sent.agent.value].place;
  const Duration rtt = round_trip(world, from, world.plan->nodes[node.value].place);
  if (!arrived(world, event, order_size, rtt * (world.plan->control.order_round_trips - 1))) return;
  const ControlMail mail = world.control.mail.release(slot);
  const auto at = find(world, mail.agent, mail.life, mail.action.number);
  if (at == world.control.orders.end() || world.node(node).liveness == Liveness::vanished) return;
  const ServerOrder order = *at;
  world.control.orders.erase(at);
  begin_and_note(world, order);
}

void order_due(World& world, const Event& event) {
  const AgentId id{target_index(event.target)};
  const auto at = find(world, id, event.generation, static_cast<std::uint32_t>(event.arg));
  if (at == world.control.orders.end() || at->begun) return;
  const ServerOrder order = *at;
  world.control.orders.erase(at);
  if (order.action.kind == FailoverActionKind::fence) return end_fencing(world, order);
  answer(world, order, false, FailoverReason::is_unreachable);
}

void finish_orders(World& world, NodeId node) {
  apply_setting(world, node);
  std::vector<ServerOrder>& orders = world.control.orders;
  for (std::size_t i = 0; i < orders.size();) {
    const bool concerns = orders[i].begun && orders[i].node == node && !is_setting(orders[i]);
    const std::optional<bool> done = concerns ? outcome(world, orders[i]) : std::nullopt;
    if (!done) {
      ++i;
      continue;
    }
    const ServerOrder order = orders[i];
    orders.erase(orders.begin() + static_cast<std::ptrdiff_t>(i));
    answer(world, order, *done);
  }
}

void forget_orders(World& world, AgentId id) {
  std::erase_if(world.control.orders, [id](const ServerOrder& order) {
    return order.agent == id && !is_setting(order);  // what stands in a server's files stays there
  });
}

void reset_host(World& world, NodeId node) {
  world.node(node).outages += 1;
  stop_server(world, node, Liveness::vanished);
  world.scheduler.after(world.plan->control.host_restart, EventClass::control, target(node),
                        static_cast<std::uint16_t>(EventKind::host_returns), 0, 0);
}

void bring_back(World& world, NodeId node) {
  if (!starts_servers(world.plan->policy.failover.manager)) return start_server(world, node);
  return_host(world, node);
}

void host_returns(World& world, const Event& event) {
  const NodeId node{target_index(event.target)};
  world.node(node).outages -= 1;
  if (world.node(node).outages == 0) bring_back(world, node);
}

}  // namespace longhaul
