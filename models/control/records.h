// What managers did, for the report: when each phase began, whom they judged and how, whom they
// promoted. Nothing here is seen by a manager.
#pragma once

#include "models/world.h"

namespace longhaul {

// phase, candidate, refuse, page_operator.
void note_action(World& world, AgentId agent, const FailoverAction& action);

// Somebody promotes a server; no agent: an operator of the scenario.
void note_promotion(World& world, NodeId node, AgentId agent, FailoverReason reason);

// An app's instance has seen that a server is the primary.
void note_rerouting(World& world, InstanceId instance, NodeId node);

// The state of a server has changed: a promotion may be over.
void note_server(World& world, NodeId node);

}  // namespace longhaul
