#include "models/control/health_check.h"

#include "models/control/agents.h"
#include "models/control/server_view.h"

namespace longhaul {

bool is_found_primary(const World& world, NodeId node) {
  const ServerStatus server = status_of(world, node);
  const Control& control = world.control;
  if (!control.agents.empty() && control.agent_of_node[node.value].valid()) {
    const Agent& agent = control.agents[control.agent_of_node[node.value].value];
    const auto answer = answers_as_primary(agent.machine, time_of(world, agent), server);
    if (answer) return agent.running && *answer;
  }
  return server.state == ServerState::primary;
}

}  // namespace longhaul
