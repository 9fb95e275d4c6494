// The simulated host of failover managers (policy/failover): it runs an agent beside each server,
// or controllers elsewhere, carries out what they order and brings back what they asked for. It
// decides nothing: there is no `if` about lag, role or quorum here.
//
//   observations   models/control/requests.h   over the network, answered or not
//   lease store    models/control/store_client.h
//   operations     models/control/orders.h     on a server, one at a time
//   the rest       here: notes for the record, the watchdog
//
// An agent dies with its host and starts anew with it, knowing nothing; the fault kill_agent ends
// it alone. What it had asked for in an earlier life comes to nothing. An agent on a host that
// stands still (vm_stall) finds its timers due when the host goes on.
//
// Left out: the agent's own use of processor and disk; what an agent keeps on disk.
#pragma once

#include "models/world.h"

namespace longhaul {

// The managers of a new world begin, where policy.failover names one.
void start_agents(World& world);

void agent_due(World& world, const Event& event);     // agent_due: next_deadline() of its manager
void agent_starts(World& world, const Event& event);  // agent_starts
void watchdog_due(World& world, const Event& event);  // watchdog_due
// A host goes on that stood still: its watchdog is the kernel's, and bites before any process runs.
void check_watchdog(World& world, NodeId node);

// Something has happened that a manager is to know; its orders are carried out. Not from within one
// of its own orders: those are answered by answer_later().
void tell_agent(World& world, AgentId agent, const FailoverEvent& event);

// The same at this instant, when what goes on now is over.
void answer_later(World& world, AgentId agent, const FailoverEvent& event, Duration after = {});

void agent_told(World& world, const Event& event);  // agent_told; arg mail

// The process of an agent ends, or is started again.
void stop_agent(World& world, AgentId agent);
void start_agent(World& world, AgentId agent);

// The agent beside a server is killed, and started again. Faults nest; no agent: nothing happens.
void kill_agent(World& world, NodeId node);
void revive_agent(World& world, NodeId node);

// What its machine takes for the time: its host's clock, which never goes back for it.
TimePoint time_of(const World& world, const Agent& agent);

// The clock of a host is set, or runs otherwise: models/pg/clocks.h.
void set_clock(World& world, NodeId node, Duration by);
void set_drift(World& world, NodeId node, std::int64_t more_ppm);

// The state of a server has changed: it has stopped, started, been promoted, rewound, ...
void server_changed(World& world, NodeId node);

inline constexpr std::uint32_t target_of(AgentId id) { return target(TargetKind::agent, id.value); }

}  // namespace longhaul
