// The life of a server process: it stops, silently or not, and starts again.
//
// A crash ends every process of the server while its host lives on: the host answers with resets,
// so clients and peers know half a round trip later. The loss of a node ends the host too: nobody
// is told, and what is sent to it vanishes. Both lose what the processes had in memory; a lost node
// also loses what was written and not flushed. Connections that outlive a lost node in its clients'
// memory are reset when it is back.
//
// A server without data does not start.
//
// Left out: crash recovery (a server that starts again is consistent at once and has kept what it
// had replayed).
#pragma once

#include "models/world.h"

namespace longhaul {

void stop_server(World& world, NodeId node, Liveness how);  // stopped or vanished
void start_server(World& world, NodeId node);

// Whether an event for a node goes to waste: the node is down, or the event stems from the work of
// an earlier life. What the event stood for is dealt with.
bool wasted(World& world, const Event& event);

void connections_reset(World& world, const Event& event);  // connections_reset

}  // namespace longhaul
