// What a load balancer finds when it checks which server is the primary.
//
// Patroni's agents serve HTTP, and GET /primary says whether the agent holds the leader key: an
// agent that is dead refuses the connection, whatever its server is. Where no agent serves HTTP the
// check asks the server itself, by pg_is_in_recovery() or a script beside it.
//
// Sources: Patroni REST API, haproxy.cfg. Left out: what the check costs the host.
#pragma once

#include <optional>

#include "models/world.h"

namespace longhaul {

// Whether the check of a node succeeds; its host answers.
bool is_found_primary(const World& world, NodeId node);

// What the manager answers to GET /primary; nothing: it does not serve HTTP.
std::optional<bool> answers_as_primary(const Manager& manager, TimePoint now,
                                       const ServerStatus& server);

}  // namespace longhaul
