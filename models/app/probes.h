// The probes of an app instance: what its router and breakers learn, late and sampled.
//
// Every probe_interval, from a drawn phase on, an instance asks each database for its role, its
// position and (a replica) its lag, on a connection of its own. Figures are taken when the probe is
// at the server and judged when the answer is back.
//
// Where lag_source is a column of pg_stat_replication, replicas are not asked: one question to each
// node that others stream from brings position and lag of all of those, as old as their last reply.
// When that node does not answer, the probes of all of them have failed; so has the probe of a
// replica without a row.
#pragma once

#include "models/world.h"

namespace longhaul {

void begin_probing(World& world, InstanceId instance);

void probe_due(World& world, const Event& event);       // probe_due
void probe_at_node(World& world, const Event& event);   // probe_at_node
void probe_at_app(World& world, const Event& event);    // probe_at_app
void probe_deadline(World& world, const Event& event);  // probe_deadline
void policy_due(World& world, const Event& event);      // policy_due

// The run is over: breakers that are still open count with the time until now.
void note_open_breakers(World& world, TimePoint now);

// What a server answers when asked for its role, position and lag.
Observation observe(const World& world, NodeId node, LagSource source);

// What an upstream answers about one of its standbys: a source with asks_upstream().
Observation observe_standby(const World& world, const WalStream& stream, LagSource source);

// The answer to a probe, with its rows, is not needed any more.
void release_answer(World& world, std::uint32_t slot);

}  // namespace longhaul
