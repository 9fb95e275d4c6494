#include "models/control/commands.h"

#include <algorithm>

#include "models/control/agents.h"
#include "models/control/pooler_pause.h"
#include "models/control/server_view.h"
#include "models/control/store_client.h"
#include "models/net/messages.h"
#include "policy/failover/durations.h"

namespace longhaul {
namespace {

constexpr Bytes command_size{300};

void tell(World& world, std::uint32_t place, AgentId to, const FailoverEvent& event) {
  const Agent& agent = world.control.agents[to.value];
  post(world, {.kind = EventKind::news_at_agent,
               .target = target_of(to),
               .slot = world.control.mail.take({to, agent.life, {}, event, AgentId::none()}),
               .path = world.plan->path(place, agent.place),
               .size = command_size,
               .luck = world.control.operator_luck.bits(),
               .purpose = Traffic::probes});
}

FailoverEvent order(OperatorCommand command, MemberIndex member) {
  FailoverEvent event;
  event.kind = FailoverEventKind::command;
  event.command = command;
  event.member = member;
  return event;
}

// The controllers of a shard, or the agents beside its servers where there are none.
void tell_all(World& world, GroupId shard, std::uint32_t place, const FailoverEvent& event,
              std::optional<FailoverActionKind> stops_after = {}) {
  const bool controllers = places_of(world.plan->policy.failover.manager).controllers;
  for (std::uint32_t i = 0; i < world.control.agents.size(); ++i) {
    Agent& agent = world.control.agents[i];
    if (agent.shard != shard || agent.node.valid() == controllers) continue;
    agent.stops_after = stops_after;
    tell(world, place, {i}, event);
  }
}

// What the old primary is made to stop with.
std::optional<FailoverActionKind> last_order(const FaultPlan& fault) {
  if (!fault.stops_after) return std::nullopt;
  if (*fault.stops_after == OperatorStep::promote) return FailoverActionKind::promote;
  const bool is_planned = fault.kind != FaultKind::failover;
  return is_planned ? FailoverActionKind::stop : FailoverActionKind::fence;
}

// patronictl.
void write_store(World& world, GroupId shard, const FaultPlan& fault, OperatorCommand command,
                 MemberIndex member) {
  const bool pauses = command == OperatorCommand::pause || command == OperatorCommand::resume;
  if (pauses) {
    return set_paused(world, shard, fault.place, command == OperatorCommand::pause);
  }
  ask_for_switchover(world, shard, fault.place, member);
}

void order_shard(World& world, GroupId shard, const FaultPlan& fault, OperatorCommand command) {
  const FailoverManager manager = world.plan->policy.failover.manager;
  const bool judges = command == OperatorCommand::approve || command == OperatorCommand::reject;
  const bool pauses = command == OperatorCommand::pause || command == OperatorCommand::resume;
  if (judges) std::erase(world.control.approvals, shard);
  NodeId to = fault.node;
  if (command == OperatorCommand::fail_back && to.valid()) command = OperatorCommand::switchover;
  const bool goes_home = command == OperatorCommand::fail_back && !to.valid();
  if (goes_home) to = world.plan->groups[shard.value].primary;
  const MemberIndex member = to.valid() ? member_of(world, to) : MemberIndex{};
  const FailoverEvent event = order(command, member);
  if (manager == FailoverManager::patroni && !judges) {
    write_store(world, shard, fault, command, member);
    if (command == OperatorCommand::resume) tell_all(world, shard, fault.place, event);
    return;
  }
  if (manager == FailoverManager::repmgr && !pauses) {
    return tell(world, fault.place, world.control.agent_of_node[to.value], event);
  }
  tell_all(world, shard, fault.place, event, last_order(fault));
}

// Where the person works who is paged.
std::uint32_t desk(const World& world, GroupId shard) {
  const Plan& plan = *world.plan;
  if (!plan.controllers.empty()) return plan.controllers.front().place;
  return plan.nodes[plan.groups[shard.value].primary.value].place;
}

}  // namespace

OperatorCommand command_of(FaultKind kind, bool begins) {
  switch (kind) {
    case FaultKind::switchover:
      return OperatorCommand::switchover;
    case FaultKind::failback:
      return OperatorCommand::fail_back;
    case FaultKind::failover:
      return OperatorCommand::failover;
    case FaultKind::pause_failover:
      return begins ? OperatorCommand::pause : OperatorCommand::resume;
    case FaultKind::resume_failover:
      return OperatorCommand::resume;
    case FaultKind::approve:
      return OperatorCommand::approve;
    case FaultKind::reject:
      return OperatorCommand::reject;
    default:
      CHECK(false);
      __builtin_unreachable();
  }
}

void give_command(World& world, const FaultPlan& fault, bool begins) {
  for (std::uint32_t shard = 0; shard < world.plan->groups.size(); ++shard) {
    const bool concerns =
        !fault.node.valid() || world.plan->nodes[fault.node.value].group == GroupId{shard};
    if (!concerns) continue;
    if (fault.pause_poolers) {
      begin_pooler_pause(world, fault, {shard});
    } else {
      command_shard(world, {shard}, fault, begins);
    }
  }
}

void command_shard(World& world, GroupId shard, const FaultPlan& fault, bool begins) {
  order_shard(world, shard, fault, command_of(fault.kind, begins));
}

void page_person(World& world, AgentId id, FailoverReason reason) {
  const FailoverConfig& failover = world.plan->policy.failover;
  const bool by_hand = failover.guards.across_regions == AcrossRegions::by_hand;
  if (reason != FailoverReason::awaits_approval || !by_hand) return;
  const GroupId shard = world.control.agents[id.value].shard;
  std::vector<GroupId>& approvals = world.control.approvals;
  if (std::find(approvals.begin(), approvals.end(), shard) != approvals.end()) return;
  approvals.push_back(shard);
  const Duration takes = pick(failover.guards.approval, world.control.operator_luck.bits());
  world.scheduler.after(takes, EventClass::control, target(TargetKind::run, 0),
                        static_cast<std::uint16_t>(EventKind::approval_due), 0, shard.value);
}

namespace {

void approval_due(World& world, const Event& event) {
  const GroupId shard{static_cast<std::uint32_t>(event.arg)};
  if (std::erase(world.control.approvals, shard) == 0) return;  // somebody was faster
  tell_all(world, shard, desk(world, shard), order(OperatorCommand::approve, {}));
}

}  // namespace

void operator_due(World& world, const Event& event) {
  const bool is_person = static_cast<EventKind>(event.kind) == EventKind::approval_due;
  return is_person ? approval_due(world, event) : poolers_due(world, event);
}

bool ends_attempt(World& world, AgentId id, const FailoverEvent& event) {
  Agent& agent = world.control.agents[id.value];
  const bool is_over = event.kind == FailoverEventKind::operation_done ||
                       event.kind == FailoverEventKind::operation_failed;
  if (!is_over || agent.stops_after != event.action) return false;
  agent.stops_after.reset();
  return true;
}

}  // namespace longhaul
