// What agents and controllers ask of members and their servers, over the network.
//
// A question takes control.poll_round_trips and is answered by whoever is asked: a server that
// takes connections (probe_server), an agent that runs (poll_member). A host whose process does not
// run refuses at once; a host that is gone, or behind a cut, says nothing. The agent's own server
// answers without the network.
#pragma once

#include "models/world.h"

namespace longhaul {

// check_server, probe_server, poll_member.
void ask(World& world, AgentId agent, const FailoverAction& action);

// poll_voter: another controller.
void ask_voter(World& world, AgentId agent, const FailoverAction& action);

// tell_member, report_node, answer_node: a message that is not answered.
void send_message(World& world, AgentId agent, const FailoverAction& action);

void question_at_member(World& world, const Event& event);  // question_at_member
void news_at_agent(World& world, const Event& event);       // news_at_agent

}  // namespace longhaul
