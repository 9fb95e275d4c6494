#include "models/control/agents.h"

#include <algorithm>
#include <vector>

#include "models/control/commands.h"
#include "models/control/orders.h"
#include "models/control/records.h"
#include "models/control/requests.h"
#include "models/control/server_view.h"
#include "models/control/slots.h"
#include "models/control/store_client.h"
#include "models/pg/clocks.h"
#include "models/pg/history.h"
#include "models/pg/server.h"

namespace longhaul {
namespace {

// All servers of a shard are numbered through, those of its standby cluster among them.
std::vector<MemberInfo> members_of(const Plan& plan, const Agent& agent) {
  std::vector<MemberInfo> members;
  const GroupPlan& group = plan.groups[agent.shard.value];
  const bool in_standby_cluster =
      agent.node.valid() && plan.nodes[agent.node.value].in_standby_cluster;
  const NodePlan& first = plan.nodes[group.primary.value];
  for (const NodeId id : group.members) {
    const NodePlan& node = plan.nodes[id.value];
    MemberInfo info;
    info.region = plan.places[node.place].region;
    info.zone = node.place;
    info.priority = static_cast<std::int32_t>(node.config.failover.priority);
    info.nofailover = node.config.failover.nofailover;
    const bool foreign = node.in_standby_cluster != in_standby_cluster;
    // Managers know nothing of logical subscribers.
    info.is_witness = node.config.role == NodeRole::logical;
    info.starts_as_primary = id == (in_standby_cluster ? plan.standby_leader : group.primary);
    info.may_be_synchronous = !node.config.failover.nosync && !foreign && !info.is_witness;
    info.is_remote = in_standby_cluster && foreign;
    info.capacity = static_cast<std::int32_t>(node.config.cpus * 100 / first.config.cpus);
    members.push_back(info);
  }
  while (members.back().is_witness) members.pop_back();
  return members;
}

ManagerSeat seat_of(const World& world, const Agent& agent, std::uint64_t luck) {
  return {.self = agent.member,
          .voter = agent.voter,
          .voters = static_cast<std::uint32_t>(world.plan->controllers.size()),
          .now = time_of(world, agent),
          .luck = luck};
}

void carry_out(World& world, AgentId id, const FailoverAction& action) {
  switch (action.kind) {
    case FailoverActionKind::check_server:
    case FailoverActionKind::probe_server:
    case FailoverActionKind::poll_member:
      return ask(world, id, action);
    case FailoverActionKind::poll_voter:
      return ask_voter(world, id, action);
    case FailoverActionKind::tell_member:
    case FailoverActionKind::report_node:
    case FailoverActionKind::answer_node:
      return send_message(world, id, action);
    case FailoverActionKind::read_store:
    case FailoverActionKind::acquire_leader:
    case FailoverActionKind::renew_leader:
    case FailoverActionKind::release_leader:
    case FailoverActionKind::write_status:
    case FailoverActionKind::write_sync:
    case FailoverActionKind::touch_member:
    case FailoverActionKind::write_failsafe:
    case FailoverActionKind::delete_switchover:
    case FailoverActionKind::write_switchover:
      return use_store(world, id, action);
    case FailoverActionKind::promote:
    case FailoverActionKind::start_primary:
    case FailoverActionKind::start_standby:
    case FailoverActionKind::stop:
    case FailoverActionKind::rewind:
    case FailoverActionKind::rebuild:
    case FailoverActionKind::set_read_only:
    case FailoverActionKind::set_synchronous:
    case FailoverActionKind::fetch_wal:
    case FailoverActionKind::fence:
    case FailoverActionKind::move_clients:
      return give_order(world, id, action);
    case FailoverActionKind::feed_watchdog: {
      Agent& agent = world.control.agents[id.value];
      if (action.ttl == Duration{}) return agent.watchdog.cancel();
      const Duration ttl = true_duration(world.node(agent.node), action.ttl);
      return agent.watchdog.arm(world.scheduler, world.now() + ttl, EventClass::control,
                                target_of(id), static_cast<std::uint16_t>(EventKind::watchdog_due));
    }
    case FailoverActionKind::keep_slots:
      return keep_slots(world, id, action.members);
    case FailoverActionKind::page_operator:
      page_person(world, id, action.reason);
      return note_action(world, id, action);
    case FailoverActionKind::refuse:
    case FailoverActionKind::candidate:
    case FailoverActionKind::phase:
      return note_action(world, id, action);
  }
  CHECK(false);
}

HostClock clock_of(const World& world) {
  const bool sleeps_until = world.plan->policy.failover.manager == FailoverManager::patroni;
  return sleeps_until ? HostClock::wall : HostClock::monotonic;
}

// When the time of an agent's machine has come.
TimePoint when(const World& world, const Agent& agent, TimePoint due) {
  if (!agent.node.valid()) return std::max(due, world.now());
  return std::max(true_time(world.node(agent.node), clock_of(world), due), world.now());
}

// Carries out what the manager has ordered and sets its alarm.
void drain(World& world, AgentId id) {
  while (const auto action = poll(world.control.agents[id.value].machine)) {
    carry_out(world, id, *action);
  }
  Agent& agent = world.control.agents[id.value];
  const std::optional<TimePoint> deadline = next_deadline(agent.machine);
  if (!deadline) return agent.due.cancel();
  agent.due.arm(world.scheduler, when(world, agent, *deadline), EventClass::control, target_of(id),
                static_cast<std::uint16_t>(EventKind::agent_due));
}

}  // namespace

void start_agents(World& world) {
  const Plan& plan = *world.plan;
  world.control.agent_of_node.assign(plan.nodes.size(), AgentId::none());
  world.control.operator_luck = {stream(plan.seed, "operator")};
  const ManagerPlaces where = places_of(plan.policy.failover.manager);
  const auto add = [&world](Agent agent, const std::string& name) {
    agent.luck = {stream(world.plan->seed, "agent/" + name)};
    world.control.agents.push_back(agent);
  };
  for (std::uint32_t shard = 0; shard < plan.groups.size(); ++shard) {
    for (std::uint32_t i = 0; i < plan.controllers.size() && where.controllers; ++i) {
      if (i > 0 && !where.every_controller) break;
      Agent agent;
      agent.shard = {shard};
      agent.voter = {i};
      agent.place = plan.controllers[i].place;
      add(agent, plan.controllers[i].name + "/" + std::to_string(shard));
    }
    for (const NodeId node : plan.groups[shard].members) {
      if (!where.beside_servers || plan.nodes[node.value].config.role == NodeRole::logical)
        continue;
      Agent agent;
      agent.shard = {shard};
      agent.node = node;
      agent.member = member_of(world, node);
      agent.place = plan.nodes[node.value].place;
      world.control.agent_of_node[node.value] = {
          static_cast<std::uint32_t>(world.control.agents.size())};
      add(agent, plan.nodes[node.value].config.name);
    }
  }
  for (std::uint32_t i = 0; i < world.control.agents.size(); ++i) {
    Agent& agent = world.control.agents[i];
    const std::uint64_t luck = agent.luck.bits();
    agent.machine =
        make_manager(plan.policy.failover, members_of(plan, agent), seat_of(world, agent, luck));
    open_store(world, {i});
    drain(world, {i});
  }
}

void agent_due(World& world, const Event& event) {
  const AgentId id{target_index(event.target)};
  Agent& agent = world.control.agents[id.value];
  if (!agent.due.fires(world.scheduler, event) || !agent.running) return;
  agent.time = time_of(world, agent);
  on_timer(agent.machine, agent.time);
  drain(world, id);
}

void tell_agent(World& world, AgentId id, const FailoverEvent& event) {
  Agent& agent = world.control.agents[id.value];
  if (!agent.running) return;
  FailoverEvent told = event;
  told.luck = agent.luck.bits();
  agent.time = time_of(world, agent);
  handle(agent.machine, agent.time, told);
  drain(world, id);
  if (!ends_attempt(world, id, event)) return;
  told.kind = FailoverEventKind::command;
  told.command = OperatorCommand::reject;
  handle(agent.machine, agent.time, told);
  drain(world, id);
}

void answer_later(World& world, AgentId id, const FailoverEvent& event, Duration after) {
  const std::uint16_t life = world.control.agents[id.value].life;
  const std::uint32_t slot = world.control.mail.take({id, life, {}, event, AgentId::none()});
  world.scheduler.after(after, EventClass::control, target_of(id),
                        static_cast<std::uint16_t>(EventKind::agent_told), life, slot);
}

void agent_told(World& world, const Event& event) {
  const ControlMail mail = world.control.mail.release(static_cast<std::uint32_t>(event.arg));
  if (mail.life == world.control.agents[mail.agent.value].life) {
    tell_agent(world, mail.agent, mail.event);
  }
}

void stop_agent(World& world, AgentId id) {
  Agent& agent = world.control.agents[id.value];
  if (!agent.running) return;
  agent.running = false;
  agent.life = static_cast<std::uint16_t>(agent.life + 1);
  agent.due.cancel();
  close_store(world, id);
  forget_orders(world, id);
}

void start_agent(World& world, AgentId id) {
  const Agent& agent = world.control.agents[id.value];
  if (agent.running || agent.kills > 0) return;
  world.scheduler.after(world.plan->control.agent_start, EventClass::control, target_of(id),
                        static_cast<std::uint16_t>(EventKind::agent_starts), agent.life, 0);
}

void agent_starts(World& world, const Event& event) {
  const AgentId id{target_index(event.target)};
  Agent& agent = world.control.agents[id.value];
  const bool host_is_up =
      !agent.node.valid() || world.node(agent.node).liveness != Liveness::vanished;
  if (agent.running || agent.kills > 0 || event.generation != agent.life || !host_is_up) return;
  agent.running = true;
  agent.primary_seen = TimePoint::never();
  const std::uint64_t luck = agent.luck.bits();
  agent.slots = Agent{}.slots;  // it takes all members for seen, and their slots for made
  agent.machine = make_manager_again(agent.machine, world.plan->policy.failover,
                                     members_of(*world.plan, agent), seat_of(world, agent, luck));
  open_store(world, id);
  drain(world, id);
}

void kill_agent(World& world, NodeId node) {
  if (world.control.agents.empty() || !world.control.agent_of_node[node.value].valid()) return;
  const AgentId id = world.control.agent_of_node[node.value];
  world.control.agents[id.value].kills += 1;
  stop_agent(world, id);
}

void revive_agent(World& world, NodeId node) {
  if (world.control.agents.empty() || !world.control.agent_of_node[node.value].valid()) return;
  const AgentId id = world.control.agent_of_node[node.value];
  world.control.agents[id.value].kills -= 1;
  start_agent(world, id);
}

void watchdog_due(World& world, const Event& event) {
  const AgentId id{target_index(event.target)};
  Agent& agent = world.control.agents[id.value];
  if (!agent.watchdog.fires(world.scheduler, event)) return;
  reset_host(world, agent.node);
}

void check_watchdog(World& world, NodeId node) {
  if (world.control.agents.empty()) return;
  const AgentId id = world.control.agent_of_node[node.value];
  if (!id.valid()) return;
  const Timer& watchdog = world.control.agents[id.value].watchdog;
  if (watchdog.armed() && watchdog.deadline <= world.now()) reset_host(world, node);
}

TimePoint time_of(const World& world, const Agent& agent) {
  if (!agent.node.valid() || world.node(agent.node).clock_changes.empty()) return world.now();
  const Node& host = world.node(agent.node);
  return std::max(agent.time, local_time(host, clock_of(world), world.now()));
}

namespace {

template <class Change>
void change_clock(World& world, NodeId node, Change change) {
  const AgentId id =
      world.control.agents.empty() ? AgentId::none() : world.control.agent_of_node[node.value];
  if (id.valid()) {
    Agent& agent = world.control.agents[id.value];
    agent.time = time_of(world, agent);
  }
  change();
  if (id.valid() && world.control.agents[id.value].running) drain(world, id);
}

}  // namespace

void set_clock(World& world, NodeId node, Duration by) {
  change_clock(world, node, [&] { step_clock(world, node, by); });
}

void set_drift(World& world, NodeId node, std::int64_t more_ppm) {
  change_clock(world, node, [&] { change_drift(world, node, more_ppm); });
}

void server_changed(World& world, NodeId node) {
  note_server(world, node);
  note_survivor(world, world.plan->nodes[node.value].group);
  if (world.control.agents.empty()) return;
  const AgentId id = world.control.agent_of_node[node.value];
  if (id.valid()) {
    const bool host_is_up = world.node(node).liveness != Liveness::vanished;
    if (!host_is_up) {
      world.control.agents[id.value].watchdog.cancel();
      stop_agent(world, id);
    } else {
      start_agent(world, id);
    }
  }
  finish_orders(world, node);
}

}  // namespace longhaul
