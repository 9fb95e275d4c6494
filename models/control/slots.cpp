#include "models/control/slots.h"

#include "models/control/server_view.h"

namespace longhaul {

void keep_slots(World& world, AgentId id, MemberSet members) {
  world.control.agents[id.value].slots = members;
}

bool has_slot(const World& world, NodeId upstream, NodeId standby) {
  if (world.control.agents.empty()) return true;
  const AgentId agent = world.control.agent_of_node[upstream.value];
  const bool foreign = world.plan->nodes[upstream.value].in_standby_cluster !=
                       world.plan->nodes[standby.value].in_standby_cluster;
  if (!agent.valid() || foreign) return true;
  return contains(world.control.agents[agent.value].slots, member_of(world, standby));
}

}  // namespace longhaul
