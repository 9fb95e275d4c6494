// The replication slots that Patroni makes for the members of its cluster.
//
// A standby names the slot of its own name (primary_slot_name), and its upstream refuses to stream
// without it: the standby asks again wal_retrieve_retry_interval later. The agent of a server makes
// the slots and drops them (policy/failover/patroni.h). One in use cannot be dropped: who streams
// goes on, and is refused when it comes again. Left out: the log that they keep, but for `slot` of
// a node (models/pg/retention.h); that a server that was built anew or rewound has none of its old
// ones; the slot of a standby cluster's leader at its source, which its configuration names.
//
// Source: Patroni postgresql/slots.py (_drop_incorrect_slots, _ensure_physical_slots), config.py
// (primary_slot_name); PostgreSQL walsender.c (StartReplication).
#pragma once

#include "models/world.h"

namespace longhaul {

// The server of an agent has them for these members from now on.
void keep_slots(World& world, AgentId agent, MemberSet members);

// Whether a server lets a standby stream, as far as its slots go. Always without Patroni.
bool has_slot(const World& world, NodeId upstream, NodeId standby);

}  // namespace longhaul
