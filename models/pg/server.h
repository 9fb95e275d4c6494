// The life of a server process: it stops, silently or not, and starts again.
//
// A crash ends every process of the server while its host lives on: the host answers with resets,
// so clients and peers know half a round trip later, and what the network has of its log and of its
// answers still arrives. The loss of a node ends the host too: nobody is told, what is sent to it
// vanishes, and what it sent and is under way is lost with it: measured, the loss of a node costs
// the one-way delay's worth of commits, the death of its processes none. Both lose what the
// processes had in memory; a lost node also loses what was written and not flushed. Connections
// that outlive a lost node in its clients' memory are reset when it is back.
//
// What a start takes, and what a primary finds of its log: models/pg/crash_recovery.h. A server
// without data does not start, nor one whose disk is full. Shutting down in order:
// models/pg/shutdown.h.
#pragma once

#include "models/world.h"

namespace longhaul {

void stop_server(World& world, NodeId node, Liveness how);  // stopped or vanished
void start_server(World& world, NodeId node);

// A lost host is back; its server is down. Peers of its old connections are reset.
void return_host(World& world, NodeId node);

// The sessions of a server end: what they run, hold and wait for. Silently: with its host.
void end_backends(World& world, NodeId node, bool silent);

// Every instance that talks to the server learns that its connections are gone.
void reset_connections(World& world, NodeId node);

// Whether an event for a node goes to waste: the node is down, or the event stems from the work of
// an earlier life. What the event stood for is dealt with.
bool wasted(World& world, const Event& event);

void connections_reset(World& world, const Event& event);  // connections_reset

}  // namespace longhaul
