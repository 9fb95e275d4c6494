// What operators order of a failover manager: the faults switchover, failback, failover,
// pause_failover, resume_failover, approve and reject; and the person who is paged to approve a
// promotion into another region (policy.failover.guards.across_regions: by_hand).
//
// How a command gets there depends on the manager:
//
//   Patroni             patronictl writes the switchover, or the pause, to the lease store; the
//                       leader finds it in its next round. What answers a team's guards and not
//                       Patroni's rules, an approval or the end of `frozen`, goes to every agent.
//   repmgr              `repmgr service pause` and `unpause` reach every daemon; a switchover or a
//                       promotion is ordered beside the server that takes over
//   a controller        is told, each voter by itself; one that does not run hears nothing
//
// A message travels from where the operator works; what is lost is sent again as TCP does, and what
// is refused the operator does not try again. A failback goes to the server that was the primary
// first. Commands that a manager does not know are errors of the scenario (understands()).
//
// stops_after: the operator's terminal dies when the named step is over, done or not; the attempt
// is called off there, in the state that the world has got into.
//
// by_hand: the page of a manager that awaits approval begins the person's policy.failover.guards.
// approval, and then all agents of the shard are told. A fault approves or rejects sooner.
//
// Sources: Patroni ctl.py; repmgr-service-pause. Left out: that patronictl asks the leader's REST
// API first, which saves up to loop_wait before the switchover begins; scheduled commands.
#pragma once

#include "models/world.h"

namespace longhaul {

// What is ordered when a fault that is a command begins, or ends.
OperatorCommand command_of(FaultKind kind, bool begins);

// A fault that is a command begins, or the pause that it is ends. A switchover may have PgBouncers
// paused first: models/control/pooler_pause.h.
void give_command(World& world, const FaultPlan& fault, bool begins);

// Orders it for one shard.
void command_shard(World& world, GroupId shard, const FaultPlan& fault, bool begins);

// An agent pages somebody.
void page_person(World& world, AgentId agent, FailoverReason reason);
void operator_due(World& world, const Event& event);  // approval_due, poolers_due

// Something has happened to an agent: whether its operator's terminal is gone with it.
bool ends_attempt(World& world, AgentId agent, const FailoverEvent& event);

}  // namespace longhaul
