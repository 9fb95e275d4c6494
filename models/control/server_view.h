// A PostgreSQL server as those who manage it find it: what pg_isready, pg_controldata and a query
// would say at this moment, in the words of policy/failover.
#pragma once

#include "models/world.h"

namespace longhaul {

ServerState server_state(const World& world, NodeId node);
ServerStatus status_of(const World& world, NodeId node);
bool takes_connections(const World& world, NodeId node);

// Member `member` of an agent's shard, and a node's number in its shard.
NodeId node_of(const World& world, const Agent& agent, MemberIndex member);
MemberIndex member_of(const World& world, NodeId node);

}  // namespace longhaul
