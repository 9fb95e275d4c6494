// Operations on servers that managers order: promote, stop, start, rewind, rebuild, settings, and
// what is done to a server or its clients from outside.
//
// An order to the agent's own server begins at once. One to another host takes
// control.order_round_trips, and fails after control.order_timeout when it has not got there by
// then. It ends with operation_done when the server is in the state that was asked for, or with
// operation_failed and a reason. Several orders to one server run beside one another, as commands
// of a shell would: what contradicts, fails.
#pragma once

#include "models/world.h"

namespace longhaul {

void give_order(World& world, AgentId agent, const FailoverAction& action);
void order_at_member(World& world, const Event& event);  // order_at_member
void order_due(World& world, const Event& event);        // order_due: a deadline, or fencing's end

// Orders that the present state of a server fulfils, or makes impossible, are answered.
void finish_orders(World& world, NodeId node);

// Nobody waits for what an agent had ordered; it goes on nevertheless.
void forget_orders(World& world, AgentId agent);

// A watchdog resets the host: all its processes die, and it is back after control.host_restart.
void reset_host(World& world, NodeId node);

// A host, or what kept its server from running, is back: whoever starts servers there does.
void bring_back(World& world, NodeId node);

void host_returns(World& world, const Event& event);  // host_returns

}  // namespace longhaul
