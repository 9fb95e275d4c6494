#include "models/control/requests.h"

#include "models/control/agents.h"
#include "models/control/server_view.h"
#include "models/net/messages.h"

namespace longhaul {
namespace {

constexpr Bytes question_size{200};
constexpr Bytes answer_size{800};  // a JSON document

MemberStatus member_status(const World& world, NodeId node) {
  const ServerStatus server = status_of(world, node);
  const AgentId id = world.control.agent_of_node[node.value];
  MemberStatus status;
  if (id.valid()) {
    const Agent& agent = world.control.agents[id.value];
    status = describe(agent.machine, time_of(world, agent), server);
    if (agent.primary_seen != TimePoint::never()) {
      status.primary_seen = world.now() - agent.primary_seen;
    }
  }
  status.server = server;
  return status;
}

bool answers(const World& world, NodeId node, FailoverActionKind question) {
  if (question == FailoverActionKind::probe_server) return takes_connections(world, node);
  const AgentId id = world.control.agent_of_node[node.value];
  return id.valid() && world.control.agents[id.value].running;
}

// A message from one agent to another, which may be gone when it arrives.
void send(World& world, AgentId from, const ControlMail& mail) {
  Agent& sender = world.control.agents[from.value];
  const Agent& receiver = world.control.agents[mail.agent.value];
  post(world, {.kind = EventKind::news_at_agent,
               .target = target_of(mail.agent),
               .slot = world.control.mail.take(mail),
               .path = world.plan->path(sender.place, receiver.place),
               .size = answer_size,
               .luck = sender.luck.bits(),
               .purpose = Traffic::probes});
}

void send(World& world, AgentId from, AgentId to, const FailoverEvent& event) {
  if (!to.valid()) return;
  send(world, from, {to, world.control.agents[to.value].life, {}, event, AgentId::none()});
}

// A voter asks another: the answer goes back.
void answer_voter(World& world, const ControlMail& asked) {
  const Agent& voter = world.control.agents[asked.agent.value];
  if (!voter.running) return;
  FailoverEvent event;
  event.kind = FailoverEventKind::voter_status;
  event.number = asked.action.number;
  event.voter = voter.voter;
  event.primary_is_dead = sees_primary_dead(voter.machine);
  send(world, asked.agent, asked.from, event);
}

// The controller of an agent's shard.
AgentId monitor_of(const World& world, const Agent& agent) {
  const std::vector<Agent>& agents = world.control.agents;
  for (std::uint32_t i = 0; i < agents.size(); ++i) {
    if (agents[i].shard == agent.shard && !agents[i].node.valid()) return {i};
  }
  return AgentId::none();
}

// A leader that has lost the lease store asks whether this member accepts it.
bool accepts(World& world, AgentId id, MemberIndex leader) {
  FailoverEvent event;
  event.kind = FailoverEventKind::failsafe_asked;
  event.member = leader;
  tell_agent(world, id, event);
  return accepts_failsafe(world.control.agents[id.value].machine);
}

}  // namespace

void ask_voter(World& world, AgentId id, const FailoverAction& action) {
  const std::vector<Agent>& agents = world.control.agents;
  for (std::uint32_t i = 0; i < agents.size(); ++i) {
    if (agents[i].shard != agents[id.value].shard || agents[i].voter != action.voter) continue;
    return send(world, id, {AgentId{i}, agents[i].life, action, {}, id});
  }
}

void send_message(World& world, AgentId id, const FailoverAction& action) {
  const Agent& agent = world.control.agents[id.value];
  FailoverEvent event;
  event.node_state = action.node_state;
  event.status = action.status;
  AgentId to = monitor_of(world, agent);
  switch (action.kind) {
    case FailoverActionKind::report_node:
      event.kind = FailoverEventKind::node_report;
      event.number = action.number;
      event.member = agent.member;
      break;
    case FailoverActionKind::answer_node:
      event.kind = FailoverEventKind::node_goal;
      event.number = action.answers;
      event.member = action.member;
      event.upstream = action.upstream;
      event.members = action.members;
      event.quorum = action.quorum;
      to = world.control.agent_of_node[node_of(world, agent, action.member).value];
      break;
    default:
      event.kind = FailoverEventKind::told_primary;
      event.member = action.upstream;
      to = world.control.agent_of_node[node_of(world, agent, action.member).value];
      break;
  }
  send(world, id, to, event);
}

void ask(World& world, AgentId id, const FailoverAction& action) {
  Agent& agent = world.control.agents[id.value];
  FailoverEvent own;
  own.kind = FailoverEventKind::server_status;
  own.number = action.number;
  own.member = agent.member;
  if (action.kind == FailoverActionKind::check_server) {
    own.status = member_status(world, agent.node);
    return answer_later(world, id, own);
  }
  const NodeId node = node_of(world, agent, action.member);
  const PathId there = world.plan->path(agent.place, world.plan->nodes[node.value].place);
  const PathId back = world.plan->path(world.plan->nodes[node.value].place, agent.place);
  const Duration rtt = world.network.latency(there) + world.network.latency(back);
  const std::uint32_t slot = world.control.mail.take({id, agent.life, action, {}, AgentId::none()});
  post(world, {.kind = EventKind::question_at_member,
               .target = target(node),
               .slot = slot,
               .path = there,
               .size = question_size,
               .luck = agent.luck.bits(),
               .purpose = Traffic::probes,
               .delay = rtt * (world.plan->control.poll_round_trips - 1)});
}

void question_at_member(World& world, const Event& event) {
  const std::uint32_t slot = MessageArg::unpack(event.arg).slot;
  const ControlMail& asked = world.control.mail.slots[slot];
  Agent& agent = world.control.agents[asked.agent.value];
  const NodeId node{target_index(event.target)};
  const PathId there = world.plan->path(agent.place, world.plan->nodes[node.value].place);
  const PathId back = world.plan->path(world.plan->nodes[node.value].place, agent.place);
  const Duration rtt = world.network.latency(there) + world.network.latency(back);
  if (!arrived(world, event, question_size, rtt * (world.plan->control.poll_round_trips - 1))) {
    return;
  }
  ControlMail mail = world.control.mail.release(slot);
  if (world.node(node).liveness == Liveness::vanished) return;
  mail.event.number = mail.action.number;
  mail.event.member = mail.action.member;
  mail.event.kind = FailoverEventKind::member_refused;
  const bool is_asked = answers(world, node, mail.action.kind);
  const bool is_failsafe = mail.action.kind == FailoverActionKind::poll_member && mail.action.on;
  const bool agrees =
      is_asked &&
      (!is_failsafe || accepts(world, world.control.agent_of_node[node.value], agent.member));
  if (agrees) {
    mail.event.kind = FailoverEventKind::member_status;
    mail.event.status = member_status(world, node);
  }
  post(world, {.kind = EventKind::news_at_agent,
               .target = target_of(mail.agent),
               .slot = world.control.mail.take(mail),
               .path = back,
               .size = answer_size,
               .luck = agent.luck.bits(),
               .purpose = Traffic::probes});
}

void news_at_agent(World& world, const Event& event) {
  if (!arrived(world, event, answer_size)) return;
  const ControlMail mail = world.control.mail.release(MessageArg::unpack(event.arg).slot);
  Agent& agent = world.control.agents[mail.agent.value];
  if (mail.life != agent.life) return;
  if (mail.from.valid()) return answer_voter(world, mail);
  const ServerStatus& server = mail.event.status.server;
  const bool alive = mail.event.kind == FailoverEventKind::member_status;
  if (alive && server.state == ServerState::primary) agent.primary_seen = world.now();
  tell_agent(world, mail.agent, mail.event);
}

}  // namespace longhaul
