#include "models/control/store_client.h"

#include <algorithm>
#include <string>
#include <utility>

#include "models/control/agents.h"
#include "models/pg/clocks.h"

namespace longhaul {
namespace {

// Words of values.
std::uint64_t word_of(MemberIndex member) { return member.valid() ? member.value + 1 : 0; }
MemberIndex member_in(std::uint64_t word) {
  return word == 0 ? MemberIndex{} : MemberIndex{static_cast<std::uint32_t>(word - 1)};
}

StoreValue value_of(const MemberStatus& status) {
  const ServerStatus& server = status.server;
  const std::uint64_t flags =
      static_cast<std::uint64_t>(server.state) | (status.nofailover ? 1u << 8 : 0u) |
      (status.watchdog_failed ? 1u << 9 : 0u) |
      static_cast<std::uint64_t>(static_cast<std::uint32_t>(status.priority)) << 32;
  return {flags, server.timeline, server.received.value, server.replayed.value};
}

MemberStatus status_in(const StoreValue& value) {
  MemberStatus status;
  status.server.state = static_cast<ServerState>(value[0] & 0xff);
  status.nofailover = (value[0] >> 8 & 1) != 0;
  status.watchdog_failed = (value[0] >> 9 & 1) != 0;
  status.priority = static_cast<std::int32_t>(value[0] >> 32);
  status.server.timeline = static_cast<std::uint32_t>(value[1]);
  status.server.received = {value[2]};
  status.server.replayed = {value[3]};
  return status;
}

constexpr std::uint64_t asks_for_switchover = 1;
constexpr Duration default_patience = seconds(10);
constexpr Duration least_left = seconds(1);

ClusterView view_of(const StoreAnswer& answer, std::uint32_t members) {
  ClusterView view;
  const auto item = [&answer](StoreName name, std::uint32_t member = 0) {
    const std::uint32_t at = item_of(name, member);
    return at < answer.items.size() ? answer.items[at] : StoreItem{};
  };
  if (const StoreItem leader = item(StoreName::leader); leader.present) {
    view.leader = member_in(leader.value[0]);
  }
  const StoreItem status = item(StoreName::status);
  view.leader_position = {status.value[0]};
  view.timeline = static_cast<std::uint32_t>(status.value[1]);
  const StoreItem sync = item(StoreName::sync);
  view.sync_leader = member_in(sync.value[0]);
  view.sync_standbys = static_cast<MemberSet>(sync.value[1]);
  view.sync_quorum = static_cast<std::uint32_t>(sync.value[2]);
  view.sync_revision = sync.revision;
  view.failsafe = static_cast<MemberSet>(item(StoreName::failsafe).value[0]);
  if (const StoreItem failover = item(StoreName::failover); failover.present) {
    view.switchover = (failover.value[0] & asks_for_switchover) != 0;
    view.switchover_to = member_in(failover.value[1]);
  }
  view.paused = item(StoreName::config).value[0] != 0;
  view.promoted = item(StoreName::config).value[1] != 0;
  for (std::uint32_t i = 0; i < members; ++i) {
    const StoreItem member = item(StoreName::member, i);
    if (!member.present) continue;
    view.alive |= set_of({i});
    view.members[i] = status_in(member.value);
  }
  return view;
}

StoreCommand put(GroupId shard, StoreName name, const StoreValue& value) {
  StoreCommand command;
  command.operation = StoreOperation::put;
  command.key = {shard.value, name, 0};
  command.value = value;
  return command;
}

StoreCommand put(const Agent& agent, StoreName name, const StoreValue& value) {
  return put(agent.shard, name, value);
}

bool needs_lease(FailoverActionKind kind) {
  return kind == FailoverActionKind::acquire_leader || kind == FailoverActionKind::touch_member ||
         kind == FailoverActionKind::renew_leader;
}

StoreCommand keep_alive(const Agent& agent) {
  StoreCommand command;
  command.operation = StoreOperation::keep_alive;
  command.key.scope = agent.shard.value;
  command.lease = agent.lease;
  return command;
}

StoreCommand command_of(const Agent& agent, const FailoverAction& action) {
  switch (action.kind) {
    case FailoverActionKind::acquire_leader: {
      StoreCommand command = put(agent, StoreName::leader, {word_of(agent.member)});
      command.guard = StoreGuard::absent;
      command.lease = agent.lease;
      return command;
    }
    case FailoverActionKind::renew_leader:
      return keep_alive(agent);
    case FailoverActionKind::release_leader: {
      StoreCommand command = put(agent, StoreName::leader, {});
      command.operation = StoreOperation::remove;
      command.guard = StoreGuard::value;
      command.expected_value = {word_of(agent.member)};
      return command;
    }
    case FailoverActionKind::write_status:
      return put(agent, StoreName::status, {action.position.value, action.timeline});
    case FailoverActionKind::write_sync: {
      StoreCommand command =
          put(agent, StoreName::sync, {word_of(action.member), action.members, action.quorum});
      const bool is_new = agent.sync_revision == 0;
      command.guard = is_new ? StoreGuard::absent : StoreGuard::revision;
      command.expected = agent.sync_revision;
      return command;
    }
    case FailoverActionKind::touch_member: {
      StoreCommand command = put(agent, StoreName::member, value_of(action.status));
      command.key.member = agent.member.value;
      command.lease = agent.lease;
      return command;
    }
    case FailoverActionKind::write_failsafe:
      return put(agent, StoreName::failsafe, {action.members});
    case FailoverActionKind::delete_switchover: {
      StoreCommand command = put(agent, StoreName::failover, {});
      command.operation = StoreOperation::remove;
      return command;
    }
    case FailoverActionKind::write_switchover:
      return put(agent, StoreName::failover, {asks_for_switchover, word_of(action.member)});
    default:
      CHECK(false);
      __builtin_unreachable();
  }
}

// The leader key under a lease that was just granted.
StoreCommand write_key_anew(const Agent& agent, const FailoverAction& action) {
  StoreCommand command = put(agent, StoreName::leader, {word_of(agent.member)});
  command.guard = action.on ? StoreGuard::value_or_absent : StoreGuard::none;
  command.expected_value = command.value;
  command.lease = agent.lease;
  return command;
}

StoreCommand grant(const Agent& agent, Duration ttl) {
  StoreCommand command;
  command.operation = StoreOperation::grant;
  command.key.scope = agent.shard.value;
  command.ttl = ttl;
  return command;
}

// By its host's clock.
Duration patience_of(const World& world, const Agent& agent, const FailoverAction& action) {
  const Duration patience = action.patience > Duration{} ? action.patience : default_patience;
  return agent.node.valid() ? true_duration(world.node(agent.node), patience) : patience;
}

// What takes a key has what is left of its patience, each part of the rest all of it.
bool takes_key(const FailoverAction& action) {
  return action.kind == FailoverActionKind::renew_leader ||
         action.kind == FailoverActionKind::acquire_leader;
}

// Writes that come again in the next round are tried once.
bool is_tried_once(const FailoverAction& action, const StoreCommand& command) {
  const bool writes =
      command.operation == StoreOperation::put || command.operation == StoreOperation::remove;
  return writes && !takes_key(action) && action.kind != FailoverActionKind::write_sync;
}

void call(World& world, AgentId id, const FailoverAction& action, const StoreCommand& command,
          TimePoint begun) {
  const Agent& agent = world.control.agents[id.value];
  StoreRequest request;
  request.command = command;
  request.patience = patience_of(world, agent, action);
  if (takes_key(action)) request.patience = begun + request.patience - world.now();
  request.once = is_tried_once(action, command);
  const StoreCall number = ask_store(world, agent.store, request);
  world.control.store_uses.push_back({number, id, agent.life, action, begun});
}

// A client of its own for each: such a tool runs once.
void write_as_operator(World& world, std::uint32_t place, const StoreCommand& command,
                       std::uint32_t store = 0) {
  const std::uint64_t luck = world.control.operator_luck.bits();
  const StoreClientId client = add_store_client(world, place, {luck}, store);
  StoreRequest request;
  request.command = command;
  const LeaseStorePlan& plan = world.plan->lease_store;
  const std::uint32_t members = plan.end_of(store) - plan.first_of(store);
  request.patience = world.plan->control.store_timeout * members;
  ask_store(world, client, request);
}

// The agent's round is one thread: its member key comes after its position.
bool writes_status(const World& world, AgentId id) {
  const std::vector<StoreUse>& uses = world.control.store_uses;
  return std::any_of(uses.begin(), uses.end(), [id](const StoreUse& use) {
    return use.agent == id && use.action.kind == FailoverActionKind::write_status;
  });
}

void answer(World& world, AgentId id, const FailoverAction& action, FailoverEventKind kind) {
  FailoverEvent event;
  event.kind = kind;
  event.number = action.number;
  event.action = action.kind;
  tell_agent(world, id, event);
}

FailoverEventKind outcome_of(StoreOutcome outcome) {
  switch (outcome) {
    case StoreOutcome::ok:
      return FailoverEventKind::store_done;
    case StoreOutcome::compare_failed:
    case StoreOutcome::lease_gone:
      return FailoverEventKind::store_refused;
    case StoreOutcome::no_leader:
    case StoreOutcome::timed_out:
      return FailoverEventKind::store_failed;
  }
  CHECK(false);
  __builtin_unreachable();
}

// Nothing that takes a key is sent in the last second before the request is given up
// (update_leader timeout).
bool is_too_late(const World& world, const StoreUse& use) {
  const Agent& agent = world.control.agents[use.agent.value];
  return takes_key(use.action) &&
         world.now() + least_left > use.begun + patience_of(world, agent, use.action);
}

void note_done(Agent& agent, const FailoverAction& action, const StoreAnswer& answer) {
  const bool ok = answer.outcome == StoreOutcome::ok;
  switch (action.kind) {
    case FailoverActionKind::acquire_leader:
    case FailoverActionKind::renew_leader:
      agent.holds_leader_key = ok;
      if (ok) agent.leader_lease = agent.lease;
      return;
    case FailoverActionKind::release_leader:
      agent.holds_leader_key = agent.holds_leader_key && !ok;
      return;
    case FailoverActionKind::write_sync:
      if (ok) agent.sync_revision = answer.revision;
      return;
    default:
      return;
  }
}

// Before it writes a key under its lease a member keeps that alive, once in a loop_wait.
bool keeps_lease(const World& world, const Agent& agent, const FailoverAction& action) {
  const bool needs = action.kind == FailoverActionKind::touch_member ||
                     action.kind == FailoverActionKind::acquire_leader;
  const Duration loop_wait = with_adjusted_timeouts(world.plan->policy.failover.patroni).loop_wait;
  return needs && agent.lease_kept + loop_wait <= world.now();
}

// Under a lease, where it needs one.
void use_store(World& world, AgentId id, const FailoverAction& action, TimePoint begun) {
  const Agent& agent = world.control.agents[id.value];
  if (action.kind == FailoverActionKind::read_store) {
    const StoreCall number = read_view(world, agent.store, patience_of(world, agent, action));
    return world.control.store_uses.push_back({number, id, agent.life, action, begun});
  }
  if (needs_lease(action.kind) && agent.lease == 0) {
    const Duration ttl =
        action.ttl > Duration{} ? action.ttl : lease_ttl(world.plan->policy.failover);
    return call(world, id, action, grant(agent, ttl), begun);
  }
  if (keeps_lease(world, agent, action)) return call(world, id, action, keep_alive(agent), begun);
  call(world, id, action, command_of(agent, action), begun);
}

void hear_answer(World& world, const StoreAnswer& heard) {
  std::vector<StoreUse>& uses = world.control.store_uses;
  const auto at = std::find_if(uses.begin(), uses.end(),
                               [&](const StoreUse& use) { return use.call == heard.call; });
  if (at == uses.end()) return;
  const StoreUse use = *at;
  uses.erase(at);
  Agent& agent = world.control.agents[use.agent.value];
  if (use.life != agent.life || !agent.running) return;
  if (use.action.kind == FailoverActionKind::write_status && agent.touch_waits) {
    const FailoverAction touch = *std::exchange(agent.touch_waits, std::nullopt);
    use_store(world, use.agent, touch);
  }
  const bool ok = heard.outcome == StoreOutcome::ok;
  const bool granted = heard.command.operation == StoreOperation::grant;
  if (granted && !ok) return answer(world, use.agent, use.action, outcome_of(heard.outcome));
  if (granted) agent.lease = heard.lease;
  const bool keeps = heard.command.operation == StoreOperation::keep_alive;
  if (granted || (keeps && ok)) agent.lease_kept = world.now();
  if (heard.outcome == StoreOutcome::lease_gone) {
    agent.lease = 0;
    agent.holds_leader_key = false;
    if (is_too_late(world, use)) {
      return answer(world, use.agent, use.action, FailoverEventKind::store_failed);
    }
    return use_store(world, use.agent, use.action, use.begun);
  }
  const bool renews = use.action.kind == FailoverActionKind::renew_leader;
  const bool is_renewed = renews && agent.leader_lease == agent.lease;
  if (granted || (keeps && ok && !is_renewed)) {
    if (is_too_late(world, use)) {
      return answer(world, use.agent, use.action, FailoverEventKind::store_failed);
    }
    return call(world, use.agent, use.action,
                renews ? write_key_anew(agent, use.action) : command_of(agent, use.action),
                use.begun);
  }
  note_done(agent, use.action, heard);
  if (use.action.kind != FailoverActionKind::read_store || !ok) {
    return answer(world, use.agent, use.action, outcome_of(heard.outcome));
  }
  FailoverEvent event;
  event.kind = FailoverEventKind::store_view;
  event.number = use.action.number;
  event.action = use.action.kind;
  event.view = view_of(
      heard, static_cast<std::uint32_t>(world.plan->groups[agent.shard.value].members.size()));
  agent.sync_revision = event.view.sync_revision;
  agent.leader_lease = heard.items[item_of(StoreName::leader)].lease;
  tell_agent(world, use.agent, event);
}

void hear_notice(World& world, const StoreNotice& notice) {
  const bool is_status = notice.key.name == StoreName::status;
  if (notice.key.name != StoreName::leader && !is_status) return;
  for (std::uint32_t i = 0; i < world.control.agents.size(); ++i) {
    const Agent& agent = world.control.agents[i];
    if (agent.store != notice.client || !agent.running || agent.holds_leader_key) continue;
    FailoverEvent event;
    event.kind = notice.item.present ? FailoverEventKind::leader_key_set
                                     : FailoverEventKind::leader_key_gone;
    if (is_status) event.kind = FailoverEventKind::leader_status_set;
    if (notice.item.present && !is_status) event.member = member_in(notice.item.value[0]);
    return tell_agent(world, {i}, event);
  }
}

}  // namespace

void use_store(World& world, AgentId id, const FailoverAction& action) {
  Agent& agent = world.control.agents[id.value];
  const bool is_touch = action.kind == FailoverActionKind::touch_member;
  if (is_touch && writes_status(world, id)) {
    agent.touch_waits = action;
    return;
  }
  use_store(world, id, action, world.now());
}

void ask_for_switchover(World& world, GroupId shard, std::uint32_t place, MemberIndex member) {
  write_as_operator(world, place,
                    put(shard, StoreName::failover, {asks_for_switchover, word_of(member)}));
}

void set_paused(World& world, GroupId shard, std::uint32_t place, bool paused) {
  write_as_operator(world, place, put(shard, StoreName::config, {paused ? 1u : 0u}));
}

void promote_standby_cluster(World& world) {
  const NodePlan& leader = world.plan->nodes[world.plan->standby_leader.value];
  write_as_operator(world, leader.place, put(leader.group, StoreName::config, {0, 1}), 1);
}

void open_store(World& world, AgentId id) {
  Agent& agent = world.control.agents[id.value];
  if (world.lease_store.members.empty()) return;
  if (!agent.store.valid()) {
    const StreamKey key = stream(world.plan->seed, "agent/store/" + std::to_string(id.value));
    const bool second =
        agent.node.valid() && world.plan->nodes[agent.node.value].in_standby_cluster;
    agent.store = add_store_client(world, agent.place, key, second ? 1 : 0);
  }
  const PatroniConfig patroni = with_adjusted_timeouts(world.plan->policy.failover.patroni);
  watch_store(world, agent.store, agent.shard.value, patroni.retry_timeout);
}

void close_store(World& world, AgentId id) {
  Agent& agent = world.control.agents[id.value];
  if (!agent.store.valid()) return;
  drop_store_client(world, agent.store);
  std::erase_if(world.control.store_uses, [id](const StoreUse& use) { return use.agent == id; });
  agent.lease = 0;
  agent.sync_revision = 0;
  agent.holds_leader_key = false;
  agent.touch_waits.reset();
}

void hear_store(World& world, const StoreNews& news) {
  if (news.answer) hear_answer(world, *news.answer);
  if (news.notice) hear_notice(world, *news.notice);
}

}  // namespace longhaul
